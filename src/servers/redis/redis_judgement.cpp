#include "redis_judgement.hpp"

#include "../common/measured.hpp"

#include <querytap/base/human.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace querytap::detail {
namespace {

constexpr health_limits shares_of_clients{.warn = 0.8, .fail = 0.95};
constexpr health_limits shares_of_memory{.warn = 0.9, .fail = 1.0};
constexpr health_limits seconds_without_primary{.warn = 10, .fail = 60};
constexpr health_limits fragmentations{.warn = 1.5};
constexpr double least_fragmented_bytes = 100e6;

class redis_judge {
 public:
  redis_judge(const redis_info& info, const redis_probe_options& options,
              std::optional<std::uint64_t> replicas_to_write)
      : info_{info},
        options_{options},
        replicas_to_write_{replicas_to_write},
        is_replica_{info.text("role") == "slave"} {}

  health_answer answer(std::optional<std::uint64_t> refused_before) {
    judge_loading();
    judge_role();
    if (is_replica_) {
      judge_link();
    } else {
      judge_replicas();
      judge_replicas_that_keep_up();
    }
    judge_memory();
    judge_clients(refused_before);
    judge_persistence();
    return std::move(answer_);
  }

 private:
  void add(health_measurement measurement) {
    answer_.measurements.push_back(std::move(measurement));
  }
  void add_verified(std::string_view name, bool is_well, health_status otherwise,
                    std::string_view sentence, std::string_view advice) {
    add(verified(name, is_well, otherwise, sentence, advice));
  }

  void judge_loading() {
    const bool is_loading = info_.text("loading") == "1";
    const std::string left =
        info_.number<std::int64_t>("loading_eta_seconds").value_or(-1) < 0
            ? std::string{}
            : fmt::format(", for about {} s more", info_.text("loading_eta_seconds"));
    add_verified("loading", !is_loading, health_status::fail,
                 fmt::format("the server loads its data set{}", left),
                 "Wait until it is loaded; send requests elsewhere until then.");
  }

  void judge_role() {
    if (options_.role == redis_role::any) return;
    const bool is_expected = is_replica_ == (options_.role == redis_role::replica);
    add_verified(
        "role", is_expected, health_status::fail,
        fmt::format("the server is a {}, but a {} is expected here",
                    is_replica_ ? "replica" : "primary", is_replica_ ? "primary" : "replica"),
        "Look whether a failover has happened, and connect to the new primary.");
  }

  // Of a link that never was up the seconds are -1.
  void judge_link() {
    const bool is_up = info_.text("master_link_status") == "up";
    const auto down = info_.number<std::int64_t>("master_link_down_since_seconds").value_or(-1);
    const bool copies = info_.text("master_sync_in_progress") == "1";
    std::string sentence = down < 0 ? "the link to the primary has not been up yet"
                                    : fmt::format("the link to the primary is down for {} s", down);
    if (copies) sentence += "; the data set is being copied";
    add_verified("primary_link", is_up, health_status::fail, sentence,
                 "See whether the primary answers, and the log of the replica for why it does not "
                 "connect; what it answers until then is old.");
    const auto silent = info_.number<std::int64_t>("master_last_io_seconds_ago").value_or(-1);
    if (!is_up || silent < 0) return;
    add(measured("primary_silence", static_cast<double>(silent), "s", seconds_without_primary,
                 fmt::format("the primary has sent nothing for {} s", silent),
                 "See whether the primary hangs, and the network between the two."));
  }

  void judge_replicas() {
    const auto replicas = info_.number<std::uint64_t>("connected_slaves").value_or(0);
    health_measurement counted =
        verified("replicas", replicas >= options_.least_replicas, health_status::warn,
                 fmt::format("replicas that are connected: {}, of {} that should be", replicas,
                             options_.least_replicas),
                 "See the log of the replica that is missing; until it is back there is less to "
                 "fail over to.");
    counted.value = static_cast<double>(replicas);
    counted.unit = "{replica}";
    if (options_.least_replicas > 0) counted.limit = options_.least_replicas;
    add(std::move(counted));
  }

  // The server tells of them only where min-replicas-to-write and min-replicas-max-lag are set.
  void judge_replicas_that_keep_up() {
    const auto good = info_.number<std::uint64_t>("min_slaves_good_slaves");
    if (!good) return;
    const std::uint64_t wanted = replicas_to_write_.value_or(1);
    const auto connected = info_.number<std::uint64_t>("connected_slaves").value_or(0);
    health_measurement counted{.name = "replicas_keeping_up"};
    if (*good < wanted) {
      counted = verified(counted.name, false, health_status::fail,
                         fmt::format("writes are refused: replicas that keep up: {}, of {}{} that "
                                     "min-replicas-to-write asks for",
                                     *good, replicas_to_write_ ? "" : "at least ", wanted),
                         "See why replicas are away or behind; how far behind they may be is "
                         "min-replicas-max-lag.");
    } else if (*good < connected) {
      counted = verified(counted.name, false, health_status::warn,
                         fmt::format("connected replicas that are further behind than "
                                     "min-replicas-max-lag allows: {}, of {}",
                                     connected - *good, connected),
                         "See the load and the network of the replica that is behind; without "
                         "enough that keep up writes are refused.");
    }
    counted.value = static_cast<double>(*good);
    counted.unit = "{replica}";
    counted.limit = static_cast<double>(wanted);
    add(std::move(counted));
  }

  // A cache that may evict any key is full in normal operation.
  void judge_memory() {
    const double used = info_.number<double>("used_memory").value_or(0);
    const double most = info_.number<double>("maxmemory").value_or(0);
    if (most > 0) {
      const std::string_view policy = info_.text("maxmemory_policy");
      const health_limits limits =
          policy.starts_with("allkeys-") ? health_limits{} : shares_of_memory;
      add(measured("memory", used / most, "1", limits,
                   fmt::format("memory is {:.0f} % of maxmemory with the policy {}: writes fail "
                               "when it is full",
                               100 * used / most, policy),
                   "Raise maxmemory, let keys expire, or choose a policy that evicts keys."));
    }
    const double ratio = info_.number<double>("mem_fragmentation_ratio").value_or(0);
    const health_limits limits = used > least_fragmented_bytes ? fragmentations : health_limits{};
    add(measured("memory_fragmentation", ratio, "1", limits,
                 fmt::format("the process has {:.1f} times the memory that its data takes", ratio),
                 "Switch activedefrag on, or restart the server when it suits."));
  }

  void judge_clients(std::optional<std::uint64_t> refused_before) {
    const auto connected = info_.number<std::uint64_t>("connected_clients").value_or(0);
    if (const auto most = info_.number<std::uint64_t>("maxclients"); most.value_or(0) > 0) {
      add(measured("connections", static_cast<double>(connected) / static_cast<double>(*most), "1",
                   shares_of_clients,
                   fmt::format("{} of {} connections are in use", human_count(connected),
                               human_count(*most)),
                   "Find the client that opens so many with CLIENT LIST, or raise maxclients."));
    }
    if (const auto blocked = info_.number<std::uint64_t>("blocked_clients")) {
      add({.name = "blocked_clients", .value = static_cast<double>(*blocked), .unit = "{client}"});
    }
    const auto refused = info_.number<std::uint64_t>("rejected_connections");
    if (!refused || !refused_before || *refused < *refused_before) return;
    const std::uint64_t more = *refused - *refused_before;
    health_measurement rise = verified(
        "refused_connections", more == 0, health_status::fail,
        fmt::format("connections refused since the last look, as maxclients was reached: {}",
                    human_count(more)),
        "Find the client that opens so many with CLIENT LIST, or raise maxclients.");
    rise.value = static_cast<double>(more);
    rise.unit = "{connection}";
    add(std::move(rise));
  }

  void judge_persistence() {
    add_verified("background_save", info_.text("rdb_last_bgsave_status") != "err",
                 health_status::fail,
                 fmt::format("the last snapshot could not be written; {} changes are in memory "
                             "alone, and writes may be refused",
                             info_.text("rdb_changes_since_last_save")),
                 "See the server's log; often its disk is full or the folder cannot be written.");
    if (info_.text("aof_enabled") != "1") return;
    add_verified("append_only_file", info_.text("aof_last_write_status") != "err",
                 health_status::fail,
                 "the append-only file could not be written, and writes are refused",
                 "Free space on the disk of the append-only file.");
    add_verified("append_only_rewrite", info_.text("aof_last_bgrewrite_status") != "err",
                 health_status::warn,
                 "the append-only file could not be rewritten, and goes on growing",
                 "See the server's log; often there is no memory for a fork, or no disk space.");
  }

  const redis_info& info_;
  const redis_probe_options& options_;
  const std::optional<std::uint64_t> replicas_to_write_;
  const bool is_replica_;
  health_answer answer_;
};

}  // namespace

health_answer judge_redis(const redis_info& info, const redis_probe_options& options,
                          std::optional<std::uint64_t> refused_before,
                          std::optional<std::uint64_t> replicas_to_write) {
  return redis_judge{info, options, replicas_to_write}.answer(refused_before);
}

health_answer busy_redis() {
  return {{verified("script", false, health_status::warn,
                    "the server is busy with a script and answers nothing else, but is not down",
                    "Wait, or end the script with SCRIPT KILL; after a write only SHUTDOWN NOSAVE "
                    "ends it.")}};
}

}  // namespace querytap::detail
