#include "catalog_facts.hpp"

#include "plan_json.hpp"

#include <querytap/query/identify.hpp>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace querytap::detail {
namespace {

// $1 is a JSON array of [schema, relation]. The name of a table outside the search_path is
// qualified.
constexpr auto catalog_query = R"(
select json_build_object(
  'sort_memory', pg_catalog.pg_size_bytes(current_setting('work_mem')),
  'hash_multiplier', coalesce(current_setting('hash_mem_multiplier', true)::float8, 1),
  'plan_log', current_setting('auto_explain.log_min_duration', true),
  'tables', coalesce((select json_agg(json_build_object(
    'schema', n.nspname,
    'relation', c.relname,
    'name', case when pg_catalog.pg_table_is_visible(c.oid) then quote_ident(c.relname)
                 else quote_ident(n.nspname) || '.' || quote_ident(c.relname) end,
    'bytes', c.relpages::float8 * current_setting('block_size')::float8,
    'columns', (select coalesce(json_agg(quote_ident(a.attname) order by a.attnum), '[]')
                from pg_catalog.pg_attribute a
                where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped),
    'values', (select coalesce(json_agg(json_build_object(
        'column', quote_ident(s.attname),
        'distinct', case when s.n_distinct < 0 then -s.n_distinct * greatest(c.reltuples, 0)
                         else s.n_distinct end,
        'largest_share', coalesce(s.most_common_freqs[1], 0))), '[]')
      from pg_catalog.pg_stats s
      where s.schemaname = n.nspname and s.tablename = c.relname and not s.inherited),
    'partition_of', (select case when pg_catalog.pg_table_is_visible(p.oid)
                                 then quote_ident(p.relname)
                                 else quote_ident(pn.nspname) || '.' || quote_ident(p.relname) end
      from pg_catalog.pg_class p join pg_catalog.pg_namespace pn on pn.oid = p.relnamespace
      where c.relispartition and p.oid = pg_catalog.pg_partition_root(c.oid)),
    'partition_key', case when c.relispartition
      then pg_catalog.pg_get_partkeydef(pg_catalog.pg_partition_root(c.oid)) end,
    'indexes', (select coalesce(json_agg(json_build_object(
        'name', quote_ident(i.relname),
        'method', m.amname,
        'is_partial', x.indpred is not null,
        'condition', pg_catalog.pg_get_expr(x.indpred, x.indrelid),
        'expressions', pg_catalog.pg_get_expr(x.indexprs, x.indrelid),
        'columns', (select json_agg(coalesce(quote_ident(a.attname), '') order by k.place)
                    from unnest(x.indkey::int2[]) with ordinality as k(number, place)
                    left join pg_catalog.pg_attribute a
                      on a.attrelid = c.oid and a.attnum = k.number and k.number > 0))), '[]')
      from pg_catalog.pg_index x
      join pg_catalog.pg_class i on i.oid = x.indexrelid
      join pg_catalog.pg_am m on m.oid = i.relam
      where x.indrelid = c.oid and x.indisvalid)))
    from json_array_elements($1::json) as t(pair)
    join pg_catalog.pg_namespace n on n.nspname = t.pair->>0
    join pg_catalog.pg_class c on c.relnamespace = n.oid and c.relname = t.pair->>1), '[]'))
)";

std::vector<std::string> column_names(const nlohmann::json& array) {
  return array.is_array() ? array.get<std::vector<std::string>>() : std::vector<std::string>{};
}

// Expressions of the catalog may hold literals.
std::string sanitised_text(const nlohmann::json& object, const char* key) {
  const nlohmann::json& text = object.at(key);
  if (!text.is_string()) return {};
  return identify(text.get<std::string>(), dialect::postgresql).text;
}

table_facts table_facts_in(const nlohmann::json& table) {
  table_facts facts{.name = table.at("name"),
                    .bytes = table.at("bytes"),
                    .columns = column_names(table.at("columns"))};
  facts.partition_of = table.at("partition_of").is_string() ? table.at("partition_of") : "";
  facts.partition_key = sanitised_text(table, "partition_key");
  for (const nlohmann::json& column : table.at("values")) {
    facts.values.push_back({.column = column.at("column"),
                            .distinct = column.at("distinct"),
                            .largest_share = column.at("largest_share")});
  }
  for (const nlohmann::json& index : table.at("indexes")) {
    facts.indexes.push_back({.name = index.at("name"),
                             .method = index.at("method"),
                             .columns = column_names(index.at("columns")),
                             .is_partial = index.at("is_partial"),
                             .condition = sanitised_text(index, "condition"),
                             .expressions = sanitised_text(index, "expressions")});
  }
  return facts;
}

// The setting is known where the server has loaded the module; it is negative where the module
// writes nothing.
std::string plan_log_in(const nlohmann::json& setting) {
  if (!setting.is_string() || setting.get<std::string>().starts_with('-')) return {};
  return fmt::format(
      "auto_explain writes the plans of calls that take {} or longer to the server's log, as they "
      "ran",
      setting.get<std::string>());
}

// The planner's estimate follows the present size of the table, however old the last ANALYZE is.
double estimated_rows(postgres_session& session, const std::string& table,
                      postgres_session::deadline until) {
  const auto answer = session.query("explain (format json) select from " + table, {}, until);
  return parsed_plan(PQgetvalue(answer.get(), 0, 0)).value("Plan Rows", 0.0);
}

}  // namespace

postgres_facts facts_of(postgres_session& session,
                        const std::vector<std::pair<std::string, std::string>>& tables,
                        postgres_session::deadline until) {
  const std::string requested = nlohmann::json(tables).dump();
  const auto answer = session.query(catalog_query, {requested.c_str()}, until);
  const auto reported = nlohmann::json::parse(PQgetvalue(answer.get(), 0, 0));
  postgres_facts found{.plan_log = plan_log_in(reported.at("plan_log"))};
  found.facts.sort_memory = reported.at("sort_memory");
  found.facts.hash_memory = found.facts.sort_memory * reported.at("hash_multiplier").get<double>();
  for (const nlohmann::json& table : reported.at("tables")) {
    table_facts& facts = found.facts.tables.emplace_back(table_facts_in(table));
    facts.rows = estimated_rows(session, facts.name, until);
    found.names[{table.at("schema"), table.at("relation")}] = facts.name;
  }
  return found;
}

}  // namespace querytap::detail
