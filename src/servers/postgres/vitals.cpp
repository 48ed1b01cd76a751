#include "vitals.hpp"

#include "result_rows.hpp"

#include <array>
#include <span>
#include <string_view>
#include <vector>

namespace querytap::detail {
namespace {

// What a role or a session has chosen for itself makes nothing read-only for others; and what a database has been given
// shows in new sessions alone, so it is read where it is stored.
// Columns that younger servers alone have are read out of the row as JSON: null where there is none.
constexpr auto vitals_query = R"(
with position as (
  select case when pg_is_in_recovery() then pg_last_wal_replay_lsn() else pg_current_wal_lsn() end as lsn),
slots as (
  select slot_name, to_jsonb(s) ->> 'wal_status' in ('lost', 'unreserved') as is_lost,
         pg_wal_lsn_diff(position.lsn, restart_lsn)::bigint as held
  from pg_replication_slots s, position)
select
  pg_is_in_recovery() as is_standby,
  coalesce(
    (select split_part(setting, '=', 2)::boolean from pg_db_role_setting, unnest(setconfig) setting
     where setrole = 0
       and setdatabase in (0, (select oid from pg_database where datname = current_database()))
       and starts_with(setting, 'default_transaction_read_only=')
     order by setdatabase desc limit 1),
    case when current_setting('default_transaction_read_only') = 'on' then
      (select source in ('default', 'configuration file', 'command line', 'environment variable')
       from pg_settings where name = 'default_transaction_read_only') end,
    false) as is_read_only,
  pg_has_role('pg_read_all_stats', 'usage') as sees_all,
  current_setting('max_connections')::bigint
    - current_setting('superuser_reserved_connections')::bigint
    - coalesce(current_setting('reserved_connections', true), '0')::bigint as max_connections,
  (select max(age(datfrozenxid)) from pg_database) as transaction_age,
  (select max(mxid_age(datminmxid)) from pg_database) as multixact_age,
  (select sum((to_jsonb(d) ->> 'checksum_failures')::bigint) from pg_stat_database d) as checksum_failures,
  activity.*, blocked.*, prepared.*, standbys.*, receiver.*,
  (select count(*) from slots where is_lost) as lost_slots,
  (select min(slot_name) from slots where is_lost) as lost_slot,
  (select max(held) from slots) as held_wal,
  (select slot_name from slots order by held desc nulls last limit 1) as holding_slot
from
  (select
     count(*) filter (where backend_type = 'client backend'
                        or (backend_type is null and datid is not null)) as connections,
     extract(epoch from max(greatest(now() - xact_start, interval '0')) filter (
       where backend_type = 'client backend' and pid <> pg_backend_pid())) as longest_transaction,
     extract(epoch from max(greatest(now() - state_change, interval '0')) filter (
       where state like 'idle in transaction%')) as idle_in_transaction,
     count(*) filter (where state like 'idle in transaction%') as idle_in_transactions
   from pg_stat_activity) activity,
  (select count(distinct pid) as blocked,
     extract(epoch from max(now() -
       coalesce((to_jsonb(l) ->> 'waitstart')::timestamptz, query_start))) as longest_blocked
   from pg_locks l join pg_stat_activity using (pid) where not granted) blocked,
  (select count(*) as prepared, extract(epoch from max(greatest(now() - prepared, interval '0'))) as oldest_prepared
   from pg_prepared_xacts) prepared,
  (select count(*) as standbys, extract(epoch from max(replay_lag)) as standby_lag,
     max(pg_wal_lsn_diff(position.lsn, replay_lsn))::bigint as standby_lag_bytes
   from pg_stat_replication, position) standbys,
  (select count(*) > 0 as receives,
     pg_is_in_recovery() and case when pg_is_in_recovery() then pg_is_wal_replay_paused() end
       as is_replay_paused,
     case when pg_is_in_recovery() then
       pg_wal_lsn_diff(greatest(pg_last_wal_receive_lsn(), max(latest_end_lsn)),
                       pg_last_wal_replay_lsn())::bigint end as replay_lag_bytes,
     case when not pg_is_in_recovery() then null
       when greatest(pg_last_wal_receive_lsn(), max(latest_end_lsn)) <= pg_last_wal_replay_lsn() then 0
       else extract(epoch from now() - pg_last_xact_replay_timestamp()) end as replay_lag
   from pg_stat_wal_receiver) receiver
)";

// CREATE INDEX CONCURRENTLY goes through this state too.
constexpr auto invalid_indexes_query = R"(
select count(*) as invalid_indexes from pg_index i
where not indisvalid
  and not exists (select 1 from pg_stat_progress_create_index p where p.index_relid = i.indexrelid)
)";

}  // namespace

postgres_vitals vitals_of(postgres_session& session, bool with_indexes,
                          postgres_session::deadline until) {
  const std::array<std::string_view, 2> queries{vitals_query, invalid_indexes_query};
  const postgres_results reply = session.query_repeated(
      read_only_transaction, std::span{queries}.first(with_indexes ? 2 : 1), until);
  if (reply.refused) throw refused_statement{*reply.refused};
  const std::vector<postgres_result>& results = reply.results;
  const result_rows rows{results.at(0)};
  const auto count = [&](const char* column) { return rows.number<std::int64_t>(0, column); };
  const auto seconds = [&](const char* column) { return rows.number<double>(0, column); };
  postgres_vitals vitals{.is_standby = rows.is_true(0, "is_standby"),
                         .is_read_only = rows.is_true(0, "is_read_only"),
                         .sees_all = rows.is_true(0, "sees_all"),
                         .connections = count("connections").value_or(0),
                         .max_connections = count("max_connections").value_or(0),
                         .transaction_age = count("transaction_age").value_or(0),
                         .multixact_age = count("multixact_age").value_or(0),
                         .longest_transaction = seconds("longest_transaction"),
                         .idle_in_transaction = seconds("idle_in_transaction"),
                         .idle_in_transactions = count("idle_in_transactions").value_or(0),
                         .blocked = count("blocked").value_or(0),
                         .longest_blocked = seconds("longest_blocked"),
                         .prepared = count("prepared").value_or(0),
                         .oldest_prepared = seconds("oldest_prepared"),
                         .standbys = count("standbys").value_or(0),
                         .standby_lag = seconds("standby_lag"),
                         .standby_lag_bytes = count("standby_lag_bytes"),
                         .receives = rows.is_true(0, "receives"),
                         .is_replay_paused = rows.is_true(0, "is_replay_paused"),
                         .replay_lag = seconds("replay_lag"),
                         .replay_lag_bytes = count("replay_lag_bytes"),
                         .lost_slots = count("lost_slots").value_or(0),
                         .lost_slot = std::string{rows.text(0, "lost_slot")},
                         .held_wal = count("held_wal"),
                         .holding_slot = std::string{rows.text(0, "holding_slot")},
                         .checksum_failures = count("checksum_failures")};
  if (with_indexes) {
    vitals.invalid_indexes = result_rows{results.at(1)}.number<std::int64_t>(0, "invalid_indexes");
  }
  return vitals;
}

}  // namespace querytap::detail
