#pragma once

#include <querytap/servers/health_probe.hpp>

#include <algorithm>
#include <string>
#include <string_view>

namespace querytap::testing {

/// Each measurement, a line each: `used_share fail: 98.0 % of the space is used`.
[[nodiscard]] inline std::string health_text(const health_answer& answer) {
  std::string text;
  for (const health_measurement& measured : answer.measurements) {
    text += measured.name + ' ' + std::string{to_string(measured.status)};
    if (!measured.reason.empty()) text += ": " + measured.reason;
    text += '\n';
  }
  return text;
}

/// What is measured under the name; a measurement without a name if nothing is.
[[nodiscard]] inline health_measurement measurement_of(const health_answer& answer,
                                                       std::string_view name) {
  const auto found = std::ranges::find(answer.measurements, name, &health_measurement::name);
  return found == answer.measurements.end() ? health_measurement{} : *found;
}

/// Of the look: what is measured, or `error: ` and why nothing was.
[[nodiscard]] inline std::string look_text(health_probe& probe, std::chrono::nanoseconds limit) {
  try {
    return health_text(probe.look(std::chrono::steady_clock::now() + limit));
  } catch (const probe_error& error) {
    return std::string{"error: "} + error.what();
  }
}

}  // namespace querytap::testing
