#pragma once

#include <querytap/snapshot/instrument.hpp>

#include <array>
#include <cstddef>
#include <span>
#include <string_view>

/// What a PostgreSQL server says of itself.
///
/// Source   the metrics of the OpenTelemetry Collector's receiver for PostgreSQL; what it lacks is named in its
///          style. Durations are seconds, where the receiver has milliseconds.
namespace querytap::catalog::postgres {

// A table reads as a table.
// clang-format off
namespace keys {
template <std::size_t Count>
[[nodiscard]] consteval auto with_server(const std::string_view (&own)[Count]) {
  std::array<std::string_view, Count + 3> all{"db.system.name", "server.address", "server.port"};
  for (std::size_t i = 0; i < Count; ++i) all[i + 3] = own[i];
  return all;
}
inline constexpr std::array<std::string_view, 3> server = {"db.system.name", "server.address", "server.port"};
inline constexpr auto database = with_server({"postgresql.database.name"});
inline constexpr auto database_state = with_server({"postgresql.database.name", "state"});
inline constexpr auto database_mode = with_server({"postgresql.database.name", "mode"});
inline constexpr auto database_operation = with_server({"postgresql.database.name", "operation"});
inline constexpr auto database_reason = with_server({"postgresql.database.name", "reason"});
inline constexpr auto database_cpu = with_server({"postgresql.database.name", "cpu.mode"});
inline constexpr auto wait = with_server({"postgresql.wait_event_type"});
inline constexpr auto mode = with_server({"mode"});
inline constexpr auto type = with_server({"type"});
inline constexpr auto source = with_server({"source"});
inline constexpr auto operation = with_server({"operation"});
inline constexpr auto state = with_server({"state"});
inline constexpr auto client = with_server({"replication_client"});
inline constexpr auto client_operation = with_server({"replication_client", "operation"});
inline constexpr auto slot = with_server({"postgresql.slot.name"});
inline constexpr auto setting = with_server({"postgresql.setting.name"});
inline constexpr auto version = with_server({"postgresql.version"});
inline constexpr auto io = with_server({"postgresql.backend_type", "postgresql.io.object", "postgresql.io.context", "operation"});
inline constexpr auto table = with_server({"postgresql.database.name", "postgresql.schema.name", "postgresql.table.name"});
inline constexpr auto table_operation = with_server({"postgresql.database.name", "postgresql.schema.name", "postgresql.table.name", "operation"});
inline constexpr auto table_state = with_server({"postgresql.database.name", "postgresql.schema.name", "postgresql.table.name", "state"});
inline constexpr auto table_source = with_server({"postgresql.database.name", "postgresql.schema.name", "postgresql.table.name", "source"});
inline constexpr auto index = with_server({"postgresql.database.name", "postgresql.schema.name", "postgresql.table.name", "postgresql.index.name"});
}  // namespace keys

using enum instrument_kind;

inline constexpr instrument backends{
    "postgresql.backends", "{backend}", gauge,
    "Server processes of the database.", {}, keys::database};
inline constexpr instrument connection_max{
    "postgresql.connection.max", "{connection}", gauge,
    "Connections that the server admits, those reserved included.", {}, keys::server};
inline constexpr instrument connection_reserved{
    "postgresql.connection.reserved", "{connection}", gauge,
    "Connections that only superusers and others named for it may use.", {}, keys::server};
inline constexpr instrument sessions{
    "postgresql.session.count", "{session}", gauge,
    "Sessions of the database by state.", {}, keys::database_state};
inline constexpr instrument transaction_longest{
    "postgresql.session.transaction.longest", "s", gauge,
    "Age of the oldest transaction of sessions in this state.", {}, keys::database_state};
inline constexpr instrument session_waits{
    "postgresql.session.waiting", "{session}", gauge,
    "Sessions with a database, by what they wait for.", {}, keys::wait};
inline constexpr instrument sessions_started{
    "postgresql.session.started", "{session}", counter,
    "Sessions that began.", {}, keys::database};
inline constexpr instrument sessions_ended{
    "postgresql.session.ended", "{session}", counter,
    "Sessions that did not end as their clients wanted.", {}, keys::database_reason};
inline constexpr instrument session_time{
    "postgresql.session.time", "s", counter,
    "Time of sessions, in all, and of it active and idle in a transaction.", {}, keys::database_state};
inline constexpr instrument commits{
    "postgresql.commits", "{transaction}", counter,
    "Transactions that were committed.", {}, keys::database};
inline constexpr instrument rollbacks{
    "postgresql.rollbacks", "{transaction}", counter,
    "Transactions that were rolled back.", {}, keys::database};
inline constexpr instrument blocks_hit{
    "postgresql.blks_hit", "{block}", counter,
    "Blocks that were found in the buffer cache.", {}, keys::database};
inline constexpr instrument blocks_read{
    "postgresql.blks_read", "{block}", counter,
    "Blocks that were read from outside the buffer cache.", {}, keys::database};
inline constexpr instrument block_time{
    "postgresql.block.time", "s", counter,
    "Time that reading and writing blocks took.", {}, keys::database_operation};
inline constexpr instrument rows_returned{
    "postgresql.tup_returned", "{row}", counter,
    "Rows that scans returned.", {}, keys::database};
inline constexpr instrument rows_fetched{
    "postgresql.tup_fetched", "{row}", counter,
    "Rows that were fetched by index scans.", {}, keys::database};
inline constexpr instrument rows_inserted{
    "postgresql.tup_inserted", "{row}", counter,
    "Rows that were inserted.", {}, keys::database};
inline constexpr instrument rows_updated{
    "postgresql.tup_updated", "{row}", counter,
    "Rows that were updated.", {}, keys::database};
inline constexpr instrument rows_deleted{
    "postgresql.tup_deleted", "{row}", counter,
    "Rows that were deleted.", {}, keys::database};
inline constexpr instrument conflicts{
    "postgresql.query.conflicts", "{query}", counter,
    "Queries of a standby that were cancelled for the sake of replay.", {}, keys::database};
inline constexpr instrument temporary_files{
    "postgresql.temp_files", "{file}", counter,
    "Temporary files that queries wrote.", {}, keys::database};
inline constexpr instrument temporary_bytes{
    "postgresql.temp.io", "By", counter,
    "Size of what queries wrote to temporary files.", {}, keys::database};
inline constexpr instrument deadlocks{
    "postgresql.deadlocks", "{deadlock}", counter,
    "Deadlocks that were found.", {}, keys::database};
inline constexpr instrument checksum_failures{
    "postgresql.checksum.failures", "{page}", counter,
    "Pages that did not match their checksum.", {}, keys::database};
inline constexpr instrument database_count{
    "postgresql.database.count", "{database}", gauge,
    "Databases that accept connections.", {}, keys::server};
inline constexpr instrument database_size{
    "postgresql.db_size", "By", gauge,
    "Size of the database on disk.", {}, keys::database};
inline constexpr instrument transaction_age{
    "postgresql.transaction.age", "{transaction}", gauge,
    "Age of the oldest transaction that is not frozen; writes end at 2,147 million.", {}, keys::database};
inline constexpr instrument multixact_age{
    "postgresql.multixact.age", "{transaction}", gauge,
    "Age of the oldest multixact that is not frozen.", {}, keys::database};
inline constexpr instrument locks{
    "postgresql.database.locks", "{lock}", gauge,
    "Locks that are held or waited for, by mode.", {}, keys::database_mode};
inline constexpr instrument locks_waiting{
    "postgresql.database.locks.waiting", "{lock}", gauge,
    "Locks that are waited for, by mode.", {}, keys::database_mode};
inline constexpr instrument prepared_transactions{
    "postgresql.prepared_transactions", "{transaction}", gauge,
    "Prepared transactions that wait for their end.", {}, keys::server};
inline constexpr instrument vacuums_running{
    "postgresql.vacuum.running", "{process}", gauge,
    "Processes that vacuum a table.", {}, keys::server};
inline constexpr instrument checkpoints{
    "postgresql.bgwriter.checkpoint.count", "{checkpoint}", counter,
    "Checkpoints by what began them.", {}, keys::type};
inline constexpr instrument checkpoint_time{
    "postgresql.bgwriter.duration", "s", counter,
    "Time that checkpoints wrote and synchronised files.", {}, keys::type};
inline constexpr instrument buffers_written{
    "postgresql.bgwriter.buffers.writes", "{buffer}", counter,
    "Buffers that were written, by whom.", {}, keys::source};
inline constexpr instrument buffers_allocated{
    "postgresql.bgwriter.buffers.allocated", "{buffer}", counter,
    "Buffers that were allocated.", {}, keys::server};
inline constexpr instrument bgwriter_stops{
    "postgresql.bgwriter.maxwritten", "{stop}", counter,
    "Rounds of the background writer that ended at its limit.", {}, keys::server};
inline constexpr instrument wal_position{
    "postgresql.wal.position", "By", counter,
    "Position in the write-ahead log, from its beginning.", {}, keys::server};
inline constexpr instrument wal_records{
    "postgresql.wal.records", "{record}", counter,
    "Records written to the write-ahead log.", {}, keys::server};
inline constexpr instrument wal_full_pages{
    "postgresql.wal.full_page_images", "{page}", counter,
    "Full pages written to the write-ahead log.", {}, keys::server};
inline constexpr instrument wal_bytes{
    "postgresql.wal.size", "By", counter,
    "Size of what was written to the write-ahead log.", {}, keys::server};
inline constexpr instrument wal_buffers_full{
    "postgresql.wal.buffers_full", "{write}", counter,
    "Writes of the log because its buffers were full.", {}, keys::server};
inline constexpr instrument wal_operations{
    "postgresql.wal.operations", "{operation}", counter,
    "Writes and synchronisations of the log.", {}, keys::operation};
inline constexpr instrument wal_time{
    "postgresql.wal.time", "s", counter,
    "Time that writes and synchronisations of the log took.", {}, keys::operation};
inline constexpr instrument wal_files{
    "postgresql.wal.files", "{file}", gauge,
    "Files of the write-ahead log.", {}, keys::server};
inline constexpr instrument wal_files_size{
    "postgresql.wal.files.size", "By", gauge,
    "Size of the files of the write-ahead log.", {}, keys::server};
inline constexpr instrument wal_age{
    "postgresql.wal.age", "s", gauge,
    "Age of the oldest file of the write-ahead log.", {}, keys::server};
inline constexpr instrument io_operations{
    "postgresql.io.operations", "{operation}", counter,
    "Operations on files and buffers, by process, object and context.", {}, keys::io};
inline constexpr instrument io_time{
    "postgresql.io.time", "s", counter,
    "Time of operations on files, by process, object and context.", {}, keys::io};
inline constexpr instrument replication_clients{
    "postgresql.replication.count", "{client}", gauge,
    "Clients that receive the write-ahead log, by state.", {}, keys::state};
inline constexpr instrument replication_delay_bytes{
    "postgresql.replication.data_delay", "By", gauge,
    "How much of the log a client has not replayed.", {}, keys::client};
inline constexpr instrument replication_delay{
    "postgresql.wal.delay", "s", gauge,
    "How long ago what a client has written, flushed and replayed last was flushed here.", {}, keys::client_operation};
inline constexpr instrument in_recovery{
    "postgresql.replication.is_standby", "1", gauge,
    "1 on a standby, 0 on a primary.", {}, keys::server};
inline constexpr instrument replay_delay_bytes{
    "postgresql.replication.replay.data_delay", "By", gauge,
    "How much a standby has received and not replayed.", {}, keys::server};
inline constexpr instrument replay_delay{
    "postgresql.replication.replay.delay", "s", gauge,
    "Age of what a standby replayed last; 0 if it has replayed all that it received.", {}, keys::server};
inline constexpr instrument slot_active{
    "postgresql.replication.slot.active", "1", gauge,
    "1 if a client reads from the slot.", {}, keys::slot};
inline constexpr instrument slot_held{
    "postgresql.replication.slot.held_wal", "By", gauge,
    "How much of the log the slot holds.", {}, keys::slot};
inline constexpr instrument slot_safe{
    "postgresql.replication.slot.safe_wal", "By", gauge,
    "How much may still be written before the slot loses what it needs.", {}, keys::slot};
inline constexpr instrument slots_lost{
    "postgresql.replication.slot.lost", "{slot}", gauge,
    "Slots that have lost what they need, or are about to.", {}, keys::server};
inline constexpr instrument archived{
    "postgresql.archiver.archived", "{file}", counter,
    "Files of the log that were archived.", {}, keys::server};
inline constexpr instrument archive_failures{
    "postgresql.archiver.failed", "{file}", counter,
    "Attempts at archiving that failed.", {}, keys::server};
inline constexpr instrument archive_age{
    "postgresql.archiver.last_archived.age", "s", gauge,
    "Time since a file was archived.", {}, keys::server};
inline constexpr instrument setting{
    "postgresql.setting", "1", gauge,
    "Settings that are numbers, in bytes, seconds or as they are; on is 1.", {}, keys::setting, 1'000'000};
inline constexpr instrument uptime{
    "postgresql.uptime", "s", gauge,
    "Time since the server was started.", {}, keys::server};
inline constexpr instrument version_info{
    "postgresql.info", "1", info,
    "The version of the server.", {}, keys::version};
inline constexpr instrument table_count{
    "postgresql.table.count", "{table}", gauge,
    "Tables of users.", {}, keys::database};
inline constexpr instrument table_size{
    "postgresql.table.size", "By", gauge,
    "Size of the table on disk, without its indexes; of the rest as of their last VACUUM or ANALYZE.", {}, keys::table};
inline constexpr instrument table_rows{
    "postgresql.rows", "{row}", gauge,
    "Rows by state, as the statistics have them.", {}, keys::table_state};
inline constexpr instrument table_operations{
    "postgresql.operations", "{row}", counter,
    "Rows that were changed.", {}, keys::table_operation};
inline constexpr instrument table_scans{
    "postgresql.sequential_scans", "{scan}", counter,
    "Sequential scans of the table.", {}, keys::table};
inline constexpr instrument table_rows_scanned{
    "postgresql.table.scan.rows", "{row}", counter,
    "Rows that sequential scans of the table read.", {}, keys::table};
inline constexpr instrument table_index_scans{
    "postgresql.table.index.scans", "{scan}", counter,
    "Index scans of the table.", {}, keys::table};
inline constexpr instrument table_rows_fetched{
    "postgresql.table.index.rows", "{row}", counter,
    "Rows that index scans of the table fetched.", {}, keys::table};
inline constexpr instrument table_vacuums{
    "postgresql.table.vacuum.count", "{vacuum}", counter,
    "VACUUMs by hand.", {}, keys::table};
inline constexpr instrument table_autovacuums{
    "postgresql.table.autovacuum.count", "{vacuum}", counter,
    "VACUUMs by the server itself.", {}, keys::table};
inline constexpr instrument table_analyzes{
    "postgresql.table.analyze.count", "{analyze}", counter,
    "ANALYZEs by hand and by the server itself.", {}, keys::table};
inline constexpr instrument table_modified{
    "postgresql.table.modified", "{row}", gauge,
    "Rows that were changed since the last ANALYZE.", {}, keys::table};
inline constexpr instrument table_vacuum_age{
    "postgresql.table.vacuum.age", "s", gauge,
    "Time since the last VACUUM, of either kind.", {}, keys::table};
inline constexpr instrument table_transaction_age{
    "postgresql.table.transaction.age", "{transaction}", gauge,
    "Age of the table's oldest transaction that is not frozen.", {}, keys::table};
inline constexpr instrument table_blocks{
    "postgresql.blocks_read", "{block}", counter,
    "Blocks that were read and found, of the table, its indexes and its long values.", {}, keys::table_source};
inline constexpr instrument table_bloat{
    "postgresql.table.bloat.estimate", "By", gauge,
    "Estimated size of what is free or dead in the table: it may be wrong by a fifth.", {}, keys::table};
inline constexpr instrument index_count{
    "postgresql.index.count", "{index}", gauge,
    "Indexes of users' tables.", {}, keys::database};
inline constexpr instrument index_scans{
    "postgresql.index.scans", "{scan}", counter,
    "Scans of the index.", {}, keys::index};
inline constexpr instrument index_rows_read{
    "postgresql.index.rows_read", "{row}", counter,
    "Entries that scans of the index returned.", {}, keys::index};
inline constexpr instrument index_rows_fetched{
    "postgresql.index.rows_fetched", "{row}", counter,
    "Rows that scans of the index fetched.", {}, keys::index};
inline constexpr instrument index_size{
    "postgresql.index.size", "By", gauge,
    "Size of the index on disk; of the rest as of their last VACUUM or ANALYZE.", {}, keys::index};
inline constexpr instrument query_calls{
    "postgresql.query.calls", "{call}", counter,
    "Executions of the statements that pg_stat_statements has.", {}, keys::database};
inline constexpr instrument query_time{
    "postgresql.query.execution.time", "s", counter,
    "Time that the statements of pg_stat_statements took.", {}, keys::database};
inline constexpr instrument query_rows{
    "postgresql.query.rows", "{row}", counter,
    "Rows that the statements of pg_stat_statements returned or changed.", {}, keys::database};
inline constexpr instrument statements{
    "postgresql.statement.count", "{statement}", gauge,
    "Statements that pg_stat_statements has.", {}, keys::server};
inline constexpr instrument statements_evicted{
    "postgresql.statement.evicted", "{eviction}", counter,
    "Times that pg_stat_statements made room for others.", {}, keys::server};
inline constexpr instrument cpu_time{
    "postgresql.query.cpu.time", "s", counter,
    "Processor time of statements, by pg_stat_kcache.", {}, keys::database_cpu};
inline constexpr instrument disk_io{
    "postgresql.query.disk.io", "By", counter,
    "What statements read from disk and wrote to it, by pg_stat_kcache.", {}, keys::database_operation};
inline constexpr instrument wait_samples{
    "postgresql.wait.samples", "{sample}", counter,
    "Samples of sessions that waited, by pg_wait_sampling.", {}, keys::wait};

inline constexpr std::array all = {
    &backends, &connection_max, &connection_reserved, &sessions, &transaction_longest, &session_waits,
    &sessions_started, &sessions_ended, &session_time, &commits, &rollbacks, &blocks_hit, &blocks_read,
    &block_time, &rows_returned, &rows_fetched, &rows_inserted, &rows_updated, &rows_deleted,
    &conflicts, &temporary_files, &temporary_bytes, &deadlocks, &checksum_failures, &database_count,
    &database_size, &transaction_age, &multixact_age, &locks, &locks_waiting, &prepared_transactions,
    &vacuums_running, &checkpoints, &checkpoint_time, &buffers_written, &buffers_allocated,
    &bgwriter_stops, &wal_position, &wal_records, &wal_full_pages, &wal_bytes, &wal_buffers_full,
    &wal_operations, &wal_time, &wal_files, &wal_files_size, &wal_age, &io_operations, &io_time,
    &replication_clients, &replication_delay_bytes, &replication_delay, &in_recovery,
    &replay_delay_bytes, &replay_delay, &slot_active, &slot_held, &slot_safe, &slots_lost, &archived,
    &archive_failures, &archive_age, &setting, &uptime, &version_info, &table_count, &table_size, &table_rows,
    &table_operations, &table_scans, &table_rows_scanned, &table_index_scans, &table_rows_fetched,
    &table_vacuums, &table_autovacuums, &table_analyzes, &table_modified, &table_vacuum_age,
    &table_transaction_age, &table_blocks, &table_bloat, &index_count, &index_scans, &index_rows_read,
    &index_rows_fetched, &index_size, &query_calls, &query_time, &query_rows, &statements,
    &statements_evicted, &cpu_time, &disk_io, &wait_samples};
// clang-format on

}  // namespace querytap::catalog::postgres
