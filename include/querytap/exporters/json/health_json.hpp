#pragma once

#include <querytap/base/duration.hpp>
#include <querytap/snapshot/health_report.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace querytap {

/// The status of a service by those of its components: the worst of those that requests need. One that they do not need
/// makes it `warn` at most. `unknown` as long as nothing is known of one that they need.
///
///     if (overall_health(health.reports()) == health_status::fail) …
[[nodiscard]] health_status overall_health(const std::vector<health_report>& reports) noexcept;

/// Health as `application/health+json`.
///
///     {"status": "warn", "serviceId": "chatbot", "time": "2026-01-31T12:00:00.000Z",
///      "output": "redis: the replication link is down",
///      "checks": {
///        "redis:responseTime": [
///          {"componentId": "redis", "status": "warn", "observedValue": 0.8, "observedUnit": "ms",
///           "time": "2026-01-31T11:59:58.000Z", "age": 2.0, "since": "2026-01-31T11:58:00.000Z",
///           "role": "readiness", "neededFor": "remembering conversations",
///           "output": "the replication link is down", "advice": "…", "passive": true,
///           "flapping": true, "hangingSince": "…"}],
///        "redis:memory": [
///          {"componentId": "redis", "status": "pass", "observedValue": 0.4, "observedUnit": "1",
///           "limit": 0.9}]}}
///
/// Each component has an entry `responseTime`, which carries its status, and one for each thing that was measured.
/// `unknown` is written as `warn`, which the format has, with an output that says so. What is not known is left out.
///
/// Units    response times in milliseconds, `age` in seconds; other values in the unit beside them.
/// Errors   none: bytes that are not UTF-8 become U+FFFD.
/// Source   draft-inadarei-api-health-check-06.
[[nodiscard]] std::string health_json(const std::vector<health_report>& reports,
                                      std::string_view service,
                                      std::chrono::system_clock::time_point time);

}  // namespace querytap

#ifdef QUERYTAP_IMPLEMENTATION
#include <querytap/implementation/json.hpp>
#endif
