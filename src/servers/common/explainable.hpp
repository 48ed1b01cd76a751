#pragma once

#include <querytap/snapshot/call_report.hpp>

#include <string_view>

namespace querytap::detail {

/// The statement's text if it may be explained. Throws plan_error for any statement other than
/// SELECT, INSERT, UPDATE, DELETE, MERGE, REPLACE, VALUES, TABLE and WITH, and for a text that was cut.
[[nodiscard]] std::string_view explainable(const call_report& call);

}  // namespace querytap::detail
