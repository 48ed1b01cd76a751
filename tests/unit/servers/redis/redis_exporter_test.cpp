// Our numbers of a Redis at rest are those of Debian's exporter for Prometheus.

#include "redis_admin.hpp"

#include <querytap/servers/redis/redis_collector.hpp>
#include <support/collected_numbers.hpp>
#include <support/exporter.hpp>
#include <unit/servers/answers.hpp>

#include <catch2/catch.hpp>

#include <cmath>
#include <iterator>
#include <string>

using namespace querytap;
using namespace std::chrono_literals;
using querytap::testing::address_of;
using querytap::testing::collected_by;
using querytap::testing::exporter;
using querytap::testing::number_in;
using querytap::testing::redis_admin;
using querytap::testing::redis_server;
using querytap::testing::within;

namespace {

struct compared_number {
  const char* theirs;
  const char* ours;
  attributes labels = {};
  double factor = 1;     // theirs times this is ours
  double tolerance = 0;  // relative: of what changes by being looked at
};

const compared_number compared[] = {
    {"redis_blocked_clients", "redis.clients.blocked"},
    {"redis_config_maxclients", "redis.clients.limit"},
    {"redis_tracking_clients", "redis.clients.tracking"},
    {"redis_connections_received_total", "redis.connections.received"},
    {"redis_rejected_connections_total", "redis.connections.rejected"},
    {"redis_memory_used_bytes", "redis.memory.used", {}, 1, 0.1},
    {"redis_memory_used_peak_bytes", "redis.memory.peak", {}, 1, 0.1},
    {"redis_memory_used_rss_bytes", "redis.memory.rss", {}, 1, 0.1},
    {"redis_memory_used_lua_bytes", "redis.memory.lua"},
    {"redis_memory_used_overhead_bytes", "redis.memory.overhead", {}, 1, 0.1},
    {"redis_memory_max_bytes", "redis.maxmemory"},
    {"redis_config_maxmemory", "redis.maxmemory"},
    {"redis_expired_keys_total", "redis.keys.expired"},
    {"redis_evicted_keys_total", "redis.keys.evicted"},
    {"redis_keyspace_hits_total", "redis.keyspace.hits"},
    {"redis_keyspace_misses_total", "redis.keyspace.misses"},
    {"redis_latest_fork_seconds", "redis.latest_fork", {}, 1e6},
    {"redis_pubsub_channels", "redis.pubsub.channels"},
    {"redis_pubsub_patterns", "redis.pubsub.patterns"},
    {"redis_connected_slaves", "redis.slaves.connected"},
    {"redis_master_repl_offset", "redis.replication.offset"},
    {"redis_repl_backlog_first_byte_offset", "redis.replication.backlog_first_byte_offset"},
    {"redis_replica_resyncs_full", "redis.replication.sync.full"},
    {"redis_replica_partial_resync_denied", "redis.replication.sync.partial_refused"},
    {"redis_rdb_changes_since_last_save", "redis.rdb.changes_since_last_save"},
    {"redis_rdb_last_bgsave_status", "redis.rdb.last_save.ok"},
    {"redis_aof_enabled", "redis.aof.enabled"},
    {"redis_loading_dump_file", "redis.loading"},
    {R"(redis_db_keys{db="db0"})", "redis.db.keys", {{"db", "0"}}},
    {R"(redis_db_keys{db="db3"})", "redis.db.keys", {{"db", "3"}}},
    {R"(redis_db_keys_expiring{db="db0"})", "redis.db.expires", {{"db", "0"}}},
    {R"(redis_commands_total{cmd="set"})", "redis.cmd.calls", {{"cmd", "set"}}},
    {R"(redis_commands_total{cmd="get"})", "redis.cmd.calls", {{"cmd", "get"}}},
    {R"(redis_commands_total{cmd="lpush"})", "redis.cmd.calls", {{"cmd", "lpush"}}},
    {R"(redis_commands_duration_seconds_total{cmd="set"})",
     "redis.cmd.usec",
     {{"cmd", "set"}},
     1e6},
    {R"(redis_commands_duration_seconds_total{cmd="get"})",
     "redis.cmd.usec",
     {{"cmd", "get"}},
     1e6},
    {R"(redis_commands_failed_calls_total{cmd="lpush"})", "redis.cmd.failed", {{"cmd", "lpush"}}},
    {R"(redis_commands_rejected_calls_total{cmd="get"})", "redis.cmd.rejected", {{"cmd", "get"}}},
    {R"(redis_errors_total{err="WRONGTYPE"})", "redis.errors", {{"error.type", "WRONGTYPE"}}},
    {R"(redis_latency_percentiles_usec{cmd="set",quantile="99"})",
     "redis.cmd.latency",
     {{"cmd", "set"}, {"percentile", "p99"}}},
};

}  // namespace

TEST_CASE("numbers equal those of prometheus-redis-exporter", "[redis]") {
  redis_server server{{"--maxmemory", "200mb"}};
  const std::string address = "redis://127.0.0.1:" + std::to_string(server.port());
  const exporter theirs{"/usr/bin/prometheus-redis-exporter", {"-redis.addr", address}};

  redis_admin admin{server};
  for (int i = 0; i < 50; ++i) {
    admin.ask({"SET", "key" + std::to_string(i), "value", "EX", "1000"});
    admin.ask({"GET", "key" + std::to_string(2 * i)});
  }
  admin.ask({"LPUSH", "key1", "1"});
  admin.ask({"GET"});
  admin.ask({"SELECT", "3"});
  admin.ask({"SET", "key", "value"});
  admin.ask({"BGSAVE"});
  CHECK(querytap::testing::became_true(
      [&] { return admin.ask({"INFO"}).find("rdb_bgsave_in_progress:0") != std::string::npos; }));
  admin.ask({"SET", "key", "value"});

  // Our connection is open before theirs: both see the same number of connections.
  redis_collector collector{{.server = address_of(server)}};
  collected warm;
  collector.collect(warm, within(5s));
  const auto numbers = theirs.scrape();
  const collected found = collected_by(collector);

  CHECK(std::size(compared) >= 25);
  for (const compared_number& row : compared) {
    INFO(row.theirs);
    REQUIRE(numbers.contains(row.theirs));
    const double expected = numbers.at(row.theirs) * row.factor;
    const auto number = number_in(found, row.ours, row.labels);
    REQUIRE(number.has_value());
    CHECK(*number == Approx(expected).epsilon(std::max(row.tolerance, 1e-9)));
  }
}
