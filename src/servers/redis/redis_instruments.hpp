#pragma once

#include <querytap/snapshot/instrument.hpp>

#include <array>
#include <string_view>

/// What is known of a Redis server: names, units and attributes.
///
/// Source   the redisreceiver of the OpenTelemetry Collector; what it lacks is named under `redis.`, in its
///          style.
namespace querytap::catalog::redis {

// A table reads as a table.
// clang-format off
namespace keys {
inline constexpr std::string_view server[] = {"db.system.name", "server.address", "server.port"};
inline constexpr std::string_view state[] = {"db.system.name", "server.address", "server.port", "state"};
inline constexpr std::string_view database[] = {"db.system.name", "server.address", "server.port", "db"};
inline constexpr std::string_view command[] = {"db.system.name", "server.address", "server.port", "cmd"};
inline constexpr std::string_view percentile[] = {"db.system.name", "server.address", "server.port", "cmd", "percentile"};
inline constexpr std::string_view error[] = {"db.system.name", "server.address", "server.port", "error.type"};
inline constexpr std::string_view role[] = {"db.system.name", "server.address", "server.port", "role"};
inline constexpr std::string_view about[] = {"db.system.name", "server.address", "server.port", "redis.version", "redis.mode"};
}  // namespace keys

using enum instrument_kind;
inline constexpr std::uint32_t millionths = 1'000'000;

inline constexpr instrument server_info{"redis.server.info", "1", info, "Version and mode of the server.", {}, keys::about};
inline constexpr instrument role{"redis.role", "{role}", info, "Whether the server is a primary or a replica.", {}, keys::role};
inline constexpr instrument uptime{"redis.uptime", "s", gauge, "Time since the server was started.", {}, keys::server};
inline constexpr instrument cpu_time{"redis.cpu.time", "s", counter, "CPU time of the server, by state.", {}, keys::state};

inline constexpr instrument clients_connected{"redis.clients.connected", "{client}", gauge, "Connections of clients.", {}, keys::server};
inline constexpr instrument clients_limit{"redis.clients.limit", "{client}", gauge, "Connections that may be open at most.", {}, keys::server};
inline constexpr instrument clients_blocked{"redis.clients.blocked", "{client}", gauge, "Clients that wait in a blocking command.", {}, keys::server};
inline constexpr instrument clients_tracking{"redis.clients.tracking", "{client}", gauge, "Clients whose caches the server invalidates.", {}, keys::server};
inline constexpr instrument clients_max_input{"redis.clients.max_input_buffer", "By", gauge, "The largest of recent input buffers.", {}, keys::server};
inline constexpr instrument clients_max_output{"redis.clients.max_output_buffer", "By", gauge, "The largest of recent output buffers.", {}, keys::server};
inline constexpr instrument connections_received{"redis.connections.received", "{connection}", counter, "Connections that were accepted.", {}, keys::server};
inline constexpr instrument connections_rejected{"redis.connections.rejected", "{connection}", counter, "Connections that were refused for maxclients.", {}, keys::server};

inline constexpr instrument memory_used{"redis.memory.used", "By", gauge, "Memory that the allocator has given out.", {}, keys::server};
inline constexpr instrument memory_peak{"redis.memory.peak", "By", gauge, "The most that was ever used.", {}, keys::server};
inline constexpr instrument memory_rss{"redis.memory.rss", "By", gauge, "Memory of the process, as the system sees it.", {}, keys::server};
inline constexpr instrument memory_lua{"redis.memory.lua", "By", gauge, "Memory of the engine for scripts.", {}, keys::server};
inline constexpr instrument memory_dataset{"redis.memory.dataset", "By", gauge, "Memory of the data without what manages it.", {}, keys::server};
inline constexpr instrument memory_overhead{"redis.memory.overhead", "By", gauge, "Memory of what manages the data.", {}, keys::server};
inline constexpr instrument memory_clients{"redis.memory.clients", "By", gauge, "Memory of the buffers of clients.", {}, keys::server};
inline constexpr instrument fragmentation{"redis.memory.fragmentation_ratio", "1", gauge, "Memory of the process over memory used.", {}, keys::server, millionths};
inline constexpr instrument max_memory{"redis.maxmemory", "By", gauge, "The limit of memory; 0: none.", {}, keys::server};

inline constexpr instrument commands_rate{"redis.commands", "{command}/s", gauge, "Commands of the last second.", {}, keys::server};
inline constexpr instrument commands_processed{"redis.commands.processed", "{command}", counter, "Commands that were executed.", {}, keys::server};
inline constexpr instrument net_input{"redis.net.input", "By", counter, "Bytes received.", {}, keys::server};
inline constexpr instrument net_output{"redis.net.output", "By", counter, "Bytes sent.", {}, keys::server};
inline constexpr instrument keys_expired{"redis.keys.expired", "{key}", counter, "Keys whose time was over.", {}, keys::server};
inline constexpr instrument keys_evicted{"redis.keys.evicted", "{key}", counter, "Keys that were given up for memory.", {}, keys::server};
inline constexpr instrument keyspace_hits{"redis.keyspace.hits", "{hit}", counter, "Look-ups of keys that were there.", {}, keys::server};
inline constexpr instrument keyspace_misses{"redis.keyspace.misses", "{miss}", counter, "Look-ups of keys that were not there.", {}, keys::server};
inline constexpr instrument latest_fork{"redis.latest_fork", "us", gauge, "Duration of the latest fork.", {}, keys::server};
inline constexpr instrument error_replies{"redis.errors", "{error}", counter, "Answers that were errors, by their first word; `script`: of a script's own.", {}, keys::error};
inline constexpr instrument pubsub_channels{"redis.pubsub.channels", "{channel}", gauge, "Channels with subscribers.", {}, keys::server};
inline constexpr instrument pubsub_patterns{"redis.pubsub.patterns", "{pattern}", gauge, "Patterns with subscribers.", {}, keys::server};

inline constexpr instrument replicas{"redis.slaves.connected", "{replica}", gauge, "Replicas that are connected.", {}, keys::server};
inline constexpr instrument backlog_first_byte{"redis.replication.backlog_first_byte_offset", "By", gauge, "Offset of the backlog of replication.", {}, keys::server};
inline constexpr instrument replication_offset{"redis.replication.offset", "By", gauge, "How far the server has written its stream of replication.", {}, keys::server};
inline constexpr instrument replica_offset{"redis.replication.replica_offset", "By", gauge, "How far a replica has read that of its primary.", {}, keys::server};
inline constexpr instrument link_up{"redis.replication.link.up", "1", gauge, "1: a replica's link to its primary is up.", {}, keys::server};
inline constexpr instrument sync_full{"redis.replication.sync.full", "{sync}", counter, "Replicas that had to copy everything.", {}, keys::server};
inline constexpr instrument sync_refused{"redis.replication.sync.partial_refused", "{sync}", counter, "Replicas for which the backlog was too short.", {}, keys::server};

inline constexpr instrument unsaved_changes{"redis.rdb.changes_since_last_save", "{change}", gauge, "Changes since the last snapshot.", {}, keys::server};
inline constexpr instrument save_ok{"redis.rdb.last_save.ok", "1", gauge, "1: the last snapshot was written.", {}, keys::server};
inline constexpr instrument append_ok{"redis.aof.last_write.ok", "1", gauge, "1: the append-only file could be written.", {}, keys::server};
inline constexpr instrument append_enabled{"redis.aof.enabled", "1", gauge, "1: there is an append-only file.", {}, keys::server};
inline constexpr instrument append_delayed{"redis.aof.delayed_fsync", "{fsync}", counter, "Times that a write waited for the disk.", {}, keys::server};
inline constexpr instrument loading{"redis.loading", "1", gauge, "1: the data set is being loaded.", {}, keys::server};

inline constexpr instrument db_keys{"redis.db.keys", "{key}", gauge, "Keys of a database.", {}, keys::database};
inline constexpr instrument db_expires{"redis.db.expires", "{key}", gauge, "Keys of a database that expire.", {}, keys::database};
inline constexpr instrument db_avg_ttl{"redis.db.avg_ttl", "ms", gauge, "Mean time to live of the keys that expire.", {}, keys::database};

inline constexpr instrument command_calls{"redis.cmd.calls", "{call}", counter, "Calls of a command.", {}, keys::command};
inline constexpr instrument command_time{"redis.cmd.usec", "us", counter, "Time of execution of a command.", {}, keys::command};
inline constexpr instrument command_rejected{"redis.cmd.rejected", "{call}", counter, "Calls that were refused before execution.", {}, keys::command};
inline constexpr instrument command_failed{"redis.cmd.failed", "{call}", counter, "Calls that failed in execution.", {}, keys::command};
inline constexpr instrument command_latency{"redis.cmd.latency", "us", gauge, "Percentile of the time of execution since the start.", {}, keys::percentile, 1000};
inline constexpr instrument slow_entries{"redis.slowlog.entries", "{entry}", counter, "Entries of the SLOWLOG, by command.", {}, keys::command};
inline constexpr instrument slow_time{"redis.slowlog.time", "s", counter, "Time of the entries of the SLOWLOG, by command.", {}, keys::command};
inline constexpr instrument slow_missed{"redis.slowlog.missed", "{entry}", counter, "Entries that were gone before they were read.", {}, keys::server};
// clang-format on

inline constexpr std::array all{
    &server_info,
    &role,
    &uptime,
    &cpu_time,
    &clients_connected,
    &clients_limit,
    &clients_blocked,
    &clients_tracking,
    &clients_max_input,
    &clients_max_output,
    &connections_received,
    &connections_rejected,
    &memory_used,
    &memory_peak,
    &memory_rss,
    &memory_lua,
    &memory_dataset,
    &memory_overhead,
    &memory_clients,
    &fragmentation,
    &max_memory,
    &commands_rate,
    &commands_processed,
    &net_input,
    &net_output,
    &keys_expired,
    &keys_evicted,
    &keyspace_hits,
    &keyspace_misses,
    &latest_fork,
    &error_replies,
    &pubsub_channels,
    &pubsub_patterns,
    &replicas,
    &backlog_first_byte,
    &replication_offset,
    &replica_offset,
    &link_up,
    &sync_full,
    &sync_refused,
    &unsaved_changes,
    &save_ok,
    &append_ok,
    &append_enabled,
    &append_delayed,
    &loading,
    &db_keys,
    &db_expires,
    &db_avg_ttl,
    &command_calls,
    &command_time,
    &command_rejected,
    &command_failed,
    &command_latency,
    &slow_entries,
    &slow_time,
    &slow_missed,
};

}  // namespace querytap::catalog::redis
