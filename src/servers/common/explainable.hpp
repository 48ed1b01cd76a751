#pragma once

#include <querytap/snapshot/call_report.hpp>

#include <string>
#include <string_view>

namespace querytap::detail {

/// The statement's text if it may be explained. Throws plan_error for any statement other than
/// SELECT, INSERT, UPDATE, DELETE and WITH, and for a text that was cut.
[[nodiscard]] std::string_view explainable(const call_report& call);

/// A sanitised text with PostgreSQL's parameters `$1`, `$2`, … in place of each `?`; `date ?`
/// becomes `$1::date`.
[[nodiscard]] std::string with_parameters(std::string_view sanitised);

}  // namespace querytap::detail
