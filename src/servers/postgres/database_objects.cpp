#include "database_objects.hpp"

#include "named_rows.hpp"
#include "postgres_instruments.hpp"

#include <fmt/format.h>

#include <array>
#include <vector>

namespace querytap::detail {
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
  null::bigint as tables, null::float8 as rest_size
from named n left join widths using (relid)
union all
select null, null,
  sum(seq_scan), sum(seq_tup_read), sum(idx_scan), sum(idx_tup_fetch), sum(n_tup_ins), sum(n_tup_upd), sum(n_tup_del), sum(n_tup_hot_upd),
  sum(vacuum_count), sum(autovacuum_count), sum(analyze_count + autoanalyze_count),
  sum(heap_blks_read), sum(heap_blks_hit), sum(idx_blks_read), sum(idx_blks_hit), sum(toast_blks_read), sum(toast_blks_hit), sum(tidx_blks_read), sum(tidx_blks_hit),
  sum(n_live_tup), sum(n_dead_tup), sum(n_mod_since_analyze), null, null, null, null,
  count(*), sum(relpages) filter (where place > @LIMIT) * current_setting('block_size')::float8
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
  null::bigint as indexes, null::float8 as rest_size
from placed p where place <= @LIMIT
union all
select null, null, null, sum(idx_scan), sum(idx_tup_read), sum(idx_tup_fetch), null,
  count(*), sum(relpages) filter (where place > @LIMIT) * current_setting('block_size')::float8
from placed
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
    {"n_tup_ins", &metrics::table_operations, whole, "operation", "ins"},
    {"n_tup_upd", &metrics::table_operations, whole, "operation", "upd"},
    {"n_tup_del", &metrics::table_operations, whole, "operation", "del"},
    {"n_tup_hot_upd", &metrics::table_operations, whole, "operation", "hot_upd"},
    {"vacuum_count", &metrics::table_vacuums},
    {"autovacuum_count", &metrics::table_autovacuums},
    {"analyzes", &metrics::table_analyzes},
    {"heap_blks_read", &metrics::table_blocks, whole, "source", "heap_read"},
    {"heap_blks_hit", &metrics::table_blocks, whole, "source", "heap_hit"},
    {"idx_blks_read", &metrics::table_blocks, whole, "source", "idx_read"},
    {"idx_blks_hit", &metrics::table_blocks, whole, "source", "idx_hit"},
    {"toast_blks_read", &metrics::table_blocks, whole, "source", "toast_read"},
    {"toast_blks_hit", &metrics::table_blocks, whole, "source", "toast_hit"},
    {"tidx_blks_read", &metrics::table_blocks, whole, "source", "tidx_read"},
    {"tidx_blks_hit", &metrics::table_blocks, whole, "source", "tidx_hit"},
    {"n_live_tup", &metrics::table_rows, whole, "state", "live"},
    {"n_dead_tup", &metrics::table_rows, whole, "state", "dead"},
    {"n_mod_since_analyze", &metrics::table_modified},
};
// Of the named ones alone.
constexpr section_column tables_own_columns[] = {
    {"size", &metrics::table_size},
    {"vacuum_age", &metrics::table_vacuum_age, seconds},
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

section_numbers database_objects::ask(postgres_session& session, postgres_session::deadline until) {
  section_numbers numbers;
  const std::vector<postgres_result> results =
      rows_of(session,
              fmt::format("{};{}", with_limit(tables_query, tables_.limit()),
                          with_limit(indexes_query, indexes_.limit())),
              until);
  add_tables(result_rows{results.at(0)}, numbers);
  add_indexes(result_rows{results.at(1)}, numbers);
  return numbers;
}

void database_objects::add_tables(const result_rows& rows, section_numbers& numbers) {
  const attributes database{{"postgresql.database.name", database_}};
  const named_rows named{rows, tables_labels, tables_columns};
  named.add_split(tables_, database, numbers);
  named.add_own(tables_own_columns, database, numbers);
  const int total = rows.count() - 1;
  numbers.add(metrics::table_count, rows.number<std::int64_t>(total, "tables").value_or(0),
              database);
  named.add_rest(metrics::table_size, rows.number<double>(total, "rest_size"), database, numbers);
  bool has_bloat = false;
  for (int row = 0; row < total; ++row) has_bloat = has_bloat || !rows.is_null(row, "bloat");
  if (total > 0 && !has_bloat) {
    numbers.lacks(metrics::table_bloat.name,
                  "needs the right to read the tables, and their ANALYZE");
  }
}

void database_objects::add_indexes(const result_rows& rows, section_numbers& numbers) {
  const attributes database{{"postgresql.database.name", database_}};
  const named_rows named{rows, indexes_labels, indexes_columns};
  named.add_split(indexes_, database, numbers);
  named.add_own(indexes_own_columns, database, numbers);
  const int total = rows.count() - 1;
  numbers.add(metrics::index_count, rows.number<std::int64_t>(total, "indexes").value_or(0),
              database);
  named.add_rest(metrics::index_size, rows.number<double>(total, "rest_size"), database, numbers);
}

}  // namespace querytap::detail
