#include "server_sections.hpp"

#include "postgres_instruments.hpp"

namespace querytap::detail {
namespace postgres_views {
namespace {

namespace metrics = catalog::postgres;
using enum field_unit;

constexpr int version_13 = 130000;
constexpr int version_14 = 140000;
constexpr int version_16 = 160000;
constexpr int version_17 = 170000;
constexpr int version_18 = 180000;

constexpr std::string_view needs_13 = "needs PostgreSQL 13";
constexpr std::string_view needs_14 = "needs PostgreSQL 14";
constexpr std::string_view in_io_since_18 = "since PostgreSQL 18 it is in postgresql.io.*";
constexpr std::string_view needs_monitor = "needs the role pg_monitor";

// A table reads as a table.
// clang-format off

constexpr section_label by_database[] = {{"datname", "postgresql.database.name"}};

// ------------------------------------------------------------------ databases
constexpr auto databases_query = R"(
select d.*,
  case when current_setting('track_io_timing') = 'on' then blk_read_time end as timed_reads,
  case when current_setting('track_io_timing') = 'on' then blk_write_time end as timed_writes,
  datallowconn and not datistemplate and has_database_privilege(datid, 'connect') as has_objects
from pg_stat_database d join pg_database b on b.oid = datid)";

constexpr section_column databases_columns[] = {
    {"xact_commit", &metrics::commits},
    {"xact_rollback", &metrics::rollbacks},
    {"blks_hit", &metrics::blocks_hit},
    {"blks_read", &metrics::blocks_read},
    {"timed_reads", &metrics::block_time, in_milliseconds, "operation", "read", "track_io_timing is off"},
    {"timed_writes", &metrics::block_time, in_milliseconds, "operation", "write"},
    {"tup_returned", &metrics::rows_returned},
    {"tup_fetched", &metrics::rows_fetched},
    {"tup_inserted", &metrics::rows_inserted},
    {"tup_updated", &metrics::rows_updated},
    {"tup_deleted", &metrics::rows_deleted},
    {"conflicts", &metrics::conflicts},
    {"temp_files", &metrics::temporary_files},
    {"temp_bytes", &metrics::temporary_bytes},
    {"deadlocks", &metrics::deadlocks},
    {"checksum_failures", &metrics::checksum_failures, as_it_is, {}, {}, "data checksums are off"},
    {"sessions", &metrics::sessions_started, as_it_is, {}, {}, needs_14},
    {"sessions_abandoned", &metrics::sessions_ended, as_it_is, "reason", "abandoned", needs_14},
    {"sessions_fatal", &metrics::sessions_ended, as_it_is, "reason", "fatal"},
    {"sessions_killed", &metrics::sessions_ended, as_it_is, "reason", "killed"},
    {"session_time", &metrics::session_time, in_milliseconds, "state", "all", needs_14},
    {"active_time", &metrics::session_time, in_milliseconds, "state", "active"},
    {"idle_in_transaction_time", &metrics::session_time, in_milliseconds, "state", "idle in transaction"},
    {"numbackends", &metrics::backends},
};

// ------------------------------------------------------------------ sessions
// States without a session are 0; who does not see the sessions of others has no numbers.
constexpr auto sessions_query = R"(
select d.datname, s.state, count(a.pid) as sessions
from pg_database d
cross join (values ('active'), ('idle'), ('idle in transaction'), ('idle in transaction (aborted)'),
                   ('fastpath function call'), ('disabled')) s(state)
left join pg_stat_activity a on a.datid = d.oid and a.state = s.state
where d.datallowconn and not d.datistemplate and pg_has_role('pg_read_all_stats', 'usage')
group by 1, 2)";
constexpr section_label by_database_and_state[] = {{"datname", "postgresql.database.name"}, {"state", "state"}};
constexpr section_column sessions_columns[] = {{"sessions", &metrics::sessions}};
constexpr section_column longest_columns[] = {{"longest", &metrics::transaction_longest, in_seconds}};

constexpr auto longest_query = R"(
select datname, state, extract(epoch from max(greatest(now() - xact_start, interval '0'))) as longest
from pg_stat_activity
where datname is not null and state is not null and pid <> pg_backend_pid()
  and pg_has_role('pg_read_all_stats', 'usage')
group by 1, 2)";

constexpr auto waits_of_sessions_query = R"(
select coalesce(wait_event_type, 'none') as wait_event_type, count(*) as waiting
from pg_stat_activity
where datid is not null and state is not null and pg_has_role('pg_read_all_stats', 'usage') group by 1)";
constexpr section_label by_wait[] = {{"wait_event_type", "postgresql.wait_event_type"}};
constexpr section_column waits_columns[] = {{"waiting", &metrics::session_waits}};

// ------------------------------------------------------------------ ages
constexpr auto ages_query = R"(
select datname, age(datfrozenxid) as transactions, mxid_age(datminmxid) as multixacts from pg_database)";
constexpr section_column ages_columns[] = {{"transactions", &metrics::transaction_age},
                                           {"multixacts", &metrics::multixact_age}};

// ------------------------------------------------------------------ locks
constexpr auto held_locks_query = R"(
select d.datname, mode, count(*) as locks, count(*) filter (where not granted) as waiting
from pg_locks l join pg_database d on d.oid = l.database group by 1, 2)";
constexpr section_label by_database_and_mode[] = {{"datname", "postgresql.database.name"}, {"mode", "mode"}};
constexpr section_column locks_columns[] = {{"locks", &metrics::locks}, {"waiting", &metrics::locks_waiting}};

// ------------------------------------------------------------------ the server as a whole
// A number of the log's position is a counter on a primary; a standby has that of its replay.
constexpr auto server_query = R"(
select pg_is_in_recovery() as in_recovery, pg_has_role('pg_read_all_stats', 'usage') as sees_all,
  extract(epoch from now() - pg_postmaster_start_time()) as uptime,
  pg_wal_lsn_diff(case when pg_is_in_recovery() then pg_last_wal_replay_lsn() else pg_current_wal_lsn() end,
                  '0/0') as position,
  (select count(*) from pg_prepared_xacts) as prepared,
  (select count(*) from pg_stat_progress_vacuum) as vacuums,
  current_setting('max_connections') as max_connections,
  current_setting('superuser_reserved_connections')::bigint
    + coalesce(current_setting('reserved_connections', true), '0')::bigint as reserved,
  case when pg_is_in_recovery() then
    pg_wal_lsn_diff(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn()) end as replay_bytes,
  case when not pg_is_in_recovery() then null
    when pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn() then 0
    else extract(epoch from now() - pg_last_xact_replay_timestamp()) end as replay_age)";
constexpr section_column server_columns[] = {
    {"in_recovery", &metrics::in_recovery},
    {"uptime", &metrics::uptime, in_seconds},
    {"position", &metrics::wal_position},
    {"prepared", &metrics::prepared_transactions},
    {"vacuums", &metrics::vacuums_running},
    {"max_connections", &metrics::connection_max},
    {"reserved", &metrics::connection_reserved},
    {"replay_bytes", &metrics::replay_delay_bytes},
    {"replay_age", &metrics::replay_delay, in_seconds},
};

// ------------------------------------------------------------------ background writer, checkpoints
constexpr auto bgwriter_query = "select * from pg_stat_bgwriter";
constexpr auto bgwriter_query_17 = R"(
select b.*, num_timed as checkpoints_timed, num_requested as checkpoints_req,
  write_time as checkpoint_write_time, sync_time as checkpoint_sync_time, buffers_written as buffers_checkpoint
from pg_stat_bgwriter b, pg_stat_checkpointer)";
constexpr section_column bgwriter_columns[] = {
    {"checkpoints_timed", &metrics::checkpoints, as_it_is, "type", "scheduled"},
    {"checkpoints_req", &metrics::checkpoints, as_it_is, "type", "requested"},
    {"checkpoint_write_time", &metrics::checkpoint_time, in_milliseconds, "type", "write"},
    {"checkpoint_sync_time", &metrics::checkpoint_time, in_milliseconds, "type", "sync"},
    {"buffers_checkpoint", &metrics::buffers_written, as_it_is, "source", "checkpoints"},
    {"buffers_clean", &metrics::buffers_written, as_it_is, "source", "bgwriter"},
    {"buffers_backend", &metrics::buffers_written, as_it_is, "source", "backend"},
    {"buffers_backend_fsync", &metrics::buffers_written, as_it_is, "source", "backend_fsync"},
    {"buffers_alloc", &metrics::buffers_allocated},
    {"maxwritten_clean", &metrics::bgwriter_stops},
};

// ------------------------------------------------------------------ write-ahead log
constexpr auto wal_query = "select * from pg_stat_wal";
constexpr section_column wal_columns[] = {
    {"wal_records", &metrics::wal_records},
    {"wal_fpi", &metrics::wal_full_pages},
    {"wal_bytes", &metrics::wal_bytes},
    {"wal_buffers_full", &metrics::wal_buffers_full},
    {"wal_write", &metrics::wal_operations, as_it_is, "operation", "write"},
    {"wal_sync", &metrics::wal_operations, as_it_is, "operation", "sync"},
    {"timed_write", &metrics::wal_time, in_milliseconds, "operation", "write"},
    {"timed_sync", &metrics::wal_time, in_milliseconds, "operation", "sync"},
};
constexpr auto wal_query_14 = R"(
select w.*,
  case when current_setting('track_wal_io_timing') = 'on' then wal_write_time end as timed_write,
  case when current_setting('track_wal_io_timing') = 'on' then wal_sync_time end as timed_sync
from pg_stat_wal w)";

constexpr auto io_query = R"(
select *,
  case when current_setting('track_io_timing') = 'on' then read_time end as timed_reads,
  case when current_setting('track_io_timing') = 'on' then write_time end as timed_writes,
  case when current_setting('track_io_timing') = 'on' then fsync_time end as timed_fsyncs
from pg_stat_io
where coalesce(reads, 0) + coalesce(writes, 0) + coalesce(extends, 0) + coalesce(hits, 0)
      + coalesce(evictions, 0) + coalesce(fsyncs, 0) > 0)";
constexpr section_label by_io[] = {{"backend_type", "postgresql.backend_type"},
                                   {"object", "postgresql.io.object"},
                                   {"context", "postgresql.io.context"}};
constexpr section_column io_columns[] = {
    {"reads", &metrics::io_operations, as_it_is, "operation", "read"},
    {"writes", &metrics::io_operations, as_it_is, "operation", "write"},
    {"extends", &metrics::io_operations, as_it_is, "operation", "extend"},
    {"hits", &metrics::io_operations, as_it_is, "operation", "hit"},
    {"evictions", &metrics::io_operations, as_it_is, "operation", "evict"},
    {"fsyncs", &metrics::io_operations, as_it_is, "operation", "fsync"},
    {"timed_reads", &metrics::io_time, in_milliseconds, "operation", "read", "track_io_timing is off"},
    {"timed_writes", &metrics::io_time, in_milliseconds, "operation", "write"},
    {"timed_fsyncs", &metrics::io_time, in_milliseconds, "operation", "fsync"},
};

// ------------------------------------------------------------------ replication
// Clients are known by the names that they give themselves: their addresses are shown to nobody.
constexpr auto clients_query = R"(
select coalesce(state, 'unknown') as state, count(*) as clients from pg_stat_replication group by 1)";
constexpr section_label by_state[] = {{"state", "state"}};
constexpr section_column clients_columns[] = {{"clients", &metrics::replication_clients}};

constexpr auto replication_query = R"(
select application_name, extract(epoch from max(write_lag)) as write_lag,
  extract(epoch from max(flush_lag)) as flush_lag, extract(epoch from max(replay_lag)) as replay_lag,
  max(pg_wal_lsn_diff(
    case when pg_is_in_recovery() then pg_last_wal_replay_lsn() else pg_current_wal_lsn() end,
    replay_lsn)) as bytes
from pg_stat_replication group by 1 order by bytes desc nulls last limit 32)";
constexpr section_label by_client[] = {{"application_name", "replication_client"}};
constexpr section_column replication_columns[] = {
    {"bytes", &metrics::replication_delay_bytes, as_it_is, {}, {}, needs_monitor},
    {"write_lag", &metrics::replication_delay, in_seconds, "operation", "write"},
    {"flush_lag", &metrics::replication_delay, in_seconds, "operation", "flush"},
    {"replay_lag", &metrics::replication_delay, in_seconds, "operation", "replay"},
};

constexpr auto slots_query = R"(
select slot_name, active, to_jsonb(s) ->> 'safe_wal_size' as safe,
  pg_wal_lsn_diff(
    case when pg_is_in_recovery() then pg_last_wal_replay_lsn() else pg_current_wal_lsn() end,
    restart_lsn) as held
from pg_replication_slots s order by held desc nulls last limit 32)";
constexpr section_label by_slot[] = {{"slot_name", "postgresql.slot.name"}};
constexpr section_column slots_columns[] = {
    {"active", &metrics::slot_active}, {"held", &metrics::slot_held}, {"safe", &metrics::slot_safe}};

constexpr auto lost_slots_query = R"(
select count(*) filter (where wal_status in ('lost', 'unreserved')) as lost from pg_replication_slots)";
constexpr section_column lost_slots_columns[] = {{"lost", &metrics::slots_lost}};

constexpr auto archiver_query = R"(
select case when is_on then archived_count end as archived, case when is_on then failed_count end as failed,
  case when is_on then extract(epoch from now() - last_archived_time) end as age
from pg_stat_archiver, (select current_setting('archive_mode') <> 'off' as is_on) mode)";
constexpr section_column archiver_columns[] = {
    {"archived", &metrics::archived, as_it_is, {}, {}, "archive_mode is off"},
    {"failed", &metrics::archive_failures, as_it_is, {}, {}, "archive_mode is off"},
    {"age", &metrics::archive_age, in_seconds},
};

// ------------------------------------------------------------------ seldom
// Sizes of databases without the right to see them are null.
constexpr auto sizes_query = R"(
select datname, case when has_database_privilege(oid, 'connect') or pg_has_role('pg_read_all_stats', 'usage')
                     then pg_database_size(oid) end as size
from pg_database)";
constexpr section_column sizes_columns[] = {
    {"size", &metrics::database_size, as_it_is, {}, {}, "needs the right to connect, or the role pg_monitor"}};

constexpr auto database_count_query =
    "select count(*) as databases from pg_database where datallowconn and not datistemplate";
constexpr section_column database_count_columns[] = {{"databases", &metrics::database_count}};

constexpr auto wal_files_query = R"(
select count(*) as files, sum(size) as size, extract(epoch from now() - min(modification)) as age
from pg_ls_waldir())";
constexpr section_column wal_files_columns[] = {{"files", &metrics::wal_files},
                                                {"size", &metrics::wal_files_size},
                                                {"age", &metrics::wal_age, in_seconds}};

constexpr auto version_query =
    "select split_part(current_setting('server_version'), ' ', 1) as version, 1 as value";
constexpr section_label by_version[] = {{"version", "postgresql.version"}};
constexpr section_column version_columns[] = {{"value", &metrics::version_info}};

// In bytes and seconds; -1 and 0, which often mean no limit, stay what they are.
constexpr auto settings_query = R"(
select name, case
    when vartype = 'bool' then (setting = 'on')::int::float8
    when setting::float8 <= 0 then setting::float8
    when unit = 'B' then setting::float8
    when unit in ('kB', '8kB', '16kB', '32kB', 'MB', '16MB', '32MB', '64MB', '1GB') then
      setting::float8 * pg_size_bytes(case when unit ~ '^[0-9]' then unit else '1' || unit end)
    when unit in ('us', 'ms', 's', 'min', 'h', 'd') then
      setting::float8 * extract(epoch from ('1 ' || case unit when 'us' then 'microseconds'
        when 'ms' then 'milliseconds' when 's' then 'seconds' when 'min' then 'minutes'
        when 'h' then 'hours' else 'days' end)::interval)::float8
    else setting::float8 end as value
from pg_settings
where vartype in ('bool', 'integer', 'real') and name in (
  'max_connections', 'superuser_reserved_connections', 'shared_buffers', 'work_mem', 'maintenance_work_mem',
  'autovacuum_work_mem', 'temp_buffers', 'effective_cache_size', 'wal_buffers', 'max_wal_size', 'min_wal_size',
  'wal_keep_size', 'max_slot_wal_keep_size', 'checkpoint_timeout', 'checkpoint_completion_target',
  'max_worker_processes', 'max_parallel_workers', 'max_parallel_workers_per_gather', 'max_wal_senders',
  'max_replication_slots', 'max_prepared_transactions', 'max_locks_per_transaction', 'statement_timeout',
  'idle_in_transaction_session_timeout', 'deadlock_timeout', 'autovacuum', 'autovacuum_max_workers',
  'autovacuum_naptime', 'autovacuum_vacuum_threshold', 'autovacuum_vacuum_scale_factor',
  'autovacuum_vacuum_cost_delay', 'autovacuum_freeze_max_age', 'autovacuum_multixact_freeze_max_age',
  'vacuum_cost_limit', 'random_page_cost', 'seq_page_cost', 'effective_io_concurrency',
  'default_statistics_target', 'track_io_timing', 'fsync', 'full_page_writes', 'data_checksums',
  'track_activity_query_size', 'wal_segment_size', 'block_size', 'hot_standby_feedback',
  'max_standby_streaming_delay', 'log_min_duration_statement'))";
constexpr section_label by_setting[] = {{"name", "postgresql.setting.name"}};
constexpr section_column settings_columns[] = {{"value", &metrics::setting}};

// clang-format on

}  // namespace
}  // namespace postgres_views

server_section databases_section(int /*server_version*/) {
  using namespace postgres_views;
  return {"databases", databases_query, by_database, databases_columns};
}

server_sections frequent_sections(int server_version) {
  using namespace postgres_views;
  constexpr auto largest = section_numbers::merge::largest;
  server_sections all{{
      {"server", server_query, {}, server_columns},
      {"sessions", sessions_query, by_database_and_state, sessions_columns},
      {"transactions", longest_query, by_database_and_state, longest_columns, largest},
      {"waits", waits_of_sessions_query, by_wait, waits_columns},
      {"transaction ages", ages_query, by_database, ages_columns, largest},
      {"locks", held_locks_query, by_database_and_mode, locks_columns},
      {"background writer",
       server_version < version_17 ? bgwriter_query : bgwriter_query_17,
       {},
       bgwriter_columns},
      {"replication clients", clients_query, by_state, clients_columns},
      {"replication", replication_query, by_client, replication_columns, largest},
      {"replication slots", slots_query, by_slot, slots_columns},
      {"archiver", archiver_query, {}, archiver_columns},
  }};
  if (server_version >= version_13) {
    all.sections.push_back({"lost slots", lost_slots_query, {}, lost_slots_columns});
  } else {
    all.missing.push_back({metrics::slots_lost.name, needs_13});
  }
  if (server_version >= version_14) {
    all.sections.push_back({"write-ahead log",
                            server_version < version_18 ? wal_query_14 : wal_query,
                            {},
                            wal_columns});
  } else {
    all.missing.push_back({"pg_stat_wal", needs_14});
  }
  if (server_version >= version_16) {
    all.sections.push_back({"input and output", io_query, by_io, io_columns});
  } else {
    all.missing.push_back({"pg_stat_io", "needs PostgreSQL 16"});
  }
  if (server_version >= version_18) {
    all.missing.push_back({metrics::wal_operations.name, in_io_since_18});
    all.missing.push_back({metrics::wal_time.name, in_io_since_18});
  }
  if (server_version >= version_17) {
    all.missing.push_back({"postgresql.bgwriter.buffers.writes of backends",
                           "since PostgreSQL 17 they are in postgresql.io.operations"});
  }
  return all;
}

server_sections seldom_sections(int /*server_version*/) {
  using namespace postgres_views;
  return {{
      {"sizes of databases", sizes_query, by_database, sizes_columns},
      {"count of databases", database_count_query, {}, database_count_columns},
      {"files of the write-ahead log", wal_files_query, {}, wal_files_columns},
      {"version", version_query, by_version, version_columns},
      {"settings", settings_query, by_setting, settings_columns},
  }};
}

}  // namespace querytap::detail
