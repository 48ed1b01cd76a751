#include "mongodb_judgement.hpp"

#include "../common/measured.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>

namespace querytap::detail {
namespace {

constexpr health_limits shares_of_mongodb_connections{.warn = 0.8, .fail = 0.95};
constexpr health_limits shares_of_cache{.warn = 0.95};
constexpr health_limits shares_of_dirty_cache{.warn = 0.2};

class mongodb_judge {
 public:
  mongodb_judge(const mongodb_look& look, const mongodb_probe_options& options)
      : look_{look},
        options_{options},
        is_primary_{look.hello.is_true("isWritablePrimary") || look.hello.is_true("ismaster")},
        is_secondary_{look.hello.is_true("secondary")} {}

  health_answer answer() {
    judge_role();
    judge_topology();
    if (look_.replica_set) judge_members(*look_.replica_set);
    if (look_.status) judge_status(*look_.status);
    return std::move(answer_);
  }

 private:
  void add(health_measurement measurement) {
    answer_.measurements.push_back(std::move(measurement));
  }

  void judge_role() {
    add(verified("member", is_primary_ || is_secondary_, health_status::fail,
                 "the member is neither primary nor secondary: it starts, recovers, or was removed",
                 "See rs.status() for its state, and its log for what it does."));
    if (options_.role == mongodb_role::any) return;
    const bool wants_primary = options_.role == mongodb_role::primary;
    add(verified(
        "role", wants_primary ? is_primary_ : is_secondary_, health_status::fail,
        fmt::format("the member is {}, but a {} is expected here",
                    is_primary_     ? "the primary"
                    : is_secondary_ ? "a secondary"
                                    : "neither primary nor secondary",
                    wants_primary ? "primary" : "secondary"),
        "Look whether there was an election, and connect to the replica set by its name."));
  }

  void judge_topology() {
    const std::string set = look_.hello.text("setName");
    if (!options_.replica_set.empty()) {
      add(verified("replica_set", set == options_.replica_set, health_status::fail,
                   set.empty() ? "the server is in no replica set, but in one it is expected to be"
                               : "the server is in another replica set than expected",
                   "See whether the address leads to another server than it did."));
    }
    if (set.empty()) return;
    const bool has_primary = is_primary_ || look_.hello.has("primary");
    add(verified("primary", has_primary,
                 options_.role == mongodb_role::primary ? health_status::fail : health_status::warn,
                 "the replica set has no primary: nothing can be written",
                 "See rs.status() for members that are down; a majority of them must be up."));
  }

  void judge_members(const mongodb_document& replica_set) {
    const auto members = replica_set.list("members");
    const auto down = std::ranges::count_if(members, [](const mongodb_document& member) {
      return member.number("health").value_or(1) == 0;
    });
    add(verified("members", down == 0, health_status::warn,
                 fmt::format("members of the replica set that cannot be reached: {} of {}", down,
                             members.size()),
                 "See rs.status() for which, and whether a majority is left."));
    const auto behind = milliseconds_behind_primary(replica_set);
    if (!behind) return;
    const auto warn = static_cast<double>(options_.most_lag.count());
    add(measured("replication_lag", static_cast<double>(*behind) / 1000, "s",
                 {.warn = warn, .fail = 6 * warn},
                 fmt::format("the member is {:.0f} s behind its primary",
                             static_cast<double>(*behind) / 1000),
                 "Look at its disk and the network; read from the primary meanwhile."));
  }

  void judge_status(const mongodb_document& status) {
    const auto used = status.number("connections.current");
    const auto free = status.number("connections.available");
    if (used && free && *used + *free > 0) {
      add(measured("connections", static_cast<double>(*used) / static_cast<double>(*used + *free),
                   "1", shares_of_mongodb_connections,
                   fmt::format("{} of {} connections are in use", *used, *used + *free),
                   "Make pools smaller, or raise net.maxIncomingConnections."));
    }
    if (const auto queued = status.number("globalLock.currentQueue.total")) {
      add({.name = "queued_operations",
           .value = static_cast<double>(*queued),
           .unit = "{operation}"});
    }
    judge_cache(status);
  }

  void judge_cache(const mongodb_document& status) {
    const auto most = status.number("wiredTiger.cache.maximum bytes configured");
    const auto used = status.number("wiredTiger.cache.bytes currently in the cache");
    const auto dirty = status.number("wiredTiger.cache.tracked dirty bytes in the cache");
    if (!most || *most <= 0) return;
    const auto share = [&](std::int64_t bytes) {
      return static_cast<double>(bytes) / static_cast<double>(*most);
    };
    constexpr std::string_view advice =
        "The cache cannot be emptied as fast as it fills: look for slow disks, long transactions, "
        "or a working set larger than the cache.";
    if (used) {
      add(measured("cache", share(*used), "1", shares_of_cache,
                   fmt::format("{:.0f} % of the cache are in use", 100 * share(*used)), advice));
    }
    if (dirty) {
      add(measured("dirty_cache", share(*dirty), "1", shares_of_dirty_cache,
                   fmt::format("{:.0f} % of the cache are not yet written", 100 * share(*dirty)),
                   advice));
    }
  }

  const mongodb_look& look_;
  const mongodb_probe_options& options_;
  const bool is_primary_;
  const bool is_secondary_;
  health_answer answer_;
};

}  // namespace

std::optional<std::int64_t> milliseconds_behind_primary(const mongodb_document& replica_set) {
  std::optional<std::int64_t> primary;
  std::optional<std::int64_t> self;
  for (const mongodb_document& member : replica_set.list("members")) {
    if (member.text("stateStr") == "PRIMARY") primary = member.number("optimeDate");
    if (member.is_true("self")) self = member.number("optimeDate");
  }
  if (!primary || !self) return std::nullopt;
  return std::max<std::int64_t>(*primary - *self, 0);
}

health_answer judge_mongodb(const mongodb_look& look, const mongodb_probe_options& options) {
  return mongodb_judge{look, options}.answer();
}

}  // namespace querytap::detail
