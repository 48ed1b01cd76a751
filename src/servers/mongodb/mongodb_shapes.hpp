#pragma once

#include "mongodb_document.hpp"

#include <querytap/snapshot/source_report.hpp>

#include <cstddef>
#include <string>
#include <vector>

namespace querytap::detail {

/// The command behind a shape of $queryStats, as the application sent it: `{"find": "users", "filter": …}`.
/// The shape writes each equality as `{"$eq": "?string"}`. Empty for what is no shape.
[[nodiscard]] std::string command_of_shape(const std::string& query_shape);

/// The statements of the entries of $queryStats: those of one shape and database added up, those that took longest
/// first, so many at most.
[[nodiscard]] std::vector<server_statement> statements_of_shapes(
    const std::vector<mongodb_document>& entries, std::size_t limit);

}  // namespace querytap::detail
