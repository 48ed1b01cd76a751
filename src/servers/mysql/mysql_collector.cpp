#include <querytap/servers/mysql/mysql_collector.hpp>

#include "mysql_digests.hpp"
#include "mysql_instruments.hpp"
#include "mysql_session.hpp"
#include "mysql_state.hpp"

#include <querytap/base/database_system.hpp>

#include <fmt/format.h>

#include <set>
#include <string>

namespace querytap {
namespace detail {
namespace {

namespace mysql_metrics = catalog::mysql;

struct mysql_variable {
  const instrument* metric;
  std::string_view name;
  std::string_view key = {};
  std::string_view value = {};
};

// A table reads as a table.
// clang-format off
constexpr mysql_variable variables_of_mysql[] = {
    {&mysql_metrics::uptime, "Uptime"},
    {&mysql_metrics::threads, "Threads_connected", "kind", "connected"},
    {&mysql_metrics::threads, "Threads_running", "kind", "running"},
    {&mysql_metrics::threads, "Threads_cached", "kind", "cached"},
    {&mysql_metrics::connection_count, "Connections"},
    {&mysql_metrics::max_used_connections, "Max_used_connections"},
    {&mysql_metrics::connection_errors, "Aborted_connects", "error", "aborted"},
    {&mysql_metrics::connection_errors, "Aborted_clients", "error", "aborted_clients"},
    {&mysql_metrics::connection_errors, "Connection_errors_accept", "error", "accept"},
    {&mysql_metrics::connection_errors, "Connection_errors_internal", "error", "internal"},
    {&mysql_metrics::connection_errors, "Connection_errors_max_connections", "error", "max_connections"},
    {&mysql_metrics::connection_errors, "Connection_errors_peer_address", "error", "peer_address"},
    {&mysql_metrics::connection_errors, "Connection_errors_select", "error", "select"},
    {&mysql_metrics::connection_errors, "Connection_errors_tcpwrap", "error", "tcpwrap"},
    {&mysql_metrics::query_count, "Queries"},
    {&mysql_metrics::query_client_count, "Questions"},
    {&mysql_metrics::query_slow_count, "Slow_queries"},
    {&mysql_metrics::commands, "Com_begin", "command", "begin"},
    {&mysql_metrics::commands, "Com_call_procedure", "command", "call_procedure"},
    {&mysql_metrics::commands, "Com_change_db", "command", "change_db"},
    {&mysql_metrics::commands, "Com_commit", "command", "commit"},
    {&mysql_metrics::commands, "Com_delete", "command", "delete"},
    {&mysql_metrics::commands, "Com_delete_multi", "command", "delete_multi"},
    {&mysql_metrics::commands, "Com_insert", "command", "insert"},
    {&mysql_metrics::commands, "Com_insert_select", "command", "insert_select"},
    {&mysql_metrics::commands, "Com_load", "command", "load"},
    {&mysql_metrics::commands, "Com_replace", "command", "replace"},
    {&mysql_metrics::commands, "Com_replace_select", "command", "replace_select"},
    {&mysql_metrics::commands, "Com_rollback", "command", "rollback"},
    {&mysql_metrics::commands, "Com_select", "command", "select"},
    {&mysql_metrics::commands, "Com_set_option", "command", "set_option"},
    {&mysql_metrics::commands, "Com_update", "command", "update"},
    {&mysql_metrics::commands, "Com_update_multi", "command", "update_multi"},
    {&mysql_metrics::prepared_statements, "Com_stmt_close", "command", "close"},
    {&mysql_metrics::prepared_statements, "Com_stmt_execute", "command", "execute"},
    {&mysql_metrics::prepared_statements, "Com_stmt_fetch", "command", "fetch"},
    {&mysql_metrics::prepared_statements, "Com_stmt_prepare", "command", "prepare"},
    {&mysql_metrics::prepared_statements, "Com_stmt_reset", "command", "reset"},
    {&mysql_metrics::prepared_statements, "Com_stmt_send_long_data", "command", "send_long_data"},
    {&mysql_metrics::handlers, "Handler_commit", "kind", "commit"},
    {&mysql_metrics::handlers, "Handler_delete", "kind", "delete"},
    {&mysql_metrics::handlers, "Handler_discover", "kind", "discover"},
    {&mysql_metrics::handlers, "Handler_external_lock", "kind", "external_lock"},
    {&mysql_metrics::handlers, "Handler_mrr_init", "kind", "mrr_init"},
    {&mysql_metrics::handlers, "Handler_prepare", "kind", "prepare"},
    {&mysql_metrics::handlers, "Handler_read_first", "kind", "read_first"},
    {&mysql_metrics::handlers, "Handler_read_key", "kind", "read_key"},
    {&mysql_metrics::handlers, "Handler_read_last", "kind", "read_last"},
    {&mysql_metrics::handlers, "Handler_read_next", "kind", "read_next"},
    {&mysql_metrics::handlers, "Handler_read_prev", "kind", "read_prev"},
    {&mysql_metrics::handlers, "Handler_read_rnd", "kind", "read_rnd"},
    {&mysql_metrics::handlers, "Handler_read_rnd_next", "kind", "read_rnd_next"},
    {&mysql_metrics::handlers, "Handler_rollback", "kind", "rollback"},
    {&mysql_metrics::handlers, "Handler_savepoint", "kind", "savepoint"},
    {&mysql_metrics::handlers, "Handler_savepoint_rollback", "kind", "savepoint_rollback"},
    {&mysql_metrics::handlers, "Handler_update", "kind", "update"},
    {&mysql_metrics::handlers, "Handler_write", "kind", "write"},
    {&mysql_metrics::operations, "Innodb_data_fsyncs", "operation", "fsyncs"},
    {&mysql_metrics::operations, "Innodb_data_reads", "operation", "reads"},
    {&mysql_metrics::operations, "Innodb_data_writes", "operation", "writes"},
    {&mysql_metrics::pool_pages, "Innodb_buffer_pool_pages_data", "kind", "data"},
    {&mysql_metrics::pool_pages, "Innodb_buffer_pool_pages_free", "kind", "free"},
    {&mysql_metrics::pool_pages, "Innodb_buffer_pool_pages_misc", "kind", "misc"},
    {&mysql_metrics::pool_pages, "Innodb_buffer_pool_pages_total", "kind", "total"},
    {&mysql_metrics::pool_operations, "Innodb_buffer_pool_read_ahead", "operation", "read_ahead"},
    {&mysql_metrics::pool_operations, "Innodb_buffer_pool_read_ahead_evicted", "operation", "read_ahead_evicted"},
    {&mysql_metrics::pool_operations, "Innodb_buffer_pool_read_ahead_rnd", "operation", "read_ahead_rnd"},
    {&mysql_metrics::pool_operations, "Innodb_buffer_pool_read_requests", "operation", "read_requests"},
    {&mysql_metrics::pool_operations, "Innodb_buffer_pool_reads", "operation", "reads"},
    {&mysql_metrics::pool_operations, "Innodb_buffer_pool_wait_free", "operation", "wait_free"},
    {&mysql_metrics::pool_operations, "Innodb_buffer_pool_write_requests", "operation", "write_requests"},
    {&mysql_metrics::pool_page_flushes, "Innodb_buffer_pool_pages_flushed"},
    {&mysql_metrics::row_locks, "Innodb_row_lock_waits"},
    {&mysql_metrics::row_lock_waiting, "Innodb_row_lock_current_waits"},
    {&mysql_metrics::row_operations, "Innodb_rows_deleted", "operation", "deleted"},
    {&mysql_metrics::row_operations, "Innodb_rows_inserted", "operation", "inserted"},
    {&mysql_metrics::row_operations, "Innodb_rows_read", "operation", "read"},
    {&mysql_metrics::row_operations, "Innodb_rows_updated", "operation", "updated"},
    {&mysql_metrics::log_operations, "Innodb_log_waits", "operation", "waits"},
    {&mysql_metrics::log_operations, "Innodb_log_write_requests", "operation", "write_requests"},
    {&mysql_metrics::log_operations, "Innodb_log_writes", "operation", "writes"},
    {&mysql_metrics::double_writes, "Innodb_dblwr_pages_written", "kind", "pages_written"},
    {&mysql_metrics::double_writes, "Innodb_dblwr_writes", "kind", "writes"},
    {&mysql_metrics::page_operations, "Innodb_pages_created", "operation", "created"},
    {&mysql_metrics::page_operations, "Innodb_pages_read", "operation", "read"},
    {&mysql_metrics::page_operations, "Innodb_pages_written", "operation", "written"},
    {&mysql_metrics::history_length, "Innodb_history_list_length"},
    {&mysql_metrics::deadlocks, "Innodb_deadlocks"},
    {&mysql_metrics::sorts, "Sort_merge_passes", "kind", "merge_passes"},
    {&mysql_metrics::sorts, "Sort_range", "kind", "range"},
    {&mysql_metrics::sorts, "Sort_rows", "kind", "rows"},
    {&mysql_metrics::sorts, "Sort_scan", "kind", "scan"},
    {&mysql_metrics::tmp_resources, "Created_tmp_disk_tables", "resource", "disk_tables"},
    {&mysql_metrics::tmp_resources, "Created_tmp_files", "resource", "files"},
    {&mysql_metrics::tmp_resources, "Created_tmp_tables", "resource", "tables"},
    {&mysql_metrics::locks, "Table_locks_immediate", "kind", "immediate"},
    {&mysql_metrics::locks, "Table_locks_waited", "kind", "waited"},
    {&mysql_metrics::joins, "Select_full_join", "kind", "full"},
    {&mysql_metrics::joins, "Select_full_range_join", "kind", "full_range"},
    {&mysql_metrics::joins, "Select_range", "kind", "range"},
    {&mysql_metrics::joins, "Select_range_check", "kind", "range_check"},
    {&mysql_metrics::joins, "Select_scan", "kind", "scan"},
    {&mysql_metrics::network, "Bytes_received", "kind", "received"},
    {&mysql_metrics::network, "Bytes_sent", "kind", "sent"},
    {&mysql_metrics::opened_resources, "Opened_files", "kind", "file"},
    {&mysql_metrics::opened_resources, "Opened_tables", "kind", "table"},
    {&mysql_metrics::opened_resources, "Opened_table_definitions", "kind", "table_definition"},
    {&mysql_metrics::table_open_cache, "Table_open_cache_hits", "status", "hit"},
    {&mysql_metrics::table_open_cache, "Table_open_cache_misses", "status", "miss"},
    {&mysql_metrics::table_open_cache, "Table_open_cache_overflows", "status", "overflow"},
};
// clang-format on

// Of every interval: 0.5 % of the server's time at most.
constexpr int pause_of_digests = 200;

}  // namespace
}  // namespace detail

class mysql_collector::state {
 public:
  explicit state(const mysql_collector_options& options)
      : options_{options},
        session_{detail::session_options_of(options.server), detail::settings_for_looks},
        digests_{options.most_statements, options.most_digests} {}

  [[nodiscard]] const mysql_collector_options& options() const noexcept { return options_; }

  void collect(collected& found, deadline until) {
    detail::mysql_variables status{session_.query_again("show global status", until)};
    found.set_common(labels());
    add_settings(found, until);
    add_variables(found, status);
    add_computed(found, status);
    add_transactions(found, until);
    add_replication(found, until);
    add_statements(found, until);
  }

  [[nodiscard]] attributes labels() const {
    attributes labels = detail::labels_of(options_.server);
    const database_system& system =
        session_.is_mariadb() ? database_systems::mariadb : database_systems::mysql;
    labels.set({"db.system.name", system.name});
    return labels;
  }

 private:
  void add_settings(collected& found, deadline until) {
    const detail::mysql_rows settings = session_.query_again(
        "select @@version, @@max_connections, @@innodb_buffer_pool_size", until);
    if (settings.empty() || settings[0].size() < 3) return;
    found.add(catalog::mysql::server_info, 1, {{"mysql.version", settings[0][0]}});
    found.add(catalog::mysql::connection_limit, detail::whole_number<std::int64_t>(settings[0][1]));
    found.add(catalog::mysql::pool_limit, detail::whole_number<std::int64_t>(settings[0][2]));
  }

  static void add_variables(collected& found, const detail::mysql_variables& status) {
    std::set<std::string_view> lacking;
    for (const detail::mysql_variable& variable : detail::variables_of_mysql) {
      const auto number = status.number(variable.name);
      if (!number) {
        if (lacking.insert(variable.metric->name).second) {
          found.lacks(std::string{variable.metric->name},
                      fmt::format("this version does not report {}", variable.name));
        }
        continue;
      }
      attributes labels;
      if (!variable.key.empty()) labels.set({variable.key, variable.value});
      found.add(*variable.metric, *number, labels);
    }
  }

  static void add_computed(collected& found, const detail::mysql_variables& status) {
    const auto add_parts = [&](const instrument& metric, const char* all, const char* dirty) {
      const auto whole = status.number(all);
      const auto part = status.number(dirty);
      if (!whole || !part) return;
      found.add(metric, *part, {{"status", "dirty"}});
      found.add(metric, *whole - *part, {{"status", "clean"}});
    };
    add_parts(catalog::mysql::pool_usage, "Innodb_buffer_pool_bytes_data",
              "Innodb_buffer_pool_bytes_dirty");
    add_parts(catalog::mysql::pool_data_pages, "Innodb_buffer_pool_pages_data",
              "Innodb_buffer_pool_pages_dirty");
    if (const auto milliseconds = status.number("Innodb_row_lock_time")) {
      found.add(catalog::mysql::row_lock_time, static_cast<double>(*milliseconds) / 1000);
    }
  }

  void add_transactions(collected& found, deadline until) {
    const auto open = detail::mysql_open_transactions(session_, until);
    if (!open) return found.lacks("mysql.transactions", "needs the right PROCESS");
    found.add(catalog::mysql::transactions, open->count);
    found.add(catalog::mysql::transaction_longest, open->longest);
    found.add(catalog::mysql::lock_waits, open->waiting);
    found.add(catalog::mysql::lock_wait_longest, open->longest_wait);
  }

  void add_replication(collected& found, deadline until) {
    const auto channels = detail::mysql_channels(session_, until);
    if (!channels) {
      return found.lacks("mysql.replica", session_.is_mariadb()
                                              ? "needs the right SLAVE MONITOR"
                                              : "needs the right REPLICATION CLIENT");
    }
    for (const detail::mysql_channel& channel : *channels) {
      found.add(catalog::mysql::replica_lag, channel.lag, {{"channel", channel.name}});
      found.add(catalog::mysql::replica_running, channel.receiver == "Yes" ? 1 : 0,
                {{"channel", channel.name}, {"thread", "receiver"}});
      found.add(catalog::mysql::replica_running, channel.is_applying ? 1 : 0,
                {{"channel", channel.name}, {"thread", "applier"}});
    }
  }

  void add_statements(collected& found, deadline until) {
    const auto begin = std::chrono::steady_clock::now();
    if (begin >= next_digests_) {
      digests_.read(session_, until);
      const auto end = std::chrono::steady_clock::now();
      next_digests_ = end + detail::pause_of_digests * (end - begin);
      for (const server_statement& statement : digests_.statements()) found.add(statement);
      found.set_statements_read(digests_.are_all());
    }
    for (const unavailable_part& part : digests_.lacking()) found.lacks(part.name, part.reason);
  }

  const mysql_collector_options options_;
  detail::mysql_session session_;
  detail::mysql_digests digests_;
  std::chrono::steady_clock::time_point next_digests_ = {};
};

mysql_collector::mysql_collector(const mysql_collector_options& options)
    : state_{new state{options}} {}
mysql_collector::~mysql_collector() = default;

std::string mysql_collector::name() const {
  const mysql_address& server = state_->options().server;
  if (!server.unix_socket.empty()) return "mysql " + server.unix_socket;
  return fmt::format("mysql {}:{}", server.host, server.port);
}

std::chrono::nanoseconds mysql_collector::interval() const { return state_->options().interval; }

attributes mysql_collector::calls_to_join() const {
  return detail::labels_of(state_->options().server);
}

void mysql_collector::collect(collected& found, deadline until) {
  try {
    state_->collect(found, until);
  } catch (const plan_error& trouble) {
    throw collect_error{trouble.what()};
  }
}

}  // namespace querytap
