#include "pool_sizing.hpp"

#include "../../base/seconds.hpp"
#include "queueing.hpp"

#include <querytap/base/human.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace querytap::detail {
namespace {

constexpr std::uint64_t fewest_uses_to_judge = 100;
// Above it callers wait often, and with it hardly.
constexpr double often_waiting = 0.2;
constexpr double hardly_waiting = 0.05;
constexpr std::size_t most_advised = 10'000;
// Open objects beyond the need are many if they are several times as many, and cost the server something.
constexpr std::size_t times_too_many = 4;
constexpr std::size_t too_many = 20;
constexpr double much_slower = 1.5;

finding sizing_finding(const pool_report& pool, const pool_load& load, std::size_t needed,
                       std::chrono::system_clock::time_point time) {
  finding result;
  result.kind = finding_kind::pool_size;
  result.pool = pool.name;
  result.time = time;
  result.evidence.set({"maximum", static_cast<std::int64_t>(pool.maximum)});
  result.evidence.set({"needed", static_cast<std::int64_t>(needed)});
  result.evidence.set({"in_use_on_average", load.in_use()});
  result.evidence.set({"leases_per_second", load.uses_per_second()});
  result.evidence.set({"mean_use_seconds", load.mean_use_seconds()});
  return result;
}

std::string sentence_about_load(const pool_report& pool, const pool_load& load) {
  return fmt::format("{:.3g} leases a second of {} each occupy {:.1f} of the {} of pool {}",
                     load.uses_per_second(), human_duration(load.mean_use_seconds()), load.in_use(),
                     pool.maximum, pool.name);
}

}  // namespace

double pool_load::in_use() const noexcept {
  return time.count() <= 0 ? 0 : seconds_of(use_time) / seconds_of(time);
}
double pool_load::uses_per_second() const noexcept {
  return time.count() <= 0 ? 0 : static_cast<double>(uses) / seconds_of(time);
}
double pool_load::mean_use_seconds() const noexcept {
  return uses == 0 ? 0 : seconds_of(use_time) / static_cast<double>(uses);
}

pool_load load_between(const pool_report& before, const pool_report& after) noexcept {
  return {.time = after.age - before.age,
          .uses = after.uses - std::min(after.uses, before.uses),
          .use_time = after.use_time - std::min(after.use_time, before.use_time)};
}

std::optional<finding> misfit_of_pool(const pool_report& pool, const pool_load& load,
                                      std::chrono::system_clock::time_point time) {
  if (load.uses < fewest_uses_to_judge) return std::nullopt;
  // Leases that began before the time was measured may make it more than there are.
  const double in_use = std::min(load.in_use(), 0.999 * static_cast<double>(pool.maximum));
  const double waiting = waiting_share(pool.maximum, in_use);
  const std::size_t needed = servers_needed(in_use, hardly_waiting, most_advised);
  const std::size_t open = pool.idle + pool.used;
  if (waiting > often_waiting) {
    finding result = sizing_finding(pool, load, needed, time);
    const double wait_seconds = mean_wait(pool.maximum, in_use) * load.mean_use_seconds();
    result.evidence.set({"waiting_share", waiting});
    result.evidence.set({"wait_seconds", wait_seconds});
    result.message =
        fmt::format("{}: {:.0f} % of callers wait, {} on average", sentence_about_load(pool, load),
                    100 * waiting, human_duration(wait_seconds));
    result.advice = fmt::format(
        "shorten the leases, or allow {}, with which some {:.0f} % would wait, if the server "
        "serves as "
        "many at the same time",
        needed, 100 * hardly_waiting);
    return result;
  }
  if (open >= times_too_many * needed && open >= needed + too_many) {
    finding result = sizing_finding(pool, load, needed, time);
    result.evidence.set({"open", static_cast<std::int64_t>(open)});
    result.message = fmt::format("{}, while {} are open", sentence_about_load(pool, load), open);
    result.advice = fmt::format(
        "a maximum of {} would do; each open connection costs the server memory", needed);
    return result;
  }
  return std::nullopt;
}

std::size_t adapted_size(std::size_t size, size_bounds bounds, const pool_load& load,
                         double usual_use_seconds) noexcept {
  const std::size_t most = std::max(bounds.least, bounds.most);
  const std::size_t current = std::clamp(size, bounds.least, most);
  if (load.uses < fewest_uses_to_judge) return current;
  const double in_use = std::min(load.in_use(), 0.999 * static_cast<double>(current));
  const std::size_t needed = servers_needed(in_use, hardly_waiting, most_advised);
  if (needed > current) {
    const bool is_slow =
        usual_use_seconds > 0 && load.mean_use_seconds() > much_slower * usual_use_seconds;
    return is_slow ? current
                   : std::clamp(std::min(needed, current + 1 + current / 4), bounds.least, most);
  }
  return needed < current ? std::clamp(current - 1, bounds.least, most) : current;
}

}  // namespace querytap::detail
