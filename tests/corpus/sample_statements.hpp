#pragma once

#include <querytap/base/dialect.hpp>

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace querytap::testing {

/// What every literal of a sample holds.
inline constexpr std::string_view planted = "5EC2E7";

/// What the samples need.
[[nodiscard]] std::vector<std::string> sample_schema();

/// Statements that a server of that dialect takes: each form of them with each form of literal.
[[nodiscard]] std::vector<std::string> sample_statements(dialect rules);

/// Each sanitised sample, with values in the place of its `?`, that the server does not take, or
/// that still holds what was planted; one line for each. Empty where all is well.
[[nodiscard]] std::string refused(dialect rules,
                                  const std::function<bool(const std::string& sql)>& takes);

}  // namespace querytap::testing
