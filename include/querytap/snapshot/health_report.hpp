#pragma once

#include <querytap/base/duration.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace querytap {

/// How well a component is, the worse the larger. `unknown`: nothing has been found out yet.
enum class health_status : std::uint8_t { unknown, pass, warn, fail };

[[nodiscard]] constexpr std::string_view to_string(health_status status) noexcept {
  switch (status) {
    case health_status::pass: return "pass";
    case health_status::warn: return "warn";
    case health_status::fail: return "fail";
    case health_status::unknown: break;
  }
  return "unknown";
}

/// What a component is needed for, as an orchestrator sees it.
enum class health_role : std::uint8_t {
  liveness,   ///< the process is of no use without it: restart the process
  readiness,  ///< requests cannot be answered without it: send them elsewhere
  optional,   ///< requests are answered, if less well
};

[[nodiscard]] constexpr std::string_view to_string(health_role role) noexcept {
  switch (role) {
    case health_role::liveness: return "liveness";
    case health_role::readiness: return "readiness";
    case health_role::optional: break;
  }
  return "optional";
}

/// One thing that a probe measured, and what it means.
struct health_measurement {
  std::string name = {};  ///< such as `replication_lag`: lower case, with underscores
  health_status status = health_status::pass;
  std::optional<double> value = {};
  std::string unit = {};             ///< of value and limit, in UCUM
  std::optional<double> limit = {};  ///< from where on the value is no longer well
  std::string reason = {};           ///< one sentence with the numbers; empty if all is well
  std::string advice = {};           ///< what to do; empty if all is well
};

/// What one look at a component found: the worst of its measurements is its status.
struct health_answer {
  std::vector<health_measurement> measurements = {};

  /// The worst measurement, of equals the first; null if there is none.
  [[nodiscard]] const health_measurement* worst() const noexcept {
    const health_measurement* found = nullptr;
    for (const health_measurement& measured : measurements) {
      if (found == nullptr || measured.status > found->status) found = &measured;
    }
    return found;
  }
};

/// The health of a component at one instant.
///
/// Threads  a plain value.
struct health_report {
  std::string component = {};
  std::string needed_for = {};
  health_role role = health_role::readiness;
  health_status status = health_status::unknown;
  std::chrono::system_clock::time_point since = {};  ///< since when the status is what it is
  std::string reason = {};                           ///< why it is so; empty if all is well
  std::string advice = {};
  std::vector<health_measurement> measurements = {};  ///< of the last answer
  std::chrono::system_clock::time_point time = {};    ///< of the last answer; epoch: there is none
  std::chrono::nanoseconds latency{};                 ///< of the last probe; 0: none was made
  /// True: the last answer is what the application's own calls show, and nothing was asked.
  bool is_passive = false;
  /// True: it fails and succeeds by turns, so that its status is held back.
  bool is_flapping = false;
  /// Since when a probe has been running that is past its time limit; epoch: none is.
  std::chrono::system_clock::time_point hanging_since = {};
};

}  // namespace querytap
