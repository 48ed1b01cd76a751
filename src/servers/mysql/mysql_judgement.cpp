#include "mysql_judgement.hpp"

#include "../common/measured.hpp"

#include <querytap/base/human.hpp>

#include <fmt/format.h>

#include <utility>

namespace querytap::detail {
namespace {

constexpr health_limits shares_of_connections{.warn = 0.8, .fail = 0.95};
constexpr health_limits seconds_of_lock_wait{.warn = 5, .fail = 30};
constexpr health_limits rises_of_aborted{.warn = 10};

health_limits limits_from(std::chrono::seconds warn, int times_for_fail) {
  const auto seconds = static_cast<double>(warn.count());
  return {.warn = seconds, .fail = times_for_fail * seconds};
}

class mysql_judge {
 public:
  mysql_judge(const mysql_look& look, const mysql_probe_options& options,
              const mysql_variables* before)
      : look_{look}, options_{options}, before_{before} {}

  health_answer answer() {
    judge_role();
    judge_replication();
    judge_connections();
    judge_transactions();
    return std::move(answer_);
  }

 private:
  void add(health_measurement measurement) {
    answer_.measurements.push_back(std::move(measurement));
  }

  void judge_role() {
    if (options_.role == mysql_role::any) return;
    if (options_.role == mysql_role::primary) {
      return add(verified("role", !look_.is_read_only, health_status::fail,
                          "the server is read-only, but a primary is expected here",
                          "Look whether a failover has happened, and connect to the new primary."));
    }
    if (!look_.channels) {
      return add(
          verified("role", false, health_status::warn,
                   "whether the server replicates cannot be seen: the right is missing",
                   "GRANT SLAVE MONITOR, in MySQL REPLICATION CLIENT, to the probe's user."));
    }
    add(verified("role", !look_.channels->empty(), health_status::fail,
                 "the server replicates from no other, but a replica is expected here",
                 "Look whether it was promoted, or its replication was never set up."));
    add(verified("writes", look_.is_read_only, health_status::warn,
                 "the replica takes writes, with which it may drift from its primary",
                 "SET GLOBAL read_only = ON."));
  }

  void judge_replication() {
    if (!look_.channels) return;
    for (const mysql_channel& channel : *look_.channels) judge_channel(channel);
  }

  void judge_channel(const mysql_channel& channel) {
    add(verified("replication_receiver", channel.receiver == "Yes", health_status::fail,
                 fmt::format("the replica gets nothing from its primary: its state is {}, with the "
                             "error {}",
                             channel.receiver, channel.receiver_error),
                 "See whether the primary answers, and SHOW REPLICA STATUS for the error's text."));
    add(verified("replication_applier", channel.is_applying, health_status::fail,
                 fmt::format("the replica does not apply what it gets, with the error {}",
                             channel.applier_error),
                 "See SHOW REPLICA STATUS for the error's text; START REPLICA once it is mended."));
    if (!channel.lag) return;
    add(measured("replication_lag", static_cast<double>(*channel.lag), "s",
                 limits_from(options_.most_lag, 6),
                 fmt::format("the replica is {} s behind its primary", *channel.lag),
                 "Look for a long transaction or a table without a primary key; read from the "
                 "primary meanwhile."));
  }

  void judge_connections() {
    const auto connected = look_.status.number("Threads_connected");
    const std::int64_t most = look_.max_connections.value_or(0);
    if (connected && most > 0) {
      add(measured("connections", static_cast<double>(*connected) / static_cast<double>(most), "1",
                   shares_of_connections,
                   fmt::format("{} of {} connections are in use", *connected, most),
                   "Find who holds them in SHOW PROCESSLIST, make pools smaller, or raise "
                   "max_connections."));
    }
    if (const auto running = look_.status.number("Threads_running")) {
      add({.name = "threads_running", .value = static_cast<double>(*running), .unit = "{thread}"});
    }
    judge_rise("Connection_errors_max_connections", "refused_connections", {.warn = 1, .fail = 1},
               "connections refused since the last look, as max_connections was reached",
               "Make pools smaller, or raise max_connections.");
    judge_rise("Aborted_connects", "aborted_connects", rises_of_aborted,
               "connections that failed since the last look, refused or with a wrong password",
               "See the server's log for who tries in vain.");
    judge_rise("Aborted_clients", "aborted_clients", rises_of_aborted,
               "clients that went away since the last look without closing their connection",
               "Look for programs that crash, or connections that idle past wait_timeout.");
  }

  void judge_rise(std::string_view variable, std::string_view name, const health_limits& limits,
                  std::string_view sentence, std::string_view advice) {
    if (before_ == nullptr) return;
    const auto earlier = before_->number(variable);
    const auto later = look_.status.number(variable);
    if (!earlier || !later || *later < *earlier) return;
    add(measured(name, static_cast<double>(*later - *earlier), "{connection}", limits,
                 fmt::format("{}: {}", sentence, *later - *earlier), advice));
  }

  void judge_transactions() {
    if (!look_.transactions) return;
    const mysql_transactions& open = *look_.transactions;
    add(measured("longest_transaction", static_cast<double>(open.longest), "s",
                 limits_from(options_.most_transaction_time, 10),
                 fmt::format("a transaction has been open for {} s", open.longest),
                 "Find it in information_schema.innodb_trx; it holds locks and old row versions."));
    add(measured(
        "longest_lock_wait", static_cast<double>(open.longest_wait), "s", seconds_of_lock_wait,
        fmt::format("a transaction has waited for a lock for {} s; waiting in all: {}",
                    open.longest_wait, open.waiting),
        "Find the holder in information_schema.innodb_lock_waits, or sys.innodb_lock_waits "
        "of MySQL."));
  }

  const mysql_look& look_;
  const mysql_probe_options& options_;
  const mysql_variables* before_;
  health_answer answer_;
};

}  // namespace

health_answer judge_mysql(const mysql_look& look, const mysql_probe_options& options,
                          const mysql_variables* before) {
  return mysql_judge{look, options, before}.answer();
}

}  // namespace querytap::detail
