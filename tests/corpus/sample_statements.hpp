#pragma once

#include <querytap/base/dialect.hpp>
#include <querytap/query/quoting.hpp>

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace querytap::testing {

/// Every literal of a sample holds it.
inline constexpr std::string_view planted = "5EC2E7";

/// The tables that the samples need.
[[nodiscard]] std::vector<std::string> sample_schema();

/// Statements that a server of that dialect accepts under these settings, which MySQL alone has:
/// each form of statement with each form of literal.
[[nodiscard]] std::vector<std::string> sample_statements(dialect dialect,
                                                         const quoting& quotes = {});

/// One line for each sanitised sample that the server refuses with values in the place of its `?`,
/// or that still holds `planted`. Empty where all is well.
[[nodiscard]] std::string refused(dialect dialect,
                                  const std::function<bool(const std::string& sql)>& accepts,
                                  const quoting& quotes = {});

}  // namespace querytap::testing
