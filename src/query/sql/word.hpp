#pragma once

#include "../text/keyword.hpp"
#include "../text/word_hash.hpp"

#include <cstdint>
#include <string_view>

namespace querytap::detail {

/// A bare word, or a name in quotes.
struct sql_word {
  std::string_view text;  ///< as written
  std::uint64_t hash = 0;
  const keyword_traits& traits = no_keyword;

  [[nodiscard]] bool is(keyword id) const noexcept { return traits.id == id; }
};

/// The keyword that a bare word is; of an empty text, none.
[[nodiscard]] inline keyword keyword_of(std::string_view word) noexcept {
  return word.empty() ? keyword::none : keywords[hash_of_text<letter_case::folded_word>(word)].id;
}

}  // namespace querytap::detail
