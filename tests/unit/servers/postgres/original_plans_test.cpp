// The plan that is reported for a statement is the one that PostgreSQL makes for its original text.
// Where the literals decide, and the generic plan may differ, it raises no finding that the original
// plan does not raise.

#include <servers/postgres/catalog_facts.hpp>
#include <servers/postgres/plan_json.hpp>
#include <servers/postgres/session.hpp>

#include <querytap/analysis/plans/plan_findings.hpp>
#include <querytap/decorators/postgres.hpp>
#include <querytap/servers/postgres.hpp>
#include <support/postgres_server.hpp>
#include <unit/runtime/slow_call.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <chrono>
#include <string>
#include <string_view>
#include <vector>

using namespace querytap;
using namespace std::chrono_literals;
using querytap::testing::postgres_server;
using querytap::testing::slow_call;

namespace {

constexpr auto chat_tables = R"(
  create schema chat;
  set search_path = chat;
  create table documents(
    id int primary key, owner text, state text, made_at timestamptz, size int, price numeric,
    tags text[], data jsonb, body text, is_deleted bool, parent int);
  insert into documents
    select i, 'owner ' || i % 2000, case when i % 100 = 0 then 'open' else 'done' end,
      timestamptz '2026-01-01' + i * interval '1 minute', (i * 7919) % 20011, i / 100.0,
      array['t' || i % 300, 'u' || i % 7], jsonb_build_object('lang', 'l' || i % 400, 'n', i % 50),
      'word' || i % 1000 || ' of a page', i % 200 = 0, nullif(i % 500, 0)
    from generate_series(1, 20000) i;
  create index documents_made_at on documents(made_at);
  create index documents_owner on documents(owner, made_at);
  create index documents_open on documents(size) where state = 'open';
  create index documents_deleted on documents(parent) where is_deleted;
  create index documents_tags on documents using gin(tags);
  create index documents_data on documents using gin(data);
  create index documents_words on documents using gin(to_tsvector('english', body));
  create index documents_lang on documents((data->>'lang'));
  create table messages(
    id bigint generated always as identity primary key, chat_id int, role text, content text,
    tokens int, created_at timestamptz);
  insert into messages(chat_id, role, content, tokens, created_at)
    select i % 1000, case i % 3 when 0 then 'user' when 1 then 'assistant' else 'system' end,
      'text ' || i, i % 700, timestamptz '2026-01-01' + i * interval '1 second'
    from generate_series(1, 20000) i;
  create index messages_chat on messages(chat_id, created_at);
  create table chats(id int primary key, owner text, title text);
  insert into chats select i, 'owner ' || i % 100, 'chat ' || i from generate_series(0, 999) i;
  create table events(at timestamptz not null, kind text, user_id int) partition by range (at);
  create table events_1 partition of events for values from ('2026-01-01') to ('2026-02-01');
  create table events_2 partition of events for values from ('2026-02-01') to ('2026-03-01');
  create table events_3 partition of events for values from ('2026-03-01') to ('2026-04-01');
  insert into events
    select timestamptz '2026-01-01' + i * interval '2 minutes', 'k' || i % 20, i % 3000
    from generate_series(1, 60000) i;
  create table settings(name text primary key, value text);
  create unique index settings_values on settings(value) where name <> 'old';
  analyze documents, messages, chats, events, settings;
)";

/// How a generic plan may differ from the one for the literals.
enum class expected_plan : std::uint8_t {
  same,
  of_values,  ///< other steps, or other indexes: the values decide
};

struct original_statement {
  std::string_view sql;
  expected_plan plan = expected_plan::same;
};

using enum expected_plan;

constexpr original_statement original_statements[] = {
    // Places of columns, limits.
    {"select owner, count(*) from documents group by owner order by 2 desc limit 10"},
    {"select owner, count(*) from documents group by 1 order by 2 desc, 1"},
    {"select id, body from documents order by 1 limit 20"},
    {"select body, size from documents order by 2 limit 5"},
    {"select distinct role from messages order by 1"},
    {"select id from documents order by made_at desc limit 10"},
    {"select id from documents order by made_at desc limit 10 offset 20"},
    {"select id from documents where owner = 'owner 7' order by made_at desc limit 3"},
    {"select id from documents order by made_at fetch first 5 rows only"},
    {"select id from documents order by made_at limit 5 + 5 offset (2 - 1) * 10"},
    {"select state, is_deleted, count(*) from documents group by cube(1, 2)"},
    {"select state, is_deleted, parent, count(*) from documents group by grouping sets ((1, 2), "
     "rollup(3))"},
    {"select role, sum(tokens) from messages group by 1 having sum(tokens) > 1000 order by 2"},
    // Expressions with literals that stand twice.
    {"select date_trunc('day', made_at), count(*) from documents group by date_trunc('day', "
     "made_at)"},
    {"select date_trunc('day', made_at) as day, count(*) from documents group by 1 order by 1"},
    {"select date_trunc('hour', created_at), role, count(*) from messages where chat_id = 5 group "
     "by date_trunc('hour', created_at), role order by date_trunc('hour', created_at)"},
    {"select size % 10, count(*) from documents group by size % 10 order by count(*) desc"},
    {"select data->>'lang', count(*) from documents group by data->>'lang'"},
    {"select case when size > 100 then 'big' else 'small' end, count(*) from documents group by "
     "case when size > 100 then 'big' else 'small' end"},
    {"select distinct on (chat_id) id from messages order by chat_id, created_at desc"},
    // Types: their sizes, typed literals, arrays, arithmetic.
    {"select price::numeric(10,1) from documents where id = 5"},
    {"select cast(price as numeric(10, 2)), owner::varchar(20) from documents where id = 5"},
    {"select id from documents where made_at > timestamptz '2026-01-14' - interval '1 day' and "
     "owner = 'owner 5'",
     of_values},
    {"select id from documents where made_at > timestamp(3) with time zone '2026-01-14' and owner "
     "= "
     "'owner 5'",
     of_values},
    {"select r.n from jsonb_to_recordset('[{\"n\": 1}]') as r(n numeric(10,2), name varchar(20))"},
    {"select interval '1' day to second(3), varchar(3) 'x', made_at::interval second(0) from "
     "(select "
     "interval '1 day' as made_at) as x"},
    {"select id from documents where id = any(array[1,2,3])"},
    {"select id from documents where tags @> array['t5']"},
    {"select id from documents where tags && array['t5', 't6']"},
    {"select id from documents where id = 1 + 1"},
    {"select 1 + 1"},
    {"select count(*) from documents where size % 7 = 3"},
    {"select sum(case when state = 'open' then 1 else 0 end) from documents"},
    {"select coalesce(sum(case when role = 'user' then tokens else 0 end), 0) from messages where "
     "chat_id = 9"},
    {"select generate_series(1, 10)"},
    {"select round(100.0 * count(*) filter (where state = 'open') / count(*), 1) from documents"},
    {"select jsonb_build_object('id', id, 'kind', 'document') from documents where id = 7"},
    {"select percentile_cont(0.95) within group (order by tokens) from messages"},
    {"select current_date - 7, date '2026-01-01' + 30"},
    {"select count(1) from messages where chat_id = 3"},
    {"select extract('epoch' from made_at) from documents where id = 3"},
    {"with recursive n(i) as (select 1 union all select i + 1 from n where i < 10) select i from "
     "n"},
    {"select v.name from (values (1, 'a'), (2, 'b')) as v(id, name) join chats c on c.id = v.id"},
    {"select id, 0 as rank from chats where id = 3 union all select id, 1 from chats where id = 4"},
    // Conditions that always hold.
    {"select id from documents where 1=1 and id = 5"},
    {"select id from documents where true and owner = 'owner 5'"},
    {"select id from documents where 1=0", of_values},
    {"select id from documents where false", of_values},
    {"select id from documents where owner = 'owner 5' and 1 <> 1", of_values},
    {"select id from documents where 1 = 0 or owner = 'owner 5'", of_values},
    {"select id from documents where (5 is null or owner = 'x') and parent = 3", of_values},
    // Search in text, documents and arrays.
    {"select id from documents where to_tsvector('english', body) @@ to_tsquery('english', "
     "'word5')",
     of_values},
    {"select id from documents where data->>'lang' = 'l5'", of_values},
    {"select id from documents where data @> '{\"lang\": \"l5\"}'"},
    {"select id from documents where data ? 'absent'"},
    {"select id from documents where owner like 'owner 19%'", of_values},
    // Partial indexes.
    {"select id from documents where state = 'open' and size = 77", of_values},
    {"select id from documents where state = 'open' and size > 20000", of_values},
    {"select id from documents where is_deleted and parent = 300"},
    {"select id from documents where is_deleted = true and parent = 300", of_values},
    // Ranges and lists.
    {"select id from documents where id < 10", of_values},
    {"select id from documents where made_at > '2026-01-14 13:00' order by id", of_values},
    {"select id from documents where size between 100 and 110"},
    {"select id from documents where id between 100 and 110"},
    {"select id from documents where size in (1, 2, 3, 4, 5)", of_values},
    {"select id from documents where id in (1, 2, 3, 4, 5)"},
    {"select id from messages where (chat_id, created_at) < (5, '2026-01-01')", of_values},
    // Partitions.
    {"select count(*) from events where at >= '2026-02-03' and at < '2026-02-04'", of_values},
    {"select kind, count(*) from events where at >= '2026-03-01' group by 1 order by 2 desc",
     of_values},
    {"select * from events where user_id = 77 and kind = 'k17'"},
    // Joins, windows, common table expressions, writes.
    {"select m.content from messages m join chats c on c.id = m.chat_id where c.id = 7 order by "
     "m.created_at desc limit 20"},
    {"select c.title, l.content from chats c left join lateral (select content from messages m "
     "where m.chat_id = c.id order by created_at desc limit 1) l on true where c.id = 5"},
    {"select id, row_number() over (partition by chat_id order by created_at) from messages where "
     "chat_id = 4"},
    {"select id, lag(tokens, 1) over (order by created_at) from messages where chat_id = 4"},
    {"with recent as (select * from documents where owner = 'owner 9' order by made_at desc limit "
     "5) select count(*) from recent",
     of_values},
    {"insert into settings values ('a', 'b') on conflict (name) do update set value = 'c'"},
    {"update documents set body = 'x', price = price * 1.1 where id = 5"},
    {"delete from messages where chat_id = 17 and role = 'system'"},
    {"select id from documents where owner = 'owner 5' for update skip locked limit 1"},
    {"with recursive tree as (select id, parent, 0 as depth from documents where id = 499 union "
     "all select d.id, d.parent, t.depth + 1 from documents d join tree t on d.id = t.parent where "
     "t.depth < 10) select * from tree order by depth"},
    {"with recursive s(n, t) as (select 1, 'a' union all select n + 1, t || 'b' from s where n < "
     "4) "
     "select * from s"},
    {"select avg(tokens) over (partition by chat_id order by created_at rows between 3 preceding "
     "and current row) from messages where chat_id = 8"},
    {"select x, x * 2 from generate_series(1, 5) as x"},
    {"select greatest(1, 2, 3), least(now(), '2026-01-01'), nullif(5, 5), coalesce(null, 'x')"},
    {"select exists (select 1), 1 in (1, 2), 'a' like 'a%', 5 between 1 and 10, null is null"},
    {"select format('%s-%s', id, 5), concat(title, '/', 7) from chats where id = 3"},
    {"select json_build_object('id', id, 'tags', json_build_array(1, 'x', null)) from chats where "
     "id = 3"},
    {"select count(*) from documents tablesample bernoulli(10) repeatable(5)"},
    {"select id from documents where 't5' = any(tags)"},
    {"select id from documents where data @? '$.lang ? (@ == \"l5\")'"},
    {"values (1, 'a'), (2, 'b')"},
    {"insert into settings values ('a', 'b') on conflict (value) where name <> 'old' do nothing"},
    {"with made as (insert into settings values ('a', 'b') on conflict (value) where name <> 'old' "
     "do nothing) select count(*) from chats"},
    {"insert into settings values ('a', 'b') on conflict (value) where name <> 'old' do update set "
     "name = 'c' returning name, 'd'"},
    {"merge into documents d using (values ('owner 1', 5, 1.5)) as v(owner, size, price) on "
     "d.owner = "
     "v.owner and d.size = v.size when matched and d.price <> v.price then update set price = "
     "v.price when not matched then do nothing",
     of_values},
    {"with v(id, owner) as (values (1, 'x'), (2, 'y')) update documents d set size = 5 from v "
     "where "
     "d.owner = v.owner and v.id = d.id"},
    {"update documents d set is_deleted = v.gone, owner = v.owner from (values (1, 'x', true), (2, "
     "'y', false)) v(id, owner, gone) where d.id = v.id"},
    {"select d.id from documents d join (values ('owner 1', 1.5), ('owner 2', 2.5)) v(owner, "
     "price) on "
     "d.owner = v.owner and d.price < v.price * 2",
     of_values},
    {"update settings set value = 'x' where name = any(array['a', 'b']) returning name"},
    {"merge into settings s using chats c on s.name = c.title when matched then update set value = "
     "'x' when not matched then insert values (c.title, 'y')"},
    {"(select id from chats where id = 1) union (select id from chats where id = 2)"},
    {"select exists(select 1 from messages where chat_id = 5 and role = 'user')"},
};

struct chat_database {
  chat_database() {
    pqxx::nontransaction session{db};
    const auto is_made = session.exec("select 1 where to_regclass('chat.documents') is not null");
    if (is_made.empty()) session.exec(chat_tables);
  }

  /// The plan of the text itself.
  query_plan original_plan(std::string_view sql) {
    const auto answer = plain.query("explain (verbose, format json) " + std::string{sql}, {},
                                    std::chrono::steady_clock::now() + 10s);
    const auto plan = detail::parsed_plan(PQgetvalue(answer.get(), 0, 0));
    return detail::plan_of(plan, [](const std::string& schema, const std::string& relation) {
      return schema == "chat" ? relation : schema + '.' + relation;
    });
  }
  /// A call that has returned as many rows as the statement returns; a write is not executed.
  call_report call_of(std::string_view sql) {
    call_report call = slow_call("postgresql", sql);
    if (call.statement->kind != statement_kind::read) return call;
    pqxx::work session{db};
    session.exec("set local search_path = chat");
    call.rows = session.exec(std::string{sql}).size();
    return call;
  }

  postgres_server& server = postgres_server::shared();
  pqxx::connection db{server.connection_string()};
  std::string address = server.connection_string() + " options='-c search_path=chat'";
  detail::postgres_session plain{address};
  postgres_inspector plans{address};
};

void add_steps(const plan_node& node, std::string& text) {
  text += node.operation + '(' + node.table + (node.table.empty() ? "" : " ") + node.index;
  for (const plan_node& input : node.inputs) add_steps(input, text);
  text += ')';
}

std::string steps_of(const query_plan& plan) {
  std::string text;
  add_steps(plan.root, text);
  return text;
}

std::vector<std::string> found_in(const query_plan& plan, const call_report& call,
                                  const server_facts& facts) {
  std::vector<std::string> found;
  for (const finding& finding : plan_findings(plan, call, facts)) {
    found.push_back(std::string{to_string(finding.kind)} + ' ' + finding.table);
  }
  return found;
}

}  // namespace

TEST_CASE_METHOD(chat_database, "a plan is the one that the server makes for the original text",
                 "[original_plans]") {
  for (const auto& [sql, expected] : original_statements) {
    INFO(sql);
    const call_report call = call_of(sql);
    explained_statement reported;
    REQUIRE_NOTHROW(reported = plans.explain(call, std::chrono::steady_clock::now() + 10s));
    const query_plan original = original_plan(sql);
    INFO(to_string(original));
    INFO(to_string(reported.plan));
    if (expected == same) {
      CHECK(steps_of(reported.plan) == steps_of(original));
    } else {
      CHECK_THAT(reported.plan.note, Catch::StartsWith("generic plan: "));
    }
    const auto allowed = found_in(original, call, reported.facts);
    for (const std::string& found : found_in(reported.plan, call, reported.facts)) {
      CHECK_THAT(allowed, Catch::VectorContains(found));
    }
  }
}
