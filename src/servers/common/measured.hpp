#pragma once

#include <querytap/snapshot/health_report.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace querytap::detail {

/// From where on a value is not well.
struct health_limits {
  std::optional<double> warn = {};
  std::optional<double> fail = {};
};

/// How large a value is, where a large one is bad. `sentence` and `advice` are for a value that is not
/// well: they have the numbers in words.
[[nodiscard]] health_measurement measured(std::string_view name, double value,
                                          std::string_view unit, const health_limits& limits,
                                          std::string_view sentence, std::string_view advice);

/// Something that is so or not. `sentence` and `advice` are for what is not.
[[nodiscard]] health_measurement verified(std::string_view name, bool is_well,
                                          health_status otherwise, std::string_view sentence,
                                          std::string_view advice);

}  // namespace querytap::detail
