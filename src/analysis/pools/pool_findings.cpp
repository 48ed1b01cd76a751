#include "pool_findings.hpp"

#include "../../base/seconds.hpp"

#include <querytap/base/human.hpp>

#include <fmt/format.h>

#include <string>
#include <string_view>

namespace querytap::detail {
namespace {

std::string counted_callers(std::uint64_t count) {
  return fmt::format("{} caller{}", human_count(count), count == 1 ? "" : "s");
}

// " by src/store.cpp:42 in POST /chat"
std::string holder_of(const pool_lease& lease) {
  std::string holder;
  if (!lease.site.file.empty()) holder += " by " + to_string(lease.site);
  if (!lease.request.empty()) holder += " in " + lease.request;
  return holder;
}

finding finding_about_pool(const pool_report& pool, finding_kind kind,
                           std::chrono::system_clock::time_point time) {
  finding result;
  result.kind = kind;
  result.pool = pool.name;
  result.time = time;
  result.evidence.set({"used", static_cast<std::int64_t>(pool.used)});
  result.evidence.set({"maximum", static_cast<std::int64_t>(pool.maximum)});
  result.evidence.set({"waiting", static_cast<std::int64_t>(pool.waiting)});
  return result;
}

void add_holder(finding& found, const pool_lease& lease) {
  found.site = lease.site;
  found.request = lease.request;
  found.evidence.set({"held_seconds", seconds_of(lease.age)});
  if (lease.server_pid != 0) {
    found.evidence.set({"server_pid", static_cast<std::int64_t>(lease.server_pid)});
  }
  if (lease.thread != 0) {
    found.evidence.set({"thread", static_cast<std::int64_t>(lease.thread)});
  }
}

std::string sentence_about_shortage(const pool_report& pool, std::uint64_t gave_up) {
  if (pool.waiting != 0) {
    return fmt::format("{} wait{} for pool {}, the first for {}", counted_callers(pool.waiting),
                       pool.waiting == 1 ? "s" : "", pool.name, human_duration(pool.longest_wait));
  }
  return fmt::format("{} of pool {} gave up", counted_callers(gave_up), pool.name);
}

}  // namespace

finding held_lease(const pool_report& pool, const pool_lease& lease,
                   std::chrono::system_clock::time_point time) {
  finding result = finding_about_pool(pool, finding_kind::connection_held, time);
  add_holder(result, lease);
  result.cost = lease.age;
  result.message = fmt::format("held for {}{}: one of the {} of pool {}", human_duration(lease.age),
                               holder_of(lease), pool.maximum, pool.name);
  result.advice =
      "end the lease, and its transaction, before other work and before waiting for anything else";
  if (lease.server_pid != 0) {
    result.advice += fmt::format(
        "; the server's list of sessions shows what it does, as process {}", lease.server_pid);
  }
  return result;
}

finding exhausted_pool(const pool_report& pool, std::uint64_t gave_up,
                       std::chrono::system_clock::time_point time) {
  finding result = finding_about_pool(pool, finding_kind::pool_exhausted, time);
  result.cost = pool.longest_wait;
  result.evidence.set({"wait_seconds", seconds_of(pool.longest_wait)});
  result.evidence.set({"gave_up", static_cast<std::int64_t>(gave_up)});
  result.message = fmt::format("{}; {} of {} are in use", sentence_about_shortage(pool, gave_up),
                               pool.used, pool.maximum);
  if (!pool.leases.empty()) {
    const pool_lease& oldest = pool.leases.front();
    add_holder(result, oldest);
    result.message +=
        fmt::format(", longest for {}{}", human_duration(oldest.age), holder_of(oldest));
  }
  result.advice =
      "look at who holds them and for how long; only if all leases are as short as their calls is "
      "the "
      "pool too small";
  return result;
}

finding nested_lease(const pool_report& pool, std::uint64_t times,
                     std::chrono::system_clock::time_point time) {
  finding result = finding_about_pool(pool, finding_kind::nested_connection, time);
  result.site = pool.nested_at;
  result.calls = times;
  result.message = fmt::format("waited for a second one of the {} of pool {} {}", pool.maximum,
                               pool.name, times == 1 ? "once" : human_count(times) + " times");
  if (!pool.nested_in.file.empty()) {
    result.message += fmt::format(", before the one that the thread had acquired at {} came back",
                                  to_string(pool.nested_in));
    result.evidence.set({"acquired_at", to_string(pool.nested_in)});
  }
  result.advice =
      "use the one that the thread has, or give it back first: once as many threads as the pool "
      "has "
      "objects hold one each and wait for another, none goes on before it gives up";
  return result;
}

}  // namespace querytap::detail
