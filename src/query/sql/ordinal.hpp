#pragma once

#include <string_view>

namespace querytap::detail {

/// Whether a sanitised text that ends in a comma or an open bracket ends within the list of a GROUP BY
/// or ORDER BY, outside of all brackets of that list except those of `cube(1, 2)` and the like: a
/// number of its own behind it is then the place of a column.
///
/// Cost     one pass back to the word BY.
[[nodiscard]] bool ends_in_by_list(std::string_view written) noexcept;

/// Whether an item of such a list may end before this word; an empty word is none.
[[nodiscard]] bool may_follow_by_item(std::string_view word) noexcept;

/// Whether the digits can be the place of a column: no server takes more than some thousand columns.
[[nodiscard]] bool is_place_of_column(std::string_view digits) noexcept;

}  // namespace querytap::detail
