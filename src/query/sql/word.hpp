#pragma once

#include "../text/keyword.hpp"

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

}  // namespace querytap::detail
