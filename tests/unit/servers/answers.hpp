#pragma once

#include <querytap/servers/health_probe.hpp>

#include <string>
#include <string_view>

namespace querytap::testing {

[[nodiscard]] inline std::chrono::steady_clock::time_point within(std::chrono::nanoseconds limit) {
  return std::chrono::steady_clock::now() + limit;
}

/// `warn memory: the reason`, `pass`, or `error: what the probe threw`.
[[nodiscard]] inline std::string verdict(const health_answer& answer) {
  const health_measurement* const worst = answer.worst();
  if (worst == nullptr || worst->status == health_status::pass) return "pass";
  return std::string{to_string(worst->status)} + ' ' + worst->name + ": " + worst->reason;
}

[[nodiscard]] inline std::string verdict(health_probe& probe,
                                         std::chrono::nanoseconds limit = std::chrono::seconds{5}) {
  try {
    return verdict(probe.look(within(limit)));
  } catch (const probe_error& error) {
    return std::string{"error: "} + error.what();
  }
}

/// Null if there is no such measurement.
[[nodiscard]] inline const health_measurement* measurement_in(const health_answer& answer,
                                                              std::string_view name) {
  for (const health_measurement& each : answer.measurements) {
    if (each.name == name) return &each;
  }
  return nullptr;
}

}  // namespace querytap::testing
