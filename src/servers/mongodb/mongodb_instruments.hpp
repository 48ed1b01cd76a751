#pragma once

#include <querytap/snapshot/instrument.hpp>

#include <array>
#include <string_view>

/// What is known of a MongoDB: names, units and attributes.
///
/// Source   the mongodbreceiver of the OpenTelemetry Collector; what it lacks is named under `mongodb.`, in its
///          style.
namespace querytap::catalog::mongodb {

// A table reads as a table.
// clang-format off
namespace keys {
inline constexpr std::string_view about[] = {"db.system.name", "server.address", "server.port", "mongodb.version"};
inline constexpr std::string_view role[] = {"db.system.name", "server.address", "server.port", "mongodb.member.role"};
inline constexpr std::string_view server[] = {"db.system.name", "server.address", "server.port"};
inline constexpr std::string_view type[] = {"db.system.name", "server.address", "server.port", "type"};
inline constexpr std::string_view operation[] = {"db.system.name", "server.address", "server.port", "operation"};
inline constexpr std::string_view collection[] = {"db.system.name", "server.address", "server.port", "database", "collection"};
inline constexpr std::string_view index[] = {"db.system.name", "server.address", "server.port", "database", "collection", "index"};
}  // namespace keys

using enum instrument_kind;

inline constexpr instrument server_info{"mongodb.server.info", "1", info, "Version of the server.", {}, keys::about};
inline constexpr instrument member{"mongodb.member", "{member}", info, "What the member is in its replica set.", {}, keys::role};
inline constexpr instrument uptime{"mongodb.uptime", "ms", gauge, "Time since the server was started.", {}, keys::server};
inline constexpr instrument connection_count{"mongodb.connection.count", "{connection}", gauge, "Connections, open and possible.", {}, keys::type};
inline constexpr instrument connections_created{"mongodb.connection.created", "{connection}", counter, "Connections that were accepted.", {}, keys::server};
inline constexpr instrument memory_usage{"mongodb.memory.usage", "By", gauge, "Memory of the process.", {}, keys::type};
inline constexpr instrument operation_count{"mongodb.operation.count", "{operation}", counter, "Operations of clients.", {}, keys::operation};
inline constexpr instrument operation_repl_count{"mongodb.operation.repl.count", "{operation}", counter, "Operations of replication.", {}, keys::operation};
inline constexpr instrument operation_time{"mongodb.operation.latency.time", "us", counter, "Time of operations.", {}, keys::operation};
inline constexpr instrument operation_timed{"mongodb.operation.latency.count", "{operation}", counter, "Operations in that time.", {}, keys::operation};
inline constexpr instrument document_count{"mongodb.document.operation.count", "{document}", counter, "Documents by what was done to them.", {}, keys::operation};
inline constexpr instrument cursor_count{"mongodb.cursor.count", "{cursor}", gauge, "Cursors that are open.", {}, keys::server};
inline constexpr instrument cursor_timeouts{"mongodb.cursor.timeout.count", "{cursor}", counter, "Cursors that nobody read on.", {}, keys::server};
inline constexpr instrument network_received{"mongodb.network.io.receive", "By", counter, "Bytes received.", {}, keys::server};
inline constexpr instrument network_sent{"mongodb.network.io.transmit", "By", counter, "Bytes sent.", {}, keys::server};
inline constexpr instrument network_requests{"mongodb.network.request.count", "{request}", counter, "Requests received.", {}, keys::server};
inline constexpr instrument cache_operations{"mongodb.cache.operations", "{page}", counter, "Pages that were in the cache, or had to be read.", {}, keys::type};
inline constexpr instrument cache_size{"mongodb.cache.size", "By", gauge, "The cache of WiredTiger: its limit, and what is in it.", {}, keys::type};
inline constexpr instrument page_faults{"mongodb.page_faults", "{fault}", counter, "Page faults that needed the disk.", {}, keys::server};
inline constexpr instrument lock_time{"mongodb.global_lock.time", "us", counter, "Time that the global lock has been there.", {}, keys::server};
inline constexpr instrument lock_queue{"mongodb.global_lock.queue", "{operation}", gauge, "Operations that wait for a lock.", {}, keys::type};
inline constexpr instrument tickets{"mongodb.tickets.available", "{ticket}", gauge, "Operations that may still begin at once.", {}, keys::type};
inline constexpr instrument asserts{"mongodb.asserts", "{assert}", counter, "Errors, by their severity.", {}, keys::type};
inline constexpr instrument scanned{"mongodb.query.scanned", "{item}", counter, "Keys and documents that were read to answer queries.", {}, keys::type};
inline constexpr instrument collection_scans{"mongodb.query.collection_scans", "{scan}", counter, "Queries that read a whole collection.", {}, keys::server};
inline constexpr instrument write_conflicts{"mongodb.write_conflicts", "{conflict}", counter, "Writes that were tried again for another one.", {}, keys::server};
inline constexpr instrument session_count{"mongodb.session.count", "{session}", gauge, "Sessions that are open.", {}, keys::server};
inline constexpr instrument transactions{"mongodb.transactions.open", "{transaction}", gauge, "Transactions that are open.", {}, keys::server};
inline constexpr instrument ttl_deleted{"mongodb.ttl.deleted", "{document}", counter, "Documents that were deleted for their age.", {}, keys::server};
inline constexpr instrument replica_lag{"mongodb.replica.lag", "s", gauge, "How far the member is behind its primary.", {}, keys::server};
inline constexpr instrument object_count{"mongodb.object.count", "{object}", gauge, "Documents of a collection.", {}, keys::collection};
inline constexpr instrument data_size{"mongodb.data.size", "By", gauge, "Bytes of the documents of a collection.", {}, keys::collection};
inline constexpr instrument storage_size{"mongodb.storage.size", "By", gauge, "Bytes of a collection on disk.", {}, keys::collection};
inline constexpr instrument index_count{"mongodb.index.count", "{index}", gauge, "Indexes of a collection.", {}, keys::collection};
inline constexpr instrument index_size{"mongodb.index.size", "By", gauge, "Bytes of the indexes of a collection.", {}, keys::collection};
inline constexpr instrument index_access{"mongodb.index.access.count", "{access}", counter, "Operations that used an index.", {}, keys::index};
// clang-format on

inline constexpr std::array all{
    &server_info,         &member,           &uptime,          &connection_count,
    &connections_created, &memory_usage,     &operation_count, &operation_repl_count,
    &operation_time,      &operation_timed,  &document_count,  &cursor_count,
    &cursor_timeouts,     &network_received, &network_sent,    &network_requests,
    &cache_operations,    &cache_size,       &page_faults,     &lock_time,
    &lock_queue,          &tickets,          &asserts,         &scanned,
    &collection_scans,    &write_conflicts,  &session_count,   &transactions,
    &ttl_deleted,         &replica_lag,      &object_count,    &data_size,
    &storage_size,        &index_count,      &index_size,      &index_access};

}  // namespace querytap::catalog::mongodb
