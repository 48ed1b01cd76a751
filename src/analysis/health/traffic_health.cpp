#include "traffic_health.hpp"

#include "../../snapshot/matching_labels.hpp"

#include <querytap/snapshot/call_convention.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>

namespace querytap::detail {
namespace {

constexpr double share_to_warn = 0.1;
constexpr double share_to_fail = 0.5;
// Of fewer calls, a share means little.
constexpr std::uint64_t fewest_calls = 5;

health_measurement not_well(const traffic& seen, double share) {
  return {.name = "traffic",
          .status = share >= share_to_fail ? health_status::fail : health_status::warn,
          .value = share,
          .unit = "1",
          .limit = share >= share_to_fail ? share_to_fail : share_to_warn,
          .reason = fmt::format("{} of {} calls in the last minute failed, most of them with {}",
                                seen.failures, seen.calls, seen.most_frequent_error),
          .advice =
              "look at the failed calls: their errors say whether the server or the caller is at "
              "fault"};
}

}  // namespace

traffic traffic_of(const snapshot& recorded, const attributes& labels,
                   std::chrono::nanoseconds hanging_after) {
  traffic result;
  std::optional<histogram_data> successes;
  std::map<std::string, std::uint64_t> failures;
  for (const auto& metric : recorded.metrics) {
    if (!is_call_duration(*metric->instrument)) continue;
    for (const point& p : metric->points) {
      if (p.histogram == nullptr || !has_labels(p.series->labels, labels)) continue;
      const std::uint64_t count = p.histogram->count();
      result.calls += count;
      if (const attribute_value* const error = p.series->labels.find("error.type")) {
        result.failures += count;
        failures[to_string(*error)] += count;
      } else if (successes.has_value()) {
        successes->merge(*p.histogram);
      } else {
        successes = *p.histogram;
      }
    }
  }
  if (successes.has_value() && successes->count() != 0) result.p99 = successes->quantile(0.99);
  const auto most =
      std::ranges::max_element(failures, {}, [](const auto& item) { return item.second; });
  if (most != failures.end()) result.most_frequent_error = most->first;
  result.hanging = static_cast<std::uint64_t>(
      std::ranges::count_if(recorded.active, [&](const active_call& call) {
        return call.age >= hanging_after && has_labels(call.series->labels, labels);
      }));
  return result;
}

health_measurement judge(const traffic& seen, std::chrono::nanoseconds slow_from) {
  const double share =
      seen.calls == 0 ? 0 : static_cast<double>(seen.failures) / static_cast<double>(seen.calls);
  if (seen.calls >= fewest_calls && share >= share_to_warn) return not_well(seen, share);
  const double limit = std::chrono::duration<double>{slow_from}.count();
  if (slow_from.count() != 0 && seen.calls >= fewest_calls && seen.p99 >= limit) {
    return {.name = "latency",
            .status = health_status::warn,
            .value = seen.p99,
            .unit = "s",
            .limit = limit,
            .reason = fmt::format("the slowest of a hundred calls took {:.3g} s in the last "
                                  "minute, where {:.3g} s is too slow",
                                  seen.p99, limit),
            .advice = "look at the slow calls, and at what the server waits for"};
  }
  if (seen.calls < fewest_calls) return {.name = "traffic", .status = health_status::pass};
  return {.name = "traffic",
          .status = health_status::pass,
          .value = share,
          .unit = "1",
          .limit = share_to_warn};
}

bool answers_calls(const traffic& since_last_look) noexcept {
  return since_last_look.calls > since_last_look.failures && since_last_look.hanging == 0;
}

}  // namespace querytap::detail
