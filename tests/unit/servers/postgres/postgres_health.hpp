#pragma once

#include <querytap/decorators/postgres.hpp>
#include <querytap/servers/postgres/postgres_probe.hpp>
#include <querytap/servers/postgres/postgres_write_probe.hpp>

#include <fmt/format.h>

#include <chrono>
#include <string>
#include <string_view>

namespace querytap::testing {

/// `pass`, or `fail: The server is full …` of the worst measurement.
inline std::string worst_of(const health_answer& answer) {
  const health_measurement* const worst = answer.worst();
  if (worst == nullptr) return "nothing was measured";
  if (worst->status == health_status::pass) return "pass";
  return fmt::format("{} {}: {}", worst->name, to_string(worst->status), worst->reason);
}

/// The same of one measurement, with its value where all is well.
inline std::string measured_as(const health_answer& answer, std::string_view name) {
  for (const health_measurement& measurement : answer.measurements) {
    if (measurement.name != name) continue;
    if (!measurement.reason.empty()) {
      return fmt::format("{}: {}", to_string(measurement.status), measurement.reason);
    }
    return measurement.value.has_value()
               ? fmt::format("{} {}", to_string(measurement.status), *measurement.value)
               : std::string{to_string(measurement.status)};
  }
  return "not measured";
}

template <class Probe>
health_answer look_at(Probe& probe,
                      std::chrono::milliseconds within = std::chrono::milliseconds{5000}) {
  return probe.look(std::chrono::steady_clock::now() + within);
}

}  // namespace querytap::testing
