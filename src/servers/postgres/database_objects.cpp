#include "database_objects.hpp"

#include "named_rows.hpp"
#include "postgres_instruments.hpp"

#include <fmt/format.h>

#include <array>
#include <vector>

namespace querytap::detail {
namespace postgres_objects {
namespace {

namespace metrics = catalog::postgres;

// Sizes are read of the named ones alone, and not where a lock, held or waited for, would make the query wait.
// The estimate of bloat compares the size of a table with what its rows need by the statistics of their widths: 28
// bytes of headers, and widths in steps of 8.
constexpr auto tables_query = R"(
with locked as materialized (
  select relation from pg_locks where mode = 'AccessExclusiveLock' and relation is not null),
seen as materialized (
  select s.*, c.relpages, c.reltuples, c.relfrozenxid, c.reloptions,
    heap_blks_read, heap_blks_hit, idx_blks_read, idx_blks_hit,
    toast_blks_read, toast_blks_hit, tidx_blks_read, tidx_blks_hit,
    row_number() over (order by c.relpages desc, s.relid) as by_size,
    row_number() over (order by coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0) + n_tup_ins
                                + n_tup_upd + n_tup_del desc, s.relid) as by_use
  from pg_stat_user_tables s join pg_class c on c.oid = s.relid
  join pg_statio_user_tables io using (relid)),
placed as materialized (
  select *, row_number() over (order by least(by_size, by_use), by_use) as place from seen),
named as materialized (
  select p.*, not exists (select from locked where relation = p.relid) as is_free from placed p where place <= @LIMIT),
widths as materialized (
  select n.relid, sum(st.avg_width * (1 - st.null_frac)) as width, count(*) as columns
  from named n join pg_stats st on st.schemaname = n.schemaname and st.tablename = n.relname and not st.inherited
  group by 1)
select schemaname, relname,
  seq_scan, seq_tup_read, idx_scan, idx_tup_fetch, n_tup_ins, n_tup_upd, n_tup_del, n_tup_hot_upd,
  vacuum_count, autovacuum_count, analyze_count + autoanalyze_count as analyzes,
  heap_blks_read, heap_blks_hit, idx_blks_read, idx_blks_hit, toast_blks_read, toast_blks_hit, tidx_blks_read, tidx_blks_hit,
  n_live_tup, n_dead_tup, n_mod_since_analyze,
  case when is_free then pg_table_size(n.relid) end as size,
  extract(epoch from now() - greatest(last_vacuum, last_autovacuum)) as vacuum_age,
  age(nullif(relfrozenxid, '0')) as transaction_age, 
  case when is_free and reltuples >= 0
    and columns = (select count(*) from pg_attribute where attrelid = n.relid and attnum > 0 and not attisdropped)
  then greatest(0, pg_relation_size(n.relid) - ceil(reltuples / greatest(1, floor(
     (current_setting('block_size')::int - 24) * coalesce((select option_value::float8 from pg_options_to_table(reloptions) where option_name = 'fillfactor'), 100) / 100
     / (28 + 8 * ceil(width / 8)))))* current_setting('block_size')::int) end as bloat,
  null::float8 as rest_size
from named n left join widths using (relid)
union all
select null, null,
  sum(seq_scan), sum(seq_tup_read), sum(idx_scan), sum(idx_tup_fetch), sum(n_tup_ins), sum(n_tup_upd), sum(n_tup_del), sum(n_tup_hot_upd),
  sum(vacuum_count), sum(autovacuum_count), sum(analyze_count + autoanalyze_count),
  sum(heap_blks_read), sum(heap_blks_hit), sum(idx_blks_read), sum(idx_blks_hit), sum(toast_blks_read), sum(toast_blks_hit), sum(tidx_blks_read), sum(tidx_blks_hit),
  sum(n_live_tup), sum(n_dead_tup), sum(n_mod_since_analyze), null, null, null, null,
  sum(relpages) filter (where place > @LIMIT) * current_setting('block_size')::float8
from placed
)";

constexpr auto indexes_query = R"(
with locked as materialized (
  select relation from pg_locks where mode = 'AccessExclusiveLock' and relation is not null),
seen as materialized (
  select s.*, c.relpages,
    row_number() over (order by c.relpages desc, s.indexrelid) as by_size,
    row_number() over (order by idx_scan desc, s.indexrelid) as by_use
  from pg_stat_user_indexes s join pg_class c on c.oid = s.indexrelid),
placed as materialized (
  select *, row_number() over (order by least(by_size, by_use), by_use) as place from seen)
select schemaname, relname, indexrelname, idx_scan, idx_tup_read, idx_tup_fetch,
  case when not exists (select from locked where relation in (p.relid, p.indexrelid))
    then pg_relation_size(indexrelid) end as size,
  null::float8 as rest_size
from placed p where place <= @LIMIT
union all
select null, null, null, sum(idx_scan), sum(idx_tup_read), sum(idx_tup_fetch), null,
  sum(relpages) filter (where place > @LIMIT) * current_setting('block_size')::float8
from placed
)";

// Of a database with very many tables the views take seconds: only what is named is looked at.
constexpr auto counts_query = R"(
select count(*) filter (where relkind in ('r', 't', 'm')) as tables,
       count(*) filter (where relkind = 'i') as indexes,
       sum(relpages) filter (where relkind in ('r', 't', 'm')) * current_setting('block_size')::float8 as tables_size,
       sum(relpages) filter (where relkind = 'i') * current_setting('block_size')::float8 as indexes_size
from pg_class c join pg_namespace n on n.oid = c.relnamespace
where nspname not in ('pg_catalog', 'information_schema') and nspname !~ '^pg_toast'
)";

constexpr auto largest_tables_query = R"(
with locked as materialized (
  select relation from pg_locks where mode = 'AccessExclusiveLock' and relation is not null),
largest as materialized (
  select c.oid as relid, nspname as schemaname, relname, relpages, relfrozenxid, reltoastrelid
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where relkind in ('r', 't', 'm') and nspname not in ('pg_catalog', 'information_schema')
    and nspname !~ '^pg_toast'
  order by relpages desc, c.oid limit @LIMIT)
select schemaname, relname,
  pg_stat_get_numscans(relid) as seq_scan, pg_stat_get_tuples_returned(relid) as seq_tup_read,
  of_indexes.idx_scan, of_indexes.fetched + pg_stat_get_tuples_fetched(relid) as idx_tup_fetch,
  pg_stat_get_tuples_inserted(relid) as n_tup_ins, pg_stat_get_tuples_updated(relid) as n_tup_upd,
  pg_stat_get_tuples_deleted(relid) as n_tup_del, pg_stat_get_tuples_hot_updated(relid) as n_tup_hot_upd,
  pg_stat_get_vacuum_count(relid) as vacuum_count, pg_stat_get_autovacuum_count(relid) as autovacuum_count,
  pg_stat_get_analyze_count(relid) + pg_stat_get_autoanalyze_count(relid) as analyzes,
  pg_stat_get_blocks_fetched(relid) - pg_stat_get_blocks_hit(relid) as heap_blks_read,
  pg_stat_get_blocks_hit(relid) as heap_blks_hit, of_indexes.idx_blks_read, of_indexes.idx_blks_hit,
  pg_stat_get_live_tuples(relid) as n_live_tup, pg_stat_get_dead_tuples(relid) as n_dead_tup,
  pg_stat_get_mod_since_analyze(relid) as n_mod_since_analyze,
  case when not exists (select from locked where relation = relid) then pg_table_size(relid) end as size,
  extract(epoch from now() - greatest(pg_stat_get_last_vacuum_time(relid),
                                      pg_stat_get_last_autovacuum_time(relid))) as vacuum_age,
  age(nullif(relfrozenxid, '0')) as transaction_age,
  relpages * current_setting('block_size')::float8 as known_size
from largest
cross join lateral (
  select sum(pg_stat_get_numscans(indexrelid)) as idx_scan,
    coalesce(sum(pg_stat_get_tuples_fetched(indexrelid)), 0) as fetched,
    sum(pg_stat_get_blocks_fetched(indexrelid) - pg_stat_get_blocks_hit(indexrelid)) as idx_blks_read,
    sum(pg_stat_get_blocks_hit(indexrelid)) as idx_blks_hit
  from pg_index where indrelid = relid) of_indexes
)";

constexpr auto largest_indexes_query = R"(
with locked as materialized (
  select relation from pg_locks where mode = 'AccessExclusiveLock' and relation is not null),
largest as materialized (
  select c.oid as indexrelid, nspname as schemaname, relname as indexrelname, relpages
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where relkind = 'i' and nspname not in ('pg_catalog', 'information_schema')
    and nspname !~ '^pg_toast'
  order by relpages desc, c.oid limit @LIMIT)
select schemaname, t.relname, indexrelname, pg_stat_get_numscans(l.indexrelid) as idx_scan,
  pg_stat_get_tuples_returned(l.indexrelid) as idx_tup_read,
  pg_stat_get_tuples_fetched(l.indexrelid) as idx_tup_fetch,
  case when not exists (select from locked where relation in (l.indexrelid, i.indrelid))
    then pg_relation_size(l.indexrelid) end as size,
  l.relpages * current_setting('block_size')::float8 as known_size
from largest l join pg_index i on i.indexrelid = l.indexrelid join pg_class t on t.oid = i.indrelid
)";

std::string with_limit(std::string query, std::size_t limit) {
  constexpr std::string_view sign = "@LIMIT";
  for (std::size_t at = 0; (at = query.find(sign)) != std::string::npos;) {
    query.replace(at, sign.size(), std::to_string(limit));
  }
  return query;
}

// A table reads as a table.
// clang-format off
using enum field_unit;

constexpr section_column tables_columns[] = {
    {"seq_scan", &metrics::table_scans},
    {"seq_tup_read", &metrics::table_rows_scanned},
    {"idx_scan", &metrics::table_index_scans},
    {"idx_tup_fetch", &metrics::table_rows_fetched},
    {"n_tup_ins", &metrics::table_operations, as_it_is, "operation", "ins"},
    {"n_tup_upd", &metrics::table_operations, as_it_is, "operation", "upd"},
    {"n_tup_del", &metrics::table_operations, as_it_is, "operation", "del"},
    {"n_tup_hot_upd", &metrics::table_operations, as_it_is, "operation", "hot_upd"},
    {"vacuum_count", &metrics::table_vacuums},
    {"autovacuum_count", &metrics::table_autovacuums},
    {"analyzes", &metrics::table_analyzes},
    {"heap_blks_read", &metrics::table_blocks, as_it_is, "source", "heap_read"},
    {"heap_blks_hit", &metrics::table_blocks, as_it_is, "source", "heap_hit"},
    {"idx_blks_read", &metrics::table_blocks, as_it_is, "source", "idx_read"},
    {"idx_blks_hit", &metrics::table_blocks, as_it_is, "source", "idx_hit"},
    {"toast_blks_read", &metrics::table_blocks, as_it_is, "source", "toast_read"},
    {"toast_blks_hit", &metrics::table_blocks, as_it_is, "source", "toast_hit"},
    {"tidx_blks_read", &metrics::table_blocks, as_it_is, "source", "tidx_read"},
    {"tidx_blks_hit", &metrics::table_blocks, as_it_is, "source", "tidx_hit"},
    {"n_live_tup", &metrics::table_rows, as_it_is, "state", "live"},
    {"n_dead_tup", &metrics::table_rows, as_it_is, "state", "dead"},
    {"n_mod_since_analyze", &metrics::table_modified},
};
// Of the named ones alone.
constexpr section_column tables_own_columns[] = {
    {"size", &metrics::table_size},
    {"vacuum_age", &metrics::table_vacuum_age, in_seconds},
    {"transaction_age", &metrics::table_transaction_age},
    {"bloat", &metrics::table_bloat},
};

constexpr section_column indexes_columns[] = {
    {"idx_scan", &metrics::index_scans},
    {"idx_tup_read", &metrics::index_rows_read},
    {"idx_tup_fetch", &metrics::index_rows_fetched},
};
constexpr section_column indexes_own_columns[] = {{"size", &metrics::index_size}};

constexpr std::array<section_label, 2> tables_labels{{{"schemaname", "postgresql.schema.name"},
                                                      {"relname", "postgresql.table.name"}}};
constexpr std::array<section_label, 3> indexes_labels{{{"schemaname", "postgresql.schema.name"},
                                                       {"relname", "postgresql.table.name"},
                                                       {"indexrelname", "postgresql.index.name"}}};
// clang-format on

}  // namespace
}  // namespace postgres_objects

section_numbers database_objects::ask(postgres_session& session, postgres_session::deadline until) {
  using namespace postgres_objects;
  const std::vector<postgres_result> counts = rows_of(session, counts_query, until);
  const result_rows count{counts.at(0)};
  const bool are_many = count.number<std::int64_t>(0, "tables").value_or(0) > most_tables_;
  const std::vector<postgres_result> results = rows_of(
      session,
      fmt::format("{};{}",
                  with_limit(are_many ? largest_tables_query : tables_query, tables_.limit()),
                  with_limit(are_many ? largest_indexes_query : indexes_query, indexes_.limit())),
      until);
  const result_rows tables{results.at(0)};
  const result_rows indexes{results.at(1)};
  section_numbers numbers;
  if (are_many) {
    add_largest(count, tables, indexes, numbers);
  } else {
    add_tables(tables, numbers);
    add_indexes(indexes, numbers);
  }
  numbers.add(metrics::table_count, count.number<std::int64_t>(0, "tables").value_or(0), labels_);
  numbers.add(metrics::index_count, count.number<std::int64_t>(0, "indexes").value_or(0), labels_);
  return numbers;
}

void database_objects::add_tables(const result_rows& rows, section_numbers& numbers) {
  using namespace postgres_objects;
  const int total = rows.count() - 1;
  const named_rows named{rows, tables_labels, tables_columns};
  named.add_split(tables_, labels_, numbers);
  named.add_own(tables_own_columns, total, labels_, numbers);
  named.add_rest(metrics::table_size, rows.number<double>(total, "rest_size"), labels_, numbers);
  bool has_bloat = false;
  for (int row = 0; row < total; ++row) has_bloat = has_bloat || !rows.is_null(row, "bloat");
  if (total > 0 && !has_bloat) {
    numbers.lacks(fmt::format("{} of {}", metrics::table_bloat.name, database_),
                  "needs the right to read the tables, and their ANALYZE");
  }
}

void database_objects::add_indexes(const result_rows& rows, section_numbers& numbers) {
  using namespace postgres_objects;
  const int total = rows.count() - 1;
  const named_rows named{rows, indexes_labels, indexes_columns};
  named.add_split(indexes_, labels_, numbers);
  named.add_own(indexes_own_columns, total, labels_, numbers);
  named.add_rest(metrics::index_size, rows.number<double>(total, "rest_size"), labels_, numbers);
}

void database_objects::add_largest(const result_rows& count, const result_rows& tables,
                                   const result_rows& indexes, section_numbers& numbers) {
  using namespace postgres_objects;
  const auto size_of_rest = [&](const char* all, const result_rows& named) {
    double rest = count.number<double>(0, all).value_or(0);
    for (int row = 0; row < named.count(); ++row) {
      rest -= named.number<double>(row, "known_size").value_or(0);
    }
    return rest;
  };
  const named_rows largest_tables{tables, tables_labels, tables_columns};
  largest_tables.add_own(tables_columns, tables.count(), labels_, numbers);
  largest_tables.add_own(tables_own_columns, tables.count(), labels_, numbers);
  largest_tables.add_rest(metrics::table_size, size_of_rest("tables_size", tables), labels_,
                          numbers);
  const named_rows largest_indexes{indexes, indexes_labels, indexes_columns};
  largest_indexes.add_own(indexes_columns, indexes.count(), labels_, numbers);
  largest_indexes.add_own(indexes_own_columns, indexes.count(), labels_, numbers);
  largest_indexes.add_rest(metrics::index_size, size_of_rest("indexes_size", indexes), labels_,
                           numbers);
  numbers.lacks(fmt::format("tables of {} beyond the largest", database_),
                fmt::format("the database has more than {} tables", most_tables_));
}

}  // namespace querytap::detail
