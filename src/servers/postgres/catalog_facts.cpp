#include "catalog_facts.hpp"

#include "plan_json.hpp"

#include <nlohmann/json.hpp>

namespace querytap::detail {
namespace {

// $1 is a JSON array of [schema, relation]. The name of a table outside the search_path is
// qualified.
constexpr auto catalog_query = R"(
select json_build_object(
  'sort_memory', pg_catalog.pg_size_bytes(current_setting('work_mem')),
  'hash_multiplier', coalesce(current_setting('hash_mem_multiplier', true)::float8, 1),
  'tables', coalesce((select json_agg(json_build_object(
    'schema', n.nspname,
    'relation', c.relname,
    'name', case when pg_catalog.pg_table_is_visible(c.oid) then quote_ident(c.relname)
                 else quote_ident(n.nspname) || '.' || quote_ident(c.relname) end,
    'bytes', c.relpages::float8 * current_setting('block_size')::float8,
    'columns', (select coalesce(json_agg(quote_ident(a.attname) order by a.attnum), '[]')
                from pg_catalog.pg_attribute a
                where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped),
    'indexes', (select coalesce(json_agg(json_build_object(
        'name', quote_ident(i.relname),
        'method', m.amname,
        'is_partial', x.indpred is not null,
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

table_facts table_facts_in(const nlohmann::json& table) {
  table_facts facts{.name = table.at("name"),
                    .bytes = table.at("bytes"),
                    .columns = column_names(table.at("columns"))};
  for (const nlohmann::json& index : table.at("indexes")) {
    facts.indexes.push_back({.name = index.at("name"),
                             .method = index.at("method"),
                             .columns = column_names(index.at("columns")),
                             .is_partial = index.at("is_partial")});
  }
  return facts;
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
  postgres_facts found;
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
