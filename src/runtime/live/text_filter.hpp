#pragma once

#include "../../base/ascii.hpp"

#include <algorithm>
#include <string_view>

namespace querytap::detail {

/// Whether a text has a part, of ASCII in whatever case; every text has the empty part.
[[nodiscard]] constexpr bool contains_ignoring_case(std::string_view text,
                                                    std::string_view part) noexcept {
  const auto same = [](char a, char b) { return ascii_lower(a) == ascii_lower(b); };
  return part.empty() ||
         std::search(text.begin(), text.end(), part.begin(), part.end(), same) != text.end();
}

}  // namespace querytap::detail
