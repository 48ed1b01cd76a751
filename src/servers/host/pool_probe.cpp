#include <querytap/servers/host/pool_probe.hpp>

#include "../common/measured.hpp"

#include <querytap/base/human.hpp>
#include <querytap/recording/recorder.hpp>
#include <querytap/snapshot/snapshot.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace querytap {
namespace {

constexpr std::string_view advice_for_pool =
    "look at who holds its objects, and for how long, in the snapshot's pools; a larger pool helps "
    "only if the "
    "server has room";

double seconds_in(std::chrono::nanoseconds time) {
  return std::chrono::duration<double>{time}.count();
}

}  // namespace

pool_probe::pool_probe(recorder& telemetry, pool_probe_options options)
    : recorder_{telemetry}, options_{std::move(options)} {}

health_answer pool_probe::look(deadline /*until*/) {
  const snapshot now_seen = recorder_.collect();
  const auto found = std::ranges::find(now_seen.pools, options_.pool, &pool_report::name);
  if (found == now_seen.pools.end()) throw probe_error{"no pool has this name"};
  const double share = found->maximum == 0
                           ? 0
                           : static_cast<double>(found->used) / static_cast<double>(found->maximum);
  const std::uint64_t given_up =
      is_first_ || found->timeouts < timeouts_ ? 0 : found->timeouts - timeouts_;
  timeouts_ = found->timeouts;
  is_first_ = false;
  health_answer answer;
  answer.measurements.push_back(detail::measured(
      "given_up", static_cast<double>(given_up), "{caller}", {.fail = 1},
      fmt::format("{} callers have given up since the last look", given_up), advice_for_pool));
  answer.measurements.push_back(detail::measured(
      "longest_wait", seconds_in(found->longest_wait), "s",
      {.warn = seconds_in(options_.warn_wait), .fail = seconds_in(options_.fail_wait)},
      fmt::format("{} callers wait for one of {} objects, the first for {}", found->waiting,
                  found->maximum, human_duration(found->longest_wait)),
      advice_for_pool));
  answer.measurements.push_back(detail::measured(
      "used_share", share, "1", {.warn = options_.warn_share},
      fmt::format("{} of {} objects are lent", found->used, found->maximum), advice_for_pool));
  return answer;
}

}  // namespace querytap
