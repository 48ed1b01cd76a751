#pragma once

#include "../../query/text/sanitised_tokens.hpp"

#include <cstddef>
#include <span>
#include <vector>

namespace querytap::detail {

/// For each token the first token that stands for the same value: another than itself where an
/// expression of a GROUP BY, ORDER BY or PARTITION BY also stands elsewhere in the statement, as the
/// `?` of `select date_trunc(?, at) … group by date_trunc(?, at)`. A statement whose expressions
/// differed there would not be valid.
[[nodiscard]] std::vector<std::size_t> first_equal_tokens(std::span<const sql_token> tokens);

}  // namespace querytap::detail
