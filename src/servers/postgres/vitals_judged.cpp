#include "vitals.hpp"

#include "../../base/seconds.hpp"
#include "../common/measured.hpp"

#include <querytap/base/human.hpp>

#include <fmt/format.h>

#include <type_traits>

namespace querytap::detail {
namespace {

constexpr double transactions_before_wraparound = 2147483648.0;

template <class Value>
health_limits limits_of_postgres(const postgres_limit<Value>& limit) {
  if constexpr (std::is_same_v<Value, std::chrono::nanoseconds>) {
    return {seconds_of(limit.warn), seconds_of(limit.fail)};
  } else {
    return {static_cast<double>(limit.warn), static_cast<double>(limit.fail)};
  }
}

std::string bytes_in_words(std::int64_t bytes) {
  if (bytes >= 1 << 30) return fmt::format("{:.1f} GiB", static_cast<double>(bytes) / (1 << 30));
  if (bytes >= 1 << 20) return fmt::format("{:.1f} MiB", static_cast<double>(bytes) / (1 << 20));
  return fmt::format("{} bytes", bytes);
}

/// Adds one measurement after another.
class vitals_judge {
 public:
  vitals_judge(const postgres_vitals& vitals, const postgres_probe_options& options)
      : vitals_{vitals}, options_{options}, limits_{options.limits} {
    add_role();
    add_connections();
    if (vitals.is_standby) {
      add_standby();
    } else {
      add_primary();
    }
    add_wraparound();
    if (vitals.sees_all) add_sessions();
    add_prepared();
    add_slots();
    add_storage();
    if (!vitals.sees_all) add_visibility();
  }

  [[nodiscard]] health_answer answer() && { return std::move(answer_); }

 private:
  void add(health_measurement measurement) {
    answer_.measurements.push_back(std::move(measurement));
  }
  void add_seconds(std::string_view name, double seconds,
                   const postgres_limit<std::chrono::nanoseconds>& limit, std::string_view sentence,
                   std::string_view advice) {
    add(measured(name, seconds, "s", limits_of_postgres(limit), sentence, advice));
  }

  void add_role() {
    const bool is_wanted = options_.expected_role == postgres_role::any ||
                           (options_.expected_role == postgres_role::standby) == vitals_.is_standby;
    add(verified(
        "role", is_wanted, health_status::fail,
        vitals_.is_standby ? "The server is a standby, and should be the primary."
                           : "The server is a primary, and should be a standby.",
        "See whether a failover took place, and where the application should connect to."));
    if (vitals_.is_standby) return;
    add(verified(
        "writable", !vitals_.is_read_only, health_status::fail,
        "The primary is read-only: default_transaction_read_only is on.",
        "It is that of the server or of this database: set it to off when what it was turned on "
        "for is done, such as a full disk."));
  }

  void add_connections() {
    if (vitals_.max_connections <= 0) return;
    const double share =
        static_cast<double>(vitals_.connections) / static_cast<double>(vitals_.max_connections);
    add(measured(
        "connections", share, "1", limits_of_postgres(limits_.connections),
        fmt::format("{} of {} connections are open.", vitals_.connections, vitals_.max_connections),
        "Look for pools that are too large and sessions that are idle; a pooler such as "
        "PgBouncer helps more than a higher max_connections."));
  }

  void add_primary() {
    const auto expected = static_cast<std::int64_t>(options_.expected_standbys);
    if (expected > 0) {
      add(verified("standbys", vitals_.standbys >= expected, health_status::fail,
                   fmt::format("{} of {} standbys are connected.", vitals_.standbys, expected),
                   "See whether the standby runs and reaches this server."));
    }
    if (vitals_.standbys == 0 || !vitals_.sees_all) return;
    add_lag(vitals_.standby_lag.value_or(0), vitals_.standby_lag_bytes, "A standby is");
  }

  void add_standby() {
    add(verified(
        "replication_link", vitals_.receives, health_status::fail,
        "The standby receives nothing from its primary.",
        "See whether the primary runs, and what the standby's log says of the connection."));
    add(verified("replay", !vitals_.is_replay_paused, health_status::warn,
                 "The replay of the primary's changes is paused.",
                 "Resume it by pg_wal_replay_resume() when it is no longer needed."));
    if (!vitals_.receives && !vitals_.replay_lag_bytes.has_value()) return;
    add_lag(vitals_.replay_lag, vitals_.replay_lag_bytes, "The standby is");
  }

  void add_lag(const std::optional<double>& seconds, const std::optional<std::int64_t>& bytes,
               std::string_view subject) {
    constexpr auto advice =
        "See whether replay is paused or held up by a query on the standby, and whether disk and "
        "network of the standby keep up.";
    if (seconds.has_value()) {
      add_seconds("replication_lag", *seconds, limits_.replication_lag,
                  fmt::format("{} {} behind its primary.", subject, human_duration(*seconds)),
                  advice);
    }
    if (bytes.has_value()) {
      add(measured("replication_lag_bytes", static_cast<double>(*bytes), "By",
                   limits_of_postgres(limits_.replication_lag_bytes),
                   fmt::format("{} {} of WAL behind its primary.", subject, bytes_in_words(*bytes)),
                   advice));
    }
  }

  void add_wraparound() {
    const auto add_age = [this](std::string_view name, std::int64_t age, std::string_view counted) {
      const double share = static_cast<double>(age) / transactions_before_wraparound;
      add(measured(
          name, share, "1", limits_of_postgres(limits_.transaction_age),
          fmt::format("The oldest {} that is not frozen is {} back, {:.0f} % of the way to "
                      "wraparound, at which the server refuses to write.",
                      counted, human_count(static_cast<std::uint64_t>(age)), share * 100),
          "Look for what holds VACUUM back: long transactions, prepared ones, replication "
          "slots; then run VACUUM FREEZE on the oldest tables."));
    };
    add_age("transaction_age", vitals_.transaction_age, "transaction");
    add_age("multixact_age", vitals_.multixact_age, "multixact");
  }

  void add_sessions() {
    const double longest = vitals_.longest_transaction.value_or(0);
    add_seconds("longest_transaction", longest, limits_.longest_transaction,
                fmt::format("A transaction has been open for {}.", human_duration(longest)),
                "It keeps VACUUM from removing rows: find it in pg_stat_activity, and end it by "
                "pg_terminate_backend() if nobody needs it.");
    const double idle = vitals_.idle_in_transaction.value_or(0);
    add_seconds(
        "idle_in_transaction", idle, limits_.idle_in_transaction,
        fmt::format("Sessions that are idle in a transaction: {}, the longest for {}.",
                    vitals_.idle_in_transactions, human_duration(idle)),
        "It holds its locks: look for code that waits for something else within a transaction; "
        "idle_in_transaction_session_timeout ends such sessions.");
    const double blocked = vitals_.longest_blocked.value_or(0);
    add_seconds("blocked_sessions", blocked, limits_.blocked,
                fmt::format("Sessions that wait for locks of others: {}, the longest for {}.",
                            vitals_.blocked, human_duration(blocked)),
                "pg_blocking_pids() names the sessions that hold them.");
  }

  void add_prepared() {
    const double oldest = vitals_.oldest_prepared.value_or(0);
    add_seconds(
        "prepared_transactions", oldest, limits_.prepared_transaction,
        fmt::format("Prepared transactions: {}, the oldest for {}.", vitals_.prepared,
                    human_duration(oldest)),
        "It holds its locks and keeps VACUUM from removing rows: COMMIT PREPARED or ROLLBACK "
        "PREPARED it.");
  }

  void add_slots() {
    add(verified(
        "lost_slots", vitals_.lost_slots == 0, health_status::fail,
        fmt::format("Replication slots that have lost WAL that they need, or are about to: {}, "
                    "among them {}.",
                    vitals_.lost_slots, vitals_.lost_slot),
        "What reads from the slot must be set up anew; drop the slot, or raise "
        "max_slot_wal_keep_size."));
    if (!vitals_.held_wal.has_value()) return;
    add(measured("held_wal", static_cast<double>(*vitals_.held_wal), "By",
                 limits_of_postgres(limits_.held_wal),
                 fmt::format("The replication slot {} holds {} of WAL.", vitals_.holding_slot,
                             bytes_in_words(*vitals_.held_wal)),
                 "See whether what reads from it still runs; a slot that nobody reads fills the "
                 "disk: drop it by pg_drop_replication_slot()."));
  }

  void add_storage() {
    if (vitals_.checksum_failures.has_value()) {
      add(verified(
          "checksum_failures", *vitals_.checksum_failures == 0, health_status::fail,
          fmt::format("Pages that did not match their checksum when they were read: {}.",
                      *vitals_.checksum_failures),
          "The storage has changed data: check disk and memory, run pg_amcheck, and have a "
          "backup ready."));
    }
    if (vitals_.invalid_indexes.has_value()) {
      add(verified(
          "invalid_indexes", *vitals_.invalid_indexes == 0, health_status::warn,
          fmt::format("Indexes that are not valid: {}. They cost writes, and no query uses them.",
                      *vitals_.invalid_indexes),
          "Drop them by DROP INDEX CONCURRENTLY, or build them by REINDEX INDEX "
          "CONCURRENTLY."));
    }
  }

  void add_visibility() {
    add({.name = "visibility",
         .reason = "The user does not see the sessions of others, nor where standbys are: long "
                   "transactions, blocked sessions and replication lag are not measured.",
         .advice = "Grant pg_monitor to the user."});
  }

  const postgres_vitals& vitals_;
  const postgres_probe_options& options_;
  const postgres_limits& limits_;
  health_answer answer_;
};

}  // namespace

health_answer judged(const postgres_vitals& vitals, const postgres_probe_options& options) {
  return vitals_judge{vitals, options}.answer();
}

}  // namespace querytap::detail
