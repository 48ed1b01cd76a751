#pragma once

#include "keyword.hpp"

#include <cstdint>
#include <string_view>

namespace querytap::detail {

enum class token_kind : std::uint8_t { end, word, quoted_name, string, number, parameter, symbol };

struct token {
  std::string_view text;   ///< as written
  std::uint64_t hash = 0;  ///< of a word, a quoted name or a symbol, kinds kept apart
  token_kind kind = token_kind::end;
  char symbol = '\0';          ///< of a symbol of one character
  bool may_be_string = false;  ///< "x" in SQLite: a string where no column has that name
  keyword_traits word;         ///< of a bare word that is not part of a dotted name

  [[nodiscard]] bool is_symbol(char only) const noexcept { return symbol == only; }
  [[nodiscard]] bool is(keyword id) const noexcept { return word.id == id; }
};

}  // namespace querytap::detail
