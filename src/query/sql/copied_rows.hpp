#pragma once

#include "lexer.hpp"

namespace querytap::detail {

/// Behind the rows of `copy … from stdin;` that stand on the lines behind it, as scripts for psql have
/// them, up to the line that ends them. Null where the statement from `begin` to `stop` has none.
[[nodiscard]] const char* past_copied_rows(const sql_lexer& lexer, const char* begin,
                                           const char* stop) noexcept;

}  // namespace querytap::detail
