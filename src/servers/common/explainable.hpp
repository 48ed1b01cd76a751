#pragma once

#include <querytap/snapshot/call_report.hpp>

#include <string>
#include <string_view>

namespace querytap::detail {

/// The statement's text as it may be explained. Throws plan_error for what is no SELECT, INSERT, UPDATE,
/// DELETE or WITH, and for a text that was cut.
[[nodiscard]] std::string_view explainable(const call_report& call);

/// The same with PostgreSQL's parameters `$1`, `$2`, … where its values were, of which the text keeps
/// no more than `?`; `date ?` becomes `$1::date`.
[[nodiscard]] std::string with_parameters(std::string_view sanitised);

}  // namespace querytap::detail
