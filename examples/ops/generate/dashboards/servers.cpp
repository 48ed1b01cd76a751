#include "dashboards.hpp"
#include "panels.hpp"

#include <querytap/snapshot/catalog.hpp>

#include <servers/chroma/chroma_instruments.hpp>
#include <servers/host/gpu_instruments.hpp>
#include <servers/host/host_instruments.hpp>
#include <servers/mongodb/mongodb_instruments.hpp>
#include <servers/mysql/mysql_instruments.hpp>
#include <servers/postgres/postgres_instruments.hpp>
#include <servers/redis/redis_instruments.hpp>
#include <servers/sqlite/sqlite_instruments.hpp>

namespace ops {
namespace {

namespace catalog = querytap::catalog;
namespace host = querytap::catalog::host;
namespace gpu = querytap::catalog::gpu;
namespace chroma = querytap::catalog::chroma;
namespace mongodb = querytap::catalog::mongodb;
namespace mysql = querytap::catalog::mysql;
namespace postgres = querytap::catalog::postgres;
namespace redis = querytap::catalog::redis;
namespace sqlite = querytap::catalog::sqlite;

const keys by_source{"querytap.source"};
const keys by_server{"server.address", "server.port"};
const keys by_database{"server.address", "postgresql.database.name"};
const keys by_process{"job", "instance"};

/// The rate of a server's counter, whoever asked the server for it.
target server_rate(const series& selected, const keys& by, const std::string& more = {}) {
  return shown(rate(selected.of_server(), by), by, more);
}

target server_gauge(const series& selected, const keys& by, const std::string& more = {}) {
  return shown(highest(selected.of_server(), by), by, more);
}

target server_share(const query& part, const query& whole, const keys& by) {
  return shown(share(part, whole), by);
}

row of_sources() {
  return {"Who is asked",
          {{.title = "Age of what servers said",
            .advice = "Above a few minutes the figures below are old.",
            .targets = {shown(highest(series{catalog::source_age}, by_source), by_source)},
            .thresholds = limits(120, 600)},
           {.title = "Failed collections",
            .advice = "`error`: a right is missing, or the server is gone; /#servers of the live "
                      "page has the message.",
            .targets = {shown(
                rate(series{catalog::source_failures}, {"querytap.source", "querytap.reason"}),
                {"querytap.source", "querytap.reason"})},
            .thresholds = limits(0.001, 0.1)},
           {.title = "Time of a collection (p99)",
            .advice = "Slow collections are a busy server, or one with very many tables.",
            .targets = {quantile_shown(0.99, series{catalog::source_duration}, by_source)}}}};
}

row of_postgres() {
  const series used{postgres::sessions};
  const keys by_state{"postgresql.database.name", "state"};
  return {
      "PostgreSQL",
      {{.title = "Transactions",
        .advice = "Committed and rolled back. Many rollbacks: errors, or a pool that resets its "
                  "connections.",
        .targets = {server_rate(series{postgres::commits}, by_database, "commits"),
                    server_rate(series{postgres::rollbacks}, by_database, "rollbacks")}},
       {.title = "Deadlocks and conflicts",
        .advice = "Each is a failed transaction. Deadlocks: lock rows in one order.",
        .targets = {server_rate(series{postgres::deadlocks}, by_database, "deadlocks"),
                    server_rate(series{postgres::conflicts}, by_database, "conflicts")},
        .thresholds = limits(0.001, 0.1)},
       {.title = "Connections",
        .advice = "The share of what the server admits. At 100 % it refuses all but superusers.",
        .targets = {server_share(sum(series{postgres::backends}.of_server(), by_server),
                                 sum(series{postgres::connection_max}.of_server(), by_server),
                                 by_server)},
        .thresholds = limits(0.7, 0.9),
        .least = 0,
        .most = 1},
       {.title = "Sessions",
        .advice = "`idle in transaction` holds locks and keeps VACUUM from cleaning up.",
        .targets = {server_gauge(used, by_state)},
        .is_stacked = true},
       {.title = "What sessions wait for",
        .advice = "`Lock`: one another. `IO`: the disk. `LWLock`: memory that all share.",
        .targets = {server_gauge(series{postgres::session_waits},
                                 {"server.address", "postgresql.wait_event_type"})},
        .is_stacked = true},
       {.title = "Longest transaction",
        .advice = "Hours: find and end it (pg_terminate_backend), or tables grow without end.",
        .targets = {shown(
            or_zero(highest(series{postgres::transaction_longest}.of_server(), by_state),
                    highest(used.of_server(), by_state)),
            by_state)},
        .thresholds = limits(300, 3600)},
       {.title = "Blocks found in memory",
        .advice = "Far below 99 % for a service like this: shared_buffers is too small, or a scan "
                  "reads everything.",
        .targets = {server_share(
            rate(series{postgres::blocks_hit}.of_server(), by_database),
            total_of(rate(series{postgres::blocks_hit}.of_server(), by_database),
                     rate(series{postgres::blocks_read}.of_server(), by_database)),
            by_database)},
        .least = 0,
        .most = 1},
       {.title = "Rows read by sequential scans",
        .advice = "The ten tables that are read most without an index.",
        .targets = {shown(top(10, rate(series{postgres::table_rows_scanned}.of_server(),
                                       {"postgresql.table.name"})),
                          {"postgresql.table.name"})}},
       {.title = "Dead rows",
        .advice =
            "Rising without end: autovacuum does not keep up, or a long transaction stops it.",
        .targets = {shown(top(10, highest(series{postgres::table_rows}.where("state", "=\"dead\""),
                                          {"postgresql.table.name"})),
                          {"postgresql.table.name"})}},
       {.title = "Age of the oldest transaction that is not frozen",
        .advice = "Writes end at 2,147 million: VACUUM FREEZE long before.",
        .targets = {server_gauge(series{postgres::transaction_age}, by_database)},
        .thresholds = limits(500e6, 1500e6)},
       {.title = "Replication delay",
        .advice = "How far standbys are behind, and for how long slots hold the log.",
        .targets = {server_gauge(series{postgres::replication_delay},
                                 {"server.address", "replication_client", "operation"})},
        .thresholds = limits(10, 60),
        .empty_because = "the server has no standby"},
       {.title = "Size",
        .advice = "Of databases, and of the write-ahead log.",
        .targets = {server_gauge(series{postgres::database_size}, by_database),
                    server_gauge(series{postgres::wal_files_size}, by_server, "log")}}}};
}

row of_redis() {
  return {
      "Redis",
      {{.title = "Commands",
        .advice = "Of all clients.",
        .targets = {server_rate(series{redis::commands_processed}, by_server)}},
       {.title = "Found keys",
        .advice = "The share of look-ups that found their key. Falls when keys expire or are "
                  "evicted too early.",
        .targets = {server_share(
            rate(series{redis::keyspace_hits}.of_server(), by_server),
            total_of(rate(series{redis::keyspace_hits}.of_server(), by_server),
                     rate(series{redis::keyspace_misses}.of_server(), by_server)),
            by_server)},
        .least = 0,
        .most = 1},
       {.title = "Latency of commands (p99, since the start)",
        .advice = "As the server itself measures. KEYS, SMEMBERS and the like hold up everyone.",
        .targets = {shown(
            top(10, highest(series{redis::command_latency}.where("percentile", "=~\"99|p99|99.0\""),
                            {"server.address", "cmd"})),
            {"server.address", "cmd"})}},
       {.title = "Memory",
        .advice = "At its limit the server evicts keys, or refuses to write.",
        .targets = {server_gauge(series{redis::memory_used}, by_server, "used"),
                    server_gauge(series{redis::memory_rss}, by_server, "of the process"),
                    server_gauge(series{redis::max_memory}, by_server, "limit (0: none)")}},
       {.title = "Evicted and expired keys",
        .advice = "Evictions: the memory is too small for the working set.",
        .targets = {server_rate(series{redis::keys_evicted}, by_server, "evicted"),
                    server_rate(series{redis::keys_expired}, by_server, "expired")}},
       {.title = "Clients",
        .advice = "Refused connections are failed requests.",
        .targets = {server_gauge(series{redis::clients_connected}, by_server, "connected"),
                    server_gauge(series{redis::clients_blocked}, by_server, "blocked"),
                    server_rate(series{redis::connections_rejected}, by_server, "refused/s")},
        .unit = "short"}}};
}

row of_mysql() {
  const std::string none = "the service asks no MariaDB or MySQL";
  return {
      "MariaDB and MySQL",
      {{.title = "Statements",
        .advice = "That clients sent, and those beyond long_query_time.",
        .targets = {server_rate(series{mysql::query_client_count}, by_server, "sent"),
                    server_rate(series{mysql::query_slow_count}, by_server, "slow")},
        .empty_because = none},
       {.title = "Threads",
        .advice = "`running` far above the number of processors: statements wait for one another.",
        .targets = {server_gauge(series{mysql::threads}, {"server.address", "kind"})},
        .empty_because = none},
       {.title = "Waits for locks of rows",
        .advice = "In seconds per second.",
        .targets = {server_rate(series{mysql::row_lock_time}, by_server)},
        .empty_because = none},
       {.title = "Connection errors",
        .advice = "By why they failed.",
        .targets = {server_rate(series{mysql::connection_errors}, {"server.address", "error"})},
        .empty_because = none},
       {.title = "History not purged",
        .advice = "Rises while a long transaction is open.",
        .targets = {server_gauge(series{mysql::history_length}, by_server)},
        .empty_because = none},
       {.title = "Replication delay",
        .advice = "How far replicas are behind.",
        .targets = {server_gauge(series{mysql::replica_lag}, {"server.address", "channel"})},
        .thresholds = limits(10, 60),
        .empty_because = "no replica is asked"}}};
}

row of_mongodb() {
  return {
      "MongoDB",
      {{.title = "Operations",
        .advice = "By kind.",
        .targets = {server_rate(series{mongodb::operation_count},
                                {"server.address", "operation"})}},
       {.title = "Time of operations",
        .advice = "Microseconds per second that operations take.",
        .targets = {server_rate(series{mongodb::operation_time}, {"server.address", "operation"})}},
       {.title = "Connections",
        .advice = "Open, and still possible.",
        .targets = {server_gauge(series{mongodb::connection_count}, {"server.address", "type"})}},
       {.title = "Whole collections read",
        .advice = "Queries without an index.",
        .targets = {server_rate(series{mongodb::collection_scans}, by_server)}},
       {.title = "Operations that wait for a lock",
        .advice = "For more than a moment: too many writers of one thing.",
        .targets = {server_gauge(series{mongodb::lock_queue}, {"server.address", "type"})}},
       {.title = "Replication delay",
        .advice = "How far members are behind their primary.",
        .targets = {server_gauge(series{mongodb::replica_lag}, by_server)},
        .thresholds = limits(10, 60),
        .empty_because = "no secondary is asked"},
       {.title = "Heartbeats of the driver (p99)",
        .advice = "The network's round trip, and the server's own.",
        .targets = {quantile_shown(0.99, series{catalog::mongodb_heartbeat_duration}, by_server)}},
       {.title = "Retries and overloads",
        .advice = "A server that asks to be spared: less load, or a larger one.",
        .targets = {{rate(series{catalog::mongodb_retries}), "retries"},
                    {rate(series{catalog::mongodb_overloads}), "overloads"}}}}};
}

row of_vectors() {
  return {
      "Chroma and SQLite",
      {{.title = "Records of Chroma",
        .advice = "By collection. A fall means that documents were lost.",
        .targets = {server_gauge(series{chroma::record_count},
                                 {"server.address", "db.collection.name"})}},
       {.title = "Progress of Chroma's indexes",
        .advice = "Below 100 %: searches read what is not yet indexed one by one.",
        .targets = {server_gauge(series{chroma::index_progress},
                                 {"server.address", "db.collection.name"})},
        .least = 0,
        .most = 1,
        .empty_because = "Chroma's version does not say how far its index is"},
       {.title = "Files of SQLite",
        .advice = "A -wal file that only grows: a reader that never ends, or no checkpoint.",
        .targets = {server_gauge(series{sqlite::file_size}, {"db.namespace", "sqlite.file"})}},
       {.title = "Pages that SQLite found in its cache",
        .advice = "Low: raise cache_size.",
        .targets = {server_share(
            rate(series{sqlite::cache_lookups}.where("sqlite.cache.result", "=\"hit\"").of_server(),
                 {"db.namespace"}),
            rate(series{sqlite::cache_lookups}.of_server(), {"db.namespace"}), {"db.namespace"})},
        .least = 0,
        .most = 1,
        .empty_because = "the collector reads the file, not a connection of the application"}}};
}

row of_host() {
  const std::string no_gpu = "no GPU is there, or its driver is not";
  return {
      "Hosts",
      {{.title = "Processors",
        .advice = "The busy share.",
        .targets = {shown(
            share(rate(series{host::system_cpu_time}.where("cpu.mode", "!~\"idle|iowait\""),
                       by_process),
                  rate(series{host::system_cpu_time}, by_process)),
            by_process)},
        .thresholds = limits(0.8, 0.95),
        .least = 0,
        .most = 1,
        .live_view = "servers"},
       {.title = "Memory that is left",
        .advice = "Below 10 % the kernel ends processes.",
        .targets = {shown(share(sum(series{host::system_memory_available}, by_process),
                                sum(series{host::system_memory_limit}, by_process)),
                          by_process)},
        .thresholds = goals(0.1, 0.2),
        .least = 0,
        .most = 1,
        .live_view = "servers"},
       {.title = "Filesystems",
        .advice = "The used share. At 100 % databases stop writing.",
        .targets = {shown(highest(series{host::system_filesystem_utilization},
                                  {"instance", "system.filesystem.mountpoint"}),
                          {"instance", "system.filesystem.mountpoint"})},
        .thresholds = limits(0.8, 0.95),
        .least = 0,
        .most = 1},
       {.title = "Pressure",
        .advice = "The share of time in which tasks waited for a processor, memory or storage.",
        .targets = {shown(
            with_unit(rate(series{host::system_pressure},
                           {"instance", "system.pressure.resource", "system.pressure.stall"}),
                      "percentunit"),
            {"instance", "system.pressure.resource", "system.pressure.stall"})}},
       {.title = "Disks",
        .advice = "The share of time in which each was busy.",
        .targets = {shown(
            with_unit(rate(series{host::system_disk_io_time}, {"instance", "system.device"}),
                      "percentunit"),
            {"instance", "system.device"})}},
       {.title = "Network",
        .advice = "Received and transmitted.",
        .targets = {shown(
            rate(series{host::system_network_io}, {"instance", "network.io.direction"}),
            {"instance", "network.io.direction"})}},
       {.title = "GPUs",
        .advice = "The share of time in which each worked.",
        .targets = {shown(highest(series{gpu::utilization}, {"instance", "hw.id", "hw.gpu.task"}),
                          {"instance", "hw.id", "hw.gpu.task"})},
        .least = 0,
        .most = 1,
        .empty_because = no_gpu},
       {.title = "Memory of GPUs",
        .advice = "The used share: models do not fit beyond it.",
        .targets = {shown(highest(series{gpu::memory_utilization}, {"instance", "hw.id"}),
                          {"instance", "hw.id"})},
        .least = 0,
        .most = 1,
        .empty_because = no_gpu},
       {
           .title = "Processor time withheld by the cgroup",
           .advice = "The share of time in which the limit of the container stopped the process: "
                     "raise it, or use less.",
           .targets = {shown(
               with_unit(rate(series{host::cgroup_throttled_time}, by_process), "percentunit"),
               by_process)},
           .live_view = "servers",
       }}};
}

row of_processes() {
  return {
      "Processes",
      {instances("servers",
                 {{highest(series{catalog::source_age}, by_process), "oldest answer"},
                  {rate(series{catalog::source_failures}, by_process), "failed collections/s"},
                  {sum(series{catalog::health_status}.where("querytap.health.status", "=\"fail\""),
                       by_process),
                   "failing components"}})}};
}

}  // namespace

dashboard servers() {
  return {.file = "servers",
          .title = "Servers",
          .description = "What databases, caches, vector stores and hosts say of themselves.",
          .rows = {of_sources(), of_postgres(), of_redis(), of_mysql(), of_mongodb(), of_vectors(),
                   of_host(), of_processes()}};
}

}  // namespace ops
