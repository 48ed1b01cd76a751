#include <querytap/servers/redis/redis_collector.hpp>

#include "../common/named_and_rest.hpp"
#include "redis_info.hpp"
#include "redis_instruments.hpp"
#include "redis_session.hpp"
#include "redis_slow_commands.hpp"
#include "redis_statements.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace querytap {
namespace detail {
namespace {

namespace redis_metrics = catalog::redis;

struct redis_field {
  const instrument* metric;
  std::string_view name;
};

constexpr redis_field fields_of_every_redis[] = {
    {&redis_metrics::uptime, "uptime_in_seconds"},
    {&redis_metrics::clients_connected, "connected_clients"},
    {&redis_metrics::clients_limit, "maxclients"},
    {&redis_metrics::clients_blocked, "blocked_clients"},
    {&redis_metrics::clients_tracking, "tracking_clients"},
    {&redis_metrics::clients_max_input, "client_recent_max_input_buffer"},
    {&redis_metrics::clients_max_output, "client_recent_max_output_buffer"},
    {&redis_metrics::connections_received, "total_connections_received"},
    {&redis_metrics::connections_rejected, "rejected_connections"},
    {&redis_metrics::memory_used, "used_memory"},
    {&redis_metrics::memory_peak, "used_memory_peak"},
    {&redis_metrics::memory_rss, "used_memory_rss"},
    {&redis_metrics::memory_lua, "used_memory_lua"},
    {&redis_metrics::memory_dataset, "used_memory_dataset"},
    {&redis_metrics::memory_overhead, "used_memory_overhead"},
    {&redis_metrics::memory_clients, "mem_clients_normal"},
    {&redis_metrics::max_memory, "maxmemory"},
    {&redis_metrics::commands_rate, "instantaneous_ops_per_sec"},
    {&redis_metrics::commands_processed, "total_commands_processed"},
    {&redis_metrics::net_input, "total_net_input_bytes"},
    {&redis_metrics::net_output, "total_net_output_bytes"},
    {&redis_metrics::keys_expired, "expired_keys"},
    {&redis_metrics::keys_evicted, "evicted_keys"},
    {&redis_metrics::keyspace_hits, "keyspace_hits"},
    {&redis_metrics::keyspace_misses, "keyspace_misses"},
    {&redis_metrics::latest_fork, "latest_fork_usec"},
    {&redis_metrics::pubsub_channels, "pubsub_channels"},
    {&redis_metrics::pubsub_patterns, "pubsub_patterns"},
    {&redis_metrics::replicas, "connected_slaves"},
    {&redis_metrics::backlog_first_byte, "repl_backlog_first_byte_offset"},
    {&redis_metrics::replication_offset, "master_repl_offset"},
    {&redis_metrics::sync_full, "sync_full"},
    {&redis_metrics::sync_refused, "sync_partial_err"},
    {&redis_metrics::unsaved_changes, "rdb_changes_since_last_save"},
    {&redis_metrics::append_enabled, "aof_enabled"},
    {&redis_metrics::loading, "loading"},
};

constexpr std::string_view cpu_states_of_redis[] = {
    "sys", "user", "sys_children", "user_children", "sys_main_thread", "user_main_thread"};

constexpr std::size_t most_error_words = 20;
constexpr std::string_view most_slow_entries = "128";

// Words that a script makes up may have a meaning.
std::string word_of_error(std::string_view word) {
  const bool is_usual = word.size() <= 32 && std::ranges::all_of(word, [](char c) {
                          return (c >= 'A' && c <= 'Z') || c == '_';
                        });
  return is_usual ? std::string{word} : "script";
}

// `get` of GET, if the server knows the command so.
std::string name_in_commandstats(const redis_info& info, const redisReply& arguments) {
  const auto in_small_letters = [](std::string_view text) {
    std::string small{text};
    std::ranges::transform(small, small.begin(), [](char c) {
      return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    return small;
  };
  const auto words = elements_of_reply(arguments);
  if (words.empty()) return std::string{rest_name};
  const std::string name = in_small_letters(text_in_reply(*words[0]));
  if (words.size() > 1) {
    const std::string longer = name + '|' + in_small_letters(text_in_reply(*words[1]));
    if (!info.text("cmdstat_" + longer).empty()) return longer;
  }
  return info.text("cmdstat_" + name).empty() ? std::string{rest_name} : name;
}

std::vector<redis_slow_entry> slow_entries_in(const redis_info& info, const redisReply& reply) {
  constexpr std::size_t least_parts = 4;
  std::vector<redis_slow_entry> entries;
  for (const redisReply* const each : elements_of_reply(reply)) {
    const auto parts = elements_of_reply(*each);
    if (parts.size() < least_parts) continue;
    entries.push_back({.id = parts[0]->integer,
                       .microseconds = parts[2]->integer,
                       .command = name_in_commandstats(info, *parts[3])});
  }
  return entries;
}

// Calls, µs, rejected and failed calls: the order of their counters.
enum command_counter : std::size_t {
  calls_counted,
  time_counted,
  rejected_counted,
  failed_counted
};

std::vector<named_numbers> commands_in(const redis_info& info) {
  std::vector<named_numbers> commands;
  for (const auto& [name, value] : info.beginning_with("cmdstat_")) {
    const auto number = [&value = value](std::string_view part) {
      return number_in_field<std::int64_t>(value, part);
    };
    commands.push_back({.name = name,
                        .counters = {number("calls"), number("usec"), number("rejected_calls"),
                                     number("failed_calls")}});
  }
  return commands;
}

}  // namespace
}  // namespace detail

class redis_collector::state {
 public:
  explicit state(redis_collector_options options)
      : options_{std::move(options)},
        session_{options_.server},
        slow_{options_.most_commands},
        commands_{options_.most_commands},
        errors_{detail::most_error_words},
        databases_{options_.most_databases} {}

  [[nodiscard]] const redis_collector_options& options() const noexcept { return options_; }

  void collect(collected& found, deadline until) {
    found.set_common(detail::labels_of(options_.server));
    const detail::server_reply reply = session_.ask({"INFO", "all"}, until);
    const detail::redis_info info{detail::text_in_reply(*reply)};
    if (!info.is_of_redis()) throw collect_error{"the server's answer is not that of a Redis"};
    add_server(found, info);
    add_fields(found, info);
    add_replication(found, info);
    add_persistence(found, info);
    add_errors(found, info);
    add_databases(found, info);
    add_commands(found, info, until);
    add_slow_commands(found, info, until);
  }

 private:
  static void add_server(collected& found, const detail::redis_info& info) {
    found.add(
        catalog::redis::server_info, 1,
        {{"redis.version", info.text("redis_version")}, {"redis.mode", info.text("redis_mode")}});
    const bool is_replica = info.text("role") == "slave";
    found.add(catalog::redis::role, 1, {{"role", is_replica ? "replica" : "primary"}});
    found.add(catalog::redis::fragmentation, info.number<double>("mem_fragmentation_ratio"));
    for (const std::string_view state : detail::cpu_states_of_redis) {
      found.add(catalog::redis::cpu_time, info.number<double>(fmt::format("used_cpu_{}", state)),
                {{"state", state}});
    }
  }

  static void add_fields(collected& found, const detail::redis_info& info) {
    for (const detail::redis_field& field : detail::fields_of_every_redis) {
      const auto number = info.number<std::int64_t>(field.name);
      if (!number) {
        found.lacks(std::string{field.metric->name},
                    fmt::format("this version does not report {}", field.name));
        continue;
      }
      found.add(*field.metric, *number);
    }
  }

  static void add_replication(collected& found, const detail::redis_info& info) {
    if (info.text("role") != "slave") return;
    found.add(catalog::redis::link_up, info.text("master_link_status") == "up" ? 1 : 0);
    found.add(catalog::redis::replica_offset, info.number<std::int64_t>("slave_repl_offset"));
  }

  static void add_persistence(collected& found, const detail::redis_info& info) {
    found.add(catalog::redis::save_ok, info.text("rdb_last_bgsave_status") == "ok" ? 1 : 0);
    if (info.text("aof_enabled") != "1") return;
    found.add(catalog::redis::append_ok, info.text("aof_last_write_status") == "ok" ? 1 : 0);
    found.add(catalog::redis::append_delayed, info.number<std::int64_t>("aof_delayed_fsync"));
  }

  void add_errors(collected& found, const detail::redis_info& info) {
    std::vector<detail::named_numbers> errors;
    for (const auto& [word, value] : info.beginning_with("errorstat_")) {
      errors.push_back({.name = detail::word_of_error(word),
                        .counters = {detail::number_in_field<std::int64_t>(value, "count")}});
    }
    for (const detail::named_numbers& error : errors_.split(errors)) {
      found.add(catalog::redis::error_replies, error.counters[0], {{"error.type", error.name}});
    }
  }

  void add_databases(collected& found, const detail::redis_info& info) {
    std::vector<detail::named_numbers> databases;
    for (const auto& [number, value] : info.beginning_with("db")) {
      if (!detail::whole_number<unsigned>(number)) continue;  // 8.0 has db0_distrib_…
      databases.push_back({.name = number,
                           .gauges = {detail::number_in_field<std::int64_t>(value, "keys"),
                                      detail::number_in_field<std::int64_t>(value, "expires")}});
    }
    for (const detail::named_numbers& database : databases_.split(databases)) {
      const attributes labels{{"db", database.name}};
      found.add(catalog::redis::db_keys, database.gauges[0], labels);
      found.add(catalog::redis::db_expires, database.gauges[1], labels);
      found.add(catalog::redis::db_avg_ttl,
                whole_number_of(info.text("db" + database.name), "avg_ttl"), labels);
    }
  }

  static std::optional<std::int64_t> whole_number_of(std::string_view field,
                                                     std::string_view part) {
    return detail::whole_number<std::int64_t>(detail::part_of_field(field, part));
  }

  void add_commands(collected& found, const detail::redis_info& info, deadline until) {
    const std::vector<detail::named_numbers> named = commands_.split(detail::commands_in(info));
    std::vector<std::string> names;
    for (const detail::named_numbers& command : named) {
      if (command.name != detail::rest_name) names.push_back(command.name);
    }
    if (!statements_.learn(names, session_, until)) {
      found.lacks("statements",
                  "commands with several arguments are not joined: needs +command|info");
    }
    const bool are_all = std::ranges::none_of(named, [](const detail::named_numbers& command) {
      return command.name == detail::rest_name;
    });
    found.set_statements_read(are_all);
    for (const detail::named_numbers& command : named) add_command(found, info, command);
    if (!names.empty() && info.beginning_with(latency_prefix).empty()) {
      found.lacks(std::string{catalog::redis::command_latency.name},
                  "needs Redis 7.0 with latency-tracking on");
    }
  }

  void add_command(collected& found, const detail::redis_info& info,
                   const detail::named_numbers& command) {
    const attributes labels{{"cmd", command.name}};
    const std::vector<std::int64_t>& counted = command.counters;
    found.add(catalog::redis::command_calls, counted[detail::calls_counted], labels);
    found.add(catalog::redis::command_time, counted[detail::time_counted], labels);
    found.add(catalog::redis::command_rejected, counted[detail::rejected_counted], labels);
    found.add(catalog::redis::command_failed, counted[detail::failed_counted], labels);
    if (command.name == detail::rest_name) return;
    const std::string_view percentiles = info.text(std::string{latency_prefix} + command.name);
    for (const std::string_view percentile : {"p50", "p99", "p99.9"}) {
      found.add(catalog::redis::command_latency,
                detail::whole_number<double>(detail::part_of_field(percentiles, percentile)),
                {{"cmd", command.name}, {"percentile", percentile}});
    }
    found.add(
        server_statement{.statement = statements_.find(command.name),
                         .is_whole_operation = true,
                         .calls = static_cast<std::uint64_t>(counted[detail::calls_counted]),
                         .time = std::chrono::microseconds{counted[detail::time_counted]},
                         .errors = static_cast<std::uint64_t>(counted[detail::failed_counted])});
  }

  void add_slow_commands(collected& found, const detail::redis_info& info, deadline until) {
    try {
      const detail::server_reply reply =
          session_.ask({"SLOWLOG", "GET", detail::most_slow_entries}, until);
      slow_.add(info.text("run_id"), detail::slow_entries_in(info, *reply));
    } catch (const detail::refused_by_redis& refusal) {
      found.lacks("redis.slowlog",
                  refusal.code() == "NOPERM" ? "needs +slowlog|get" : refusal.what());
      return;
    }
    for (const auto& [name, sum] : slow_.by_command()) {
      const attributes labels{{"cmd", name}};
      found.add(catalog::redis::slow_entries, sum.entries, labels);
      found.add(catalog::redis::slow_time, static_cast<double>(sum.microseconds) / 1e6, labels);
    }
    found.add(catalog::redis::slow_missed, slow_.missed());
  }

  static constexpr std::string_view latency_prefix = "latency_percentiles_usec_";

  const redis_collector_options options_;
  detail::redis_session session_;
  detail::redis_statements statements_;
  detail::redis_slow_commands slow_;
  detail::named_and_rest commands_;
  detail::named_and_rest errors_;
  detail::named_and_rest databases_;
};

redis_collector::redis_collector(redis_collector_options options)
    : state_{new state{std::move(options)}} {}
redis_collector::~redis_collector() = default;

std::string redis_collector::name() const {
  const redis_address& server = state_->options().server;
  if (!server.unix_socket.empty()) return "redis " + server.unix_socket;
  return fmt::format("redis {}:{}", server.host, server.port);
}

std::chrono::nanoseconds redis_collector::interval() const { return state_->options().interval; }

attributes redis_collector::calls_to_join() const {
  return detail::labels_of(state_->options().server);
}

void redis_collector::collect(collected& found, deadline until) {
  try {
    state_->collect(found, until);
  } catch (const detail::refused_by_redis& refusal) {
    throw collect_error{refusal.code() == "BUSY"
                            ? "the server is busy with a script and answers nothing else"
                            : refusal.what()};
  } catch (const detail::redis_trouble& trouble) {
    throw collect_error{trouble.what()};
  }
}

}  // namespace querytap
