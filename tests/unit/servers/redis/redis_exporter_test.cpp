// Our numbers of a Redis are those of Debian's exporter for Prometheus: equal at rest, and within 1 % under
// load.

#include "redis_admin.hpp"

#include <querytap/servers/redis/redis_collector.hpp>
#include <support/collected_numbers.hpp>
#include <support/exporter.hpp>
#include <support/wait.hpp>
#include <unit/servers/answers.hpp>
#include <unit/servers/bracketed_counters.hpp>

#include <catch2/catch.hpp>

#include <chrono>
#include <future>
#include <iterator>
#include <map>
#include <memory>
#include <string>
#include <vector>

using namespace querytap;
using namespace std::chrono_literals;
using querytap::testing::address_of;
using querytap::testing::became_true;
using querytap::testing::bracketed_counters;
using querytap::testing::collected_by;
using querytap::testing::exporter;
using querytap::testing::number_in;
using querytap::testing::redis_admin;
using querytap::testing::redis_server;
using querytap::testing::same_counter;

namespace {

using scraped = std::map<std::string, double>;

exporter exporter_of(const redis_server& server) {
  return exporter{"/usr/bin/prometheus-redis-exporter",
                  {"-redis.addr", "redis://127.0.0.1:" + std::to_string(server.port())}};
}

redis_server replica_of(const redis_server& primary) {
  return redis_server{{"--replicaof", "127.0.0.1", std::to_string(primary.port())}};
}

struct compared_number {
  const char* theirs;
  const char* ours;
  attributes labels = {};
  double factor = 1;              // theirs times this is ours
  double tolerance = 0;           // relative: of what changes by being looked at
  const char* zero_because = "";  // a reason why it does not move here
};

const compared_number compared[] = {
    {"redis_blocked_clients", "redis.clients.blocked"},
    {"redis_config_maxclients", "redis.clients.limit"},
    {"redis_tracking_clients", "redis.clients.tracking"},
    {"redis_connections_received_total", "redis.connections.received"},
    {"redis_rejected_connections_total", "redis.connections.rejected"},
    {"redis_memory_used_bytes", "redis.memory.used", {}, 1, 0.01},
    {"redis_memory_used_peak_bytes", "redis.memory.peak", {}, 1, 0.01},
    {"redis_memory_used_rss_bytes", "redis.memory.rss", {}, 1, 0.01},
    {"redis_memory_used_dataset_bytes", "redis.memory.dataset", {}, 1, 0.01},
    {"redis_memory_used_lua_bytes", "redis.memory.lua"},
    {"redis_memory_used_overhead_bytes", "redis.memory.overhead", {}, 1, 0.01},
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
    {"redis_aof_last_write_status", "redis.aof.last_write.ok"},
    {"redis_loading_dump_file",
     "redis.loading",
     {},
     1,
     0,
     "while it loads, a server answers the exporter's CONFIG GET with an error"},
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
    {R"(redis_latency_percentiles_usec{cmd="set",quantile="50"})",
     "redis.cmd.latency",
     {{"cmd", "set"}, {"percentile", "p50"}}},
    {R"(redis_latency_percentiles_usec{cmd="set",quantile="99"})",
     "redis.cmd.latency",
     {{"cmd", "set"}, {"percentile", "p99"}}},
};

std::string field_of(redis_admin& admin, const std::string& name) {
  const std::string info = admin.ask({"INFO", "all"});
  const std::size_t begin = info.find('\n' + name + ':') + name.size() + 2;
  return info.substr(begin, info.find('\r', begin) - begin);
}

bool becomes(redis_admin& admin, const std::string& name, const std::string& value) {
  return became_true([&] { return field_of(admin, name) == value; });
}

/// A primary with a replica, and connections that each hold a state of the server's.
class primary_in_use {
 public:
  primary_in_use() {
    admin.ask({"CONFIG", "SET", "slowlog-log-slower-than", "0"});
    admin.ask({"PING"});
    admin.ask({"CONFIG", "SET", "slowlog-log-slower-than", "1000000"});
    CHECK(becomes(admin, "connected_slaves", "1"));
    want_lost_history();
    be_full();
    evict_some();
    hold_states();
    use_keys();
    CHECK(becomes(admin, "rdb_bgsave_in_progress", "0"));
    admin.ask({"BGSAVE"});
    CHECK(becomes(admin, "rdb_bgsave_in_progress", "0"));
    admin.ask({"SET", "key", "value"});
  }

  redis_server server{{"--appendonly", "yes", "--repl-diskless-sync-delay", "0",
                       "--repl-ping-replica-period", "3600"}};
  redis_server replica = replica_of(server);
  redis_admin admin{server};

 private:
  // A replica that asks for a part of another primary's history gets everything.
  void want_lost_history() {
    lost_.begin({"PSYNC", "0000000000000000000000000000000000000000", "1"});
    CHECK(becomes(admin, "sync_partial_err", "1"));
    CHECK(becomes(admin, "rdb_bgsave_in_progress", "0"));
  }

  void be_full() {
    admin.ask({"CONFIG", "SET", "maxclients", "1"});
    const redis_admin refused{server};
    CHECK(becomes(admin, "rejected_connections", "1"));
    admin.ask({"CONFIG", "SET", "maxclients", "100"});
  }

  void evict_some() {
    admin.ask({"EVAL",
               "for i = 1, 60000 do redis.call('SET', 'many' .. i, string.rep('x', 50)) end", "0"});
    admin.ask({"CONFIG", "SET", "maxmemory-policy", "allkeys-random"});
    // Buffers of replicas are in use too, and are no reason to evict.
    CHECK(became_true([&] {
      const auto most = static_cast<long long>(std::stod(field_of(admin, "used_memory")) * 0.9);
      admin.ask({"CONFIG", "SET", "maxmemory", std::to_string(most)});
      return field_of(admin, "evicted_keys") != "0";
    }));
    admin.ask({"CONFIG", "SET", "maxmemory-policy", "noeviction"});
    admin.ask({"CONFIG", "SET", "maxmemory", "200mb"});
  }

  void hold_states() {
    blocked_.begin({"BLPOP", "nothing", "0"});
    tracking_.ask({"CLIENT", "TRACKING", "ON", "REDIRECT", admin.ask({"CLIENT", "ID"})});
    channel_.ask({"SUBSCRIBE", "news"});
    pattern_.ask({"PSUBSCRIBE", "n*"});
    CHECK(becomes(admin, "blocked_clients", "1"));
  }

  void use_keys() {
    for (int i = 0; i < 50; ++i) {
      admin.ask({"SET", "key" + std::to_string(i), "value", "EX", "1000"});
      admin.ask({"GET", "key" + std::to_string(2 * i)});
    }
    admin.ask({"SET", "soon", "value", "PX", "1"});
    CHECK(became_true([&] { return admin.ask({"GET", "soon"}).empty(); }));
    admin.ask({"LPUSH", "key1", "1"});
    admin.ask({"GET"});
    admin.ask({"SELECT", "3"});
    admin.ask({"SET", "key", "value"});
  }

  redis_admin lost_{server};
  redis_admin blocked_{server};
  redis_admin tracking_{server};
  redis_admin channel_{server};
  redis_admin pattern_{server};
};

double slow_entries_in(const collected& found) {
  double sum = 0;
  for (const collected::number& number : found.numbers()) {
    if (number.instrument->name == "redis.slowlog.entries")
      sum += static_cast<double>(number.value);
  }
  return sum;
}

/// The number of the only series that begins like this.
double only_of(const scraped& numbers, const std::string& begin) {
  const auto found = numbers.lower_bound(begin);
  REQUIRE(found != numbers.end());
  REQUIRE(found->first.starts_with(begin));
  return found->second;
}

/// Rounds of commands, each of which moves each of the counters under load.
class redis_load {
 public:
  explicit redis_load(const redis_server& server) : admin_{server} {
    admin_.ask({"SET", "text", "value"});
  }

  void run(int rounds) {
    for (const int end = done_ + rounds; done_ < end; ++done_) {
      const std::string last = std::to_string(done_ - 1);
      const std::string next = std::to_string(done_);
      admin_.ask({"SET", "page" + next, page_});
      admin_.ask({"GET", "page" + next});
      admin_.ask({"GET", "absent"});
      admin_.ask({"GET"});
      admin_.ask({"LPUSH", "text", "1"});
      admin_.ask({"SET", "soon" + next, "value", "PX", "1"});
      admin_.ask({"GET", "soon" + last});
      admin_.ask({"SET", "text", "value"});
    }
  }

 private:
  const std::string page_ = std::string(2000, 'x');
  redis_admin admin_;
  int done_ = 0;
};

std::vector<same_counter> counters_under_load() {
  std::vector<same_counter> rows{
      {"redis_commands_processed_total", "redis.commands.processed"},
      {"redis_connections_received_total", "redis.connections.received"},
      {"redis_net_input_bytes_total", "redis.net.input"},
      {"redis_net_output_bytes_total", "redis.net.output"},
      {"redis_keyspace_hits_total", "redis.keyspace.hits"},
      {"redis_keyspace_misses_total", "redis.keyspace.misses"},
      {"redis_expired_keys_total", "redis.keys.expired"},
      {"redis_evicted_keys_total", "redis.keys.evicted"},
      {"redis_master_repl_offset", "redis.replication.offset"},
      {"redis_rdb_changes_since_last_save", "redis.rdb.changes_since_last_save"},
      {R"(redis_errors_total{err="WRONGTYPE"})", "redis.errors", {{"error.type", "WRONGTYPE"}}},
      {R"(redis_errors_total{err="ERR"})", "redis.errors", {{"error.type", "ERR"}}},
      {R"(redis_commands_failed_calls_total{cmd="lpush"})", "redis.cmd.failed", {{"cmd", "lpush"}}},
      {R"(redis_commands_rejected_calls_total{cmd="get"})",
       "redis.cmd.rejected",
       {{"cmd", "get"}}}};
  for (const std::string command : {"get", "set", "lpush"}) {
    const attributes labels{{"cmd", command}};
    rows.push_back({"redis_commands_total{cmd=\"" + command + "\"}", "redis.cmd.calls", labels});
    rows.push_back({"redis_commands_duration_seconds_total{cmd=\"" + command + "\"}",
                    "redis.cmd.usec", labels, 1e6});
  }
  for (const std::string state : {"sys", "user"}) {
    rows.push_back({"redis_cpu_" + state + "_seconds_total", "redis.cpu.time", {{"state", state}}});
  }
  return rows;
}

}  // namespace

TEST_CASE("at rest, numbers equal those of prometheus-redis-exporter", "[redis]") {
  const primary_in_use primary;
  const exporter theirs = exporter_of(primary.server);
  // Our connection is open before theirs: both see the same number of connections.
  redis_collector collector{{.server = address_of(primary.server)}};
  static_cast<void>(collected_by(collector));
  const scraped numbers = theirs.scrape();
  const collected found = collected_by(collector);

  CHECK(std::size(compared) >= 40);
  for (const compared_number& row : compared) {
    INFO(row.theirs);
    REQUIRE(numbers.contains(row.theirs));
    const double expected = numbers.at(row.theirs) * row.factor;
    const auto number = number_in(found, row.ours, row.labels);
    REQUIRE(number.has_value());
    CHECK(*number == Approx(expected).epsilon(std::max(row.tolerance, 1e-9)));
    CHECK((expected == 0) == (*row.zero_because != '\0'));
  }
  CHECK(slow_entries_in(found) == numbers.at("redis_slowlog_last_id") + 1);
}

TEST_CASE("the numbers of a replica equal those of prometheus-redis-exporter", "[redis]") {
  const redis_server primary{{"--repl-diskless-sync-delay", "0"}};
  const redis_server server = replica_of(primary);
  redis_admin replica{server};
  CHECK(becomes(replica, "master_link_status", "up"));
  redis_admin{primary}.ask({"SET", "key", "value"});
  CHECK(became_true([&] { return replica.ask({"GET", "key"}) == "value"; }));
  const exporter theirs = exporter_of(server);
  redis_collector collector{{.server = address_of(server)}};

  const scraped before = theirs.scrape();
  const collected found = collected_by(collector);
  const scraped after = theirs.scrape();
  CHECK(only_of(before, "redis_master_link_up{") == 1);
  CHECK(number_in(found, "redis.replication.link.up") == 1.0);
  const std::string offset = "redis_slave_repl_offset{";
  CHECK(only_of(before, offset) > 0);
  // The primary's PING moves it, at times.
  CHECK(number_in(found, "redis.replication.replica_offset") >= only_of(before, offset));
  CHECK(number_in(found, "redis.replication.replica_offset") <= only_of(after, offset));
}

TEST_CASE("under load, counters lie between two scrapes of prometheus-redis-exporter", "[redis]") {
  const redis_server server{{"--maxmemory", "3mb", "--maxmemory-policy", "allkeys-random",
                             "--repl-diskless-sync-delay", "0"}};
  const redis_server replica = replica_of(server);
  redis_admin admin{server};
  CHECK(becomes(admin, "connected_slaves", "1"));
  const exporter theirs = exporter_of(server);
  redis_collector collector{{.server = address_of(server)}};
  redis_load load{server};
  // What happens between two scrapes is to be less than 1 % of what happened before.
  load.run(2500);
  for (int i = 0; i < 300; ++i) redis_admin{server}.ask({"PING"});

  bracketed_counters counters{counters_under_load()};
  const bool are_proved = became_true([&] {
    const scraped before = theirs.scrape();
    auto running = std::async(std::launch::async, [&load] { load.run(15); });
    const collected found = collected_by(collector);
    running.get();
    counters.compare(
        before, [&](const same_counter& row) { return number_in(found, row.ours, row.labels); },
        theirs.scrape());
    return counters.unproved().empty() || !counters.faults().empty();
  });
  CHECK(are_proved);
  CHECK(counters.unproved() == "");
  CHECK(counters.faults() == "");
}
