#include "server_statements.hpp"

#include "postgres_instruments.hpp"

#include <querytap/query/identify.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

namespace querytap::detail {
namespace postgres_statements {
namespace {

namespace metrics = catalog::postgres;
using enum field_unit;

// More are not read, whatever pg_stat_statements.max is.
constexpr int most_server_statements = 20'000;

// The views of the extensions that are there, and their columns, which differ between versions.
constexpr auto extensions_query = R"(
select c.relname as view, quote_ident(n.nspname) as schema,
  ',' || string_agg(a.attname, ',') || ',' as columns
from pg_extension e
join pg_depend d on d.refclassid = 'pg_extension'::regclass and d.refobjid = e.oid and d.deptype = 'e'
  and d.classid = 'pg_class'::regclass
join pg_class c on c.oid = d.objid and c.relkind = 'v'
join pg_namespace n on n.oid = c.relnamespace
join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
where e.extname in ('pg_stat_statements', 'pg_stat_kcache', 'pg_wait_sampling')
group by 1, 2)";

// clang-format off
constexpr section_label statements_labels[] = {{"datname", "postgresql.database.name"}};
constexpr section_column kcache_columns[] = {
    {"user_time", &metrics::cpu_time, in_seconds, "cpu.mode", "user"},
    {"system_time", &metrics::cpu_time, in_seconds, "cpu.mode", "system"},
    {"reads", &metrics::disk_io, as_it_is, "operation", "read"},
    {"writes", &metrics::disk_io, as_it_is, "operation", "write"},
};
constexpr section_label wait_labels[] = {{"event_type", "postgresql.wait_event_type"}};
constexpr section_column wait_columns_of_profile[] = {{"samples", &metrics::wait_samples}};
// clang-format on

std::uint64_t count_in(const result_rows& rows, int row, const char* column) {
  return rows.number<std::uint64_t>(row, column).value_or(0);
}

std::chrono::nanoseconds time_in(const result_rows& rows, int row, const char* column) {
  return std::chrono::nanoseconds{std::llround(rows.number<double>(row, column).value_or(0) * 1e6)};
}

void add_optional(std::optional<std::uint64_t>& sum, std::uint64_t more) {
  sum = sum.value_or(0) + more;
}

void add_row(server_statement& sum, const result_rows& rows, int row) {
  sum.calls += count_in(rows, row, "calls");
  sum.time += time_in(rows, row, "time");
  add_optional(sum.rows, count_in(rows, row, "rows"));
  add_optional(sum.blocks_read, count_in(rows, row, "blocks_read"));
  add_optional(sum.blocks_hit, count_in(rows, row, "blocks_hit"));
  add_optional(sum.spilled_bytes, count_in(rows, row, "spilled"));
}

}  // namespace
}  // namespace postgres_statements

bool server_statements::extension_view::has(std::string_view column) const {
  return columns.find(fmt::format(",{},", column)) != std::string::npos;
}

server_statements::extensions server_statements::extensions_of(postgres_session& session,
                                                               postgres_session::deadline until) {
  using namespace postgres_statements;
  const std::vector<postgres_result> result = rows_of(session, extensions_query, until);
  const result_rows rows{result.at(0)};
  extensions all;
  for (int row = 0; row < rows.count(); ++row) {
    const extension_view view{std::string{rows.text(row, "schema")},
                              std::string{rows.text(row, "columns")}};
    const std::string_view name = rows.text(row, "view");
    if (name == "pg_stat_statements") all.statements = view;
    if (name == "pg_stat_statements_info") all.statements_info = view;
    if (name == "pg_stat_kcache") all.kcache = view;
    if (name == "pg_wait_sampling_profile") all.wait_sampling = view;
  }
  return all;
}

server_statements::found server_statements::ask(postgres_session& session, const shown_name& shown,
                                                postgres_session::deadline until) {
  using namespace postgres_statements;
  found result;
  const extensions all = extensions_of(session, until);
  const auto try_to = [&](std::string_view name, auto part) {
    try {
      part();
    } catch (const refused_statement& refused) {
      result.numbers.lacks(name, reason_of_refusal(refused.state()));
    }
  };
  // First: after a reset between the two, the statements are new, and the next look hears of the reset.
  if (all.statements_info.is_there()) {
    try_to("pg_stat_statements_info", [&] {
      const std::vector<postgres_result> info =
          rows_of(session,
                  fmt::format("select dealloc, stats_reset from {}.pg_stat_statements_info",
                              all.statements_info.schema),
                  until);
      const result_rows rows{info.at(0)};
      const auto evicted = rows.number<std::int64_t>(0, "dealloc");
      if (evicted.has_value()) result.numbers.add(metrics::statements_evicted, *evicted);
      result.counted_since = rows.text(0, "stats_reset");
    });
  }
  if (!all.statements.is_there()) {
    result.numbers.lacks("pg_stat_statements", "is no extension of the database of the connection");
  } else {
    try_to("pg_stat_statements",
           [&] { add_statements(session, all.statements, shown, until, result); });
  }
  if (all.kcache.is_there()) {
    const std::string prefix = all.kcache.has("exec_user_time") ? "exec_" : "";
    try_to("pg_stat_kcache", [&] {
      const std::vector<postgres_result> sums = rows_of(
          session,
          fmt::format("select datname, sum({0}user_time) as user_time, sum({0}system_time) as "
                      "system_time, sum({0}reads) as reads, sum({0}writes) as writes "
                      "from {1}.pg_stat_kcache group by 1",
                      prefix, all.kcache.schema),
          until);
      add_rows({"pg_stat_kcache", "", statements_labels, kcache_columns}, result_rows{sums.at(0)},
               shown, result.numbers);
    });
  } else {
    result.numbers.lacks("pg_stat_kcache", "is no extension of the database of the connection");
  }
  if (all.wait_sampling.is_there()) {
    try_to("pg_wait_sampling", [&] {
      const std::vector<postgres_result> sums = rows_of(
          session,
          fmt::format("select coalesce(event_type, 'none') as event_type, sum(count) as samples "
                      "from {}.pg_wait_sampling_profile group by 1",
                      all.wait_sampling.schema),
          until);
      add_rows({"pg_wait_sampling", "", wait_labels, wait_columns_of_profile},
               result_rows{sums.at(0)}, shown, result.numbers);
    });
  } else {
    result.numbers.lacks("pg_wait_sampling", "is no extension of the database of the connection");
  }
  return result;
}

void server_statements::add_statements(postgres_session& session, const extension_view& view,
                                       const shown_name& shown, postgres_session::deadline until,
                                       found& result) {
  using namespace postgres_statements;
  const std::string_view time = view.has("total_exec_time") ? "total_exec_time" : "total_time";
  // With pg_stat_statements.track = all, what functions execute is counted too: nobody calls it, and its time is a part
  // of the function's. Where the flag is not there, in 13 and before, or hidden, in what others execute, all counts.
  const std::string_view top_level =
      view.has("toplevel") ? "where toplevel is distinct from false" : "";
  const std::vector<postgres_result> read = rows_of(
      session,
      fmt::format(
          "select dbid, datname, queryid, sum(calls)::bigint as calls, sum({0}) as time, "
          "sum(rows)::bigint as rows, "
          "sum(shared_blks_hit + local_blks_hit)::bigint as blocks_hit, "
          "sum(shared_blks_read + local_blks_read)::bigint as blocks_read, "
          "(sum(temp_blks_written) * current_setting('block_size')::bigint)::bigint as spilled "
          "from {1}.pg_stat_statements(false) s left join pg_database d on d.oid = s.dbid "
          "{3} group by 1, 2, 3 order by time desc limit {2}",
          time, view.schema, most_server_statements, top_level),
      until);
  const result_rows rows{read.at(0)};
  identify_new(session, view, rows, until);
  add_totals(rows, shown, result.numbers);
  result.statements = summed(rows);
  result.has_read = true;
  result.are_all = result.statements.size() < limit_ && rows.count() < most_server_statements;
}

void server_statements::add_totals(const result_rows& rows, const shown_name& shown,
                                   section_numbers& numbers) {
  using namespace postgres_statements;
  std::map<std::string, std::vector<named_numbers>> by_database;
  bool is_hidden = false;
  for (int row = 0; row < rows.count(); ++row) {
    is_hidden = is_hidden || rows.is_null(row, "queryid");
    by_database[shown(rows.text(row, "datname"))].push_back(
        {fmt::format("{} {}", rows.text(row, "dbid"), rows.text(row, "queryid")),
         {rows.number<std::int64_t>(row, "calls").value_or(0), time_in(rows, row, "time").count(),
          rows.number<std::int64_t>(row, "rows").value_or(0)}});
  }
  for (const auto& [database, statements] : by_database) {
    named_and_rest& total = totals_.try_emplace(database, std::size_t{0}).first->second;
    const std::vector<std::int64_t> sums = total.split(statements).back().counters;
    const attributes labels{{"postgresql.database.name", database}};
    numbers.add(metrics::query_calls, sums[0], labels);
    numbers.add(metrics::query_time, static_cast<double>(sums[1]) / 1e9, labels);
    numbers.add(metrics::query_rows, sums[2], labels);
  }
  numbers.add(metrics::statements, static_cast<std::int64_t>(rows.count()));
  if (is_hidden) numbers.lacks("statements of other users", "needs the role pg_monitor");
}

// An entry that was evicted loses its identity here too.
void server_statements::identify_new(postgres_session& session, const extension_view& view,
                                     const result_rows& rows, postgres_session::deadline until) {
  identities present;
  std::string unknown;
  for (int row = 0; row < rows.count(); ++row) {
    if (rows.is_null(row, "queryid")) continue;
    key id{rows.text(row, "dbid"), rows.text(row, "queryid")};
    const auto known = identities_.find(id);
    if (known != identities_.end()) {
      present.insert(*known);
    } else {
      if (!unknown.empty()) unknown += ',';
      unknown += id.second;
      present.emplace(std::move(id), nullptr);
    }
  }
  identities_ = std::move(present);
  std::erase_if(identities_, [](const auto& item) { return item.second == nullptr; });
  if (unknown.empty()) return;
  const std::vector<postgres_result> read = rows_of(
      session,
      fmt::format("select dbid, queryid, min(query) as query from {0}.pg_stat_statements "
                  "where queryid = any ('{{{1}}}'::bigint[]) and query is not null group by 1, 2",
                  view.schema, unknown),
      until);
  // Entries of one statement, such as a list of another length, share what they are.
  std::map<std::uint64_t, std::shared_ptr<const statement_identity>> by_fingerprint;
  for (const auto& [id, identity] : identities_) {
    by_fingerprint.emplace(identity->fingerprint, identity);
  }
  const result_rows texts{read.at(0)};
  for (int row = 0; row < texts.count(); ++row) {
    statement_identity read_identity = identify(texts.text(row, "query"), dialect::postgresql);
    auto& shared = by_fingerprint[read_identity.fingerprint];
    if (shared == nullptr) {
      shared = std::make_shared<const statement_identity>(std::move(read_identity));
    }
    identities_.emplace(key{texts.text(row, "dbid"), texts.text(row, "queryid")}, shared);
  }
}

std::vector<server_statement> server_statements::summed(const result_rows& rows) const {
  using namespace postgres_statements;
  std::map<std::pair<std::string, std::uint64_t>, server_statement> sums;
  for (int row = 0; row < rows.count(); ++row) {
    const auto known = identities_.find(key{rows.text(row, "dbid"), rows.text(row, "queryid")});
    if (known == identities_.end()) continue;
    const std::string database{rows.text(row, "datname")};
    server_statement& sum = sums[{database, known->second->fingerprint}];
    sum.statement = known->second;
    sum.database = database;
    add_row(sum, rows, row);
  }
  std::vector<server_statement> all;
  for (auto& [id, sum] : sums) all.push_back(std::move(sum));
  std::ranges::sort(all,
                    [](const auto& left, const auto& right) { return left.time > right.time; });
  if (all.size() > limit_) all.resize(limit_);
  return all;
}

}  // namespace querytap::detail
