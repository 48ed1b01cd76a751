// The plan that is reported for a statement is the one that SQLite makes for its original text.
// Where the literals decide, and the generic plan may differ, it raises no finding that the original
// plan does not raise.

#include <servers/sqlite/plan_rows.hpp>
#include <unit/runtime/slow_call.hpp>

#include <querytap/analysis/plans/plan_findings.hpp>
#include <querytap/decorators/sqlite.hpp>
#include <querytap/recording/recorder.hpp>
#include <querytap/servers/sqlite.hpp>
#include <support/child_process.hpp>

#include <catch2/catch.hpp>

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

using namespace querytap;
using namespace std::chrono_literals;
using querytap::testing::slow_call;

namespace {

constexpr auto library_tables = R"(
  create table documents(
    id integer primary key, owner text, state text, made_at text, size int, data text, body text,
    parent int);
  with recursive n(i) as (select 1 union all select i + 1 from n where i < 12000)
    insert into documents select i, 'owner ' || (i % 1500), iif(i % 100 = 0, 'open', 'done'),
      datetime('2026-01-01', i || ' minutes'), (i * 7919) % 20011,
      json_object('lang', 'l' || (i % 400)), 'word' || (i % 1000) || ' of a page', i % 500 from n;
  create index documents_made_at on documents(made_at);
  create index documents_owner on documents(owner, made_at);
  create index documents_open on documents(size) where state = 'open';
  create index documents_lang on documents(json_extract(data, '$.lang'));
  create index documents_body on documents(body collate nocase);
  create table owners(name text primary key, city text) without rowid;
  create unique index owners_capital on owners(city) where name = 'capital';
  insert into owners select distinct owner, 'city ' || (id % 10) from documents;
  create virtual table words using fts5(title, body);
  insert into words select owner, body from documents where id <= 200;
)";

struct library_statement {
  std::string_view sql;
  bool is_same = true;  ///< else the values decide
};

constexpr library_statement library_statements[] = {
    {"select owner, count(*) from documents group by owner order by 2 desc limit 10"},
    {"select owner, count(*) from documents group by 1 order by 2 desc, 1"},
    {"select id, body from documents order by 1 limit 20"},
    {"select body, size from documents order by 2 limit 5"},
    {"select id from documents order by made_at desc limit 10"},
    {"select id from documents order by made_at desc limit 20, 10"},
    {"select id from documents where owner = 'owner 7' order by made_at desc limit 3"},
    {"select id from documents where owner in ('owner 7', 'owner 8') order by made_at limit 3"},
    {"select id from documents where (owner, made_at) > ('owner 7', '2026') limit 3"},
    {"select strftime('%Y-%m', made_at), count(*) from documents group by strftime('%Y-%m', "
     "made_at)"},
    {"select strftime('%H', made_at) as h, count(*) from documents group by 1 order by 1"},
    {"select cast(size as decimal(10,2)) from documents where id = 5"},
    {"select cast(size as varchar(20)) from documents where owner = 'owner 3'"},
    {"select id from documents where 1=1 and id = 5"},
    {"select id from documents where true and owner = 'owner 5'"},
    {"select id from documents where id = 1 + 1"},
    {"select id from documents where id < 10"},
    {"select id from documents where made_at between '2026-01-02' and '2026-01-03'"},
    {"select id from documents where id in (1, 2, 3)"},
    {"select id from documents where state = 'open' and size = 77", false},
    {"select id from documents where state = 'open' and size > 20000", false},
    {"select id from documents where json_extract(data, '$.lang') = 'l5'", false},
    {"select id from documents where body like 'word7 %'", false},
    {"select id from documents where owner glob 'owner 7*'", false},
    {"select id from documents where size = 77"},
    {"select count(*) from documents where size > 20005"},
    {"select count(*) from documents"},
    {"select max(made_at) from documents"},
    {"select d.id from documents d join owners o on o.name = d.owner where o.city = 'city 3' and "
     "d.size > 20000"},
    {"select o.name, count(d.id) from owners o left join documents d on d.owner = o.name where "
     "o.name = 'owner 9' group by 1"},
    {"select id from documents where parent = 7 union all select id from documents where id = 8"},
    {"select id, row_number() over (partition by owner order by made_at) from documents where "
     "owner = 'owner 4'"},
    {"with few as (select id, owner from documents where owner = 'owner 9' limit 5) select * from "
     "few order by 2"},
    {"select v.column2 from (values (1, 'a'), (2, 'b')) as v join documents d on d.id = v.column1",
     false},
    {"select title from words where words match 'word7' order by rank limit 5"},
    {"select title from words where title like '%owner 7%'"},
    {"select value from json_each('[1,2,3]')"},
    {"select exists(select 1 from documents where owner = 'owner 5' and state = 'open')"},
    {"insert into owners values ('a', 'b') on conflict (name) do update set city = 'c'"},
    {"insert into owners values ('a', 'b') on conflict (city) where name = 'capital' do update set "
     "city = 'c' on conflict (name) do nothing returning name, 'd'"},
    {"select id from documents where 1=0"},
    {"select id from documents where 0"},
    {"select id from documents where (1=1) and owner = 'owner 5'"},
    {"select id from documents where owner is not null limit 5"},
    {"select id from documents order by made_at limit 5 + 5 offset (2 - 1) * 10"},
    {"update documents set body = 'x' where owner = 'owner 5'"},
    {"delete from documents where owner = 'owner 5' and made_at < '2025-01-01'"},
    {"replace into owners values ('a', 'b')"},
    {"select distinct state from documents where size > 100 order by 1"},
    {"select id from documents where owner = 'owner 5' or size = 7"},
    {"select owner from documents where id = 5 limit 1 offset 0"},
};

struct library_database {
  library_database() { db.exec(library_tables); }

  plan_node original_plan(std::string_view sql) {
    const detail::sqlite_session session{file, std::chrono::steady_clock::now() + 10s};
    return detail::sqlite_plan(session, std::string{sql});
  }
  call_report call_of(std::string_view sql) {
    call_report call = slow_call("sqlite", sql);
    if (call.statement->kind == statement_kind::read) call.rows = db.prepare(sql).run();
    return call;
  }
  explained_statement explain(const call_report& call) {
    return plans.explain(call, std::chrono::steady_clock::now() + 10s);
  }

  testing::temporary_folder folder;
  std::string file = (folder.path() / "test").string();
  recorder telemetry{{.service_name = "test"}};
  sqlite::connection db{telemetry, file};
  sqlite_inspector plans{file};
};

std::vector<std::string> kinds_found(const query_plan& plan, const call_report& call,
                                     const server_facts& facts) {
  std::vector<std::string> found;
  for (const finding& finding : plan_findings(plan, call, facts)) {
    found.push_back(std::string{to_string(finding.kind)} + ' ' + finding.advice);
  }
  return found;
}

void check_plans(library_database& library) {
  for (const auto& [sql, is_same] : library_statements) {
    INFO(sql);
    const call_report call = library.call_of(sql);
    const query_plan original{.root = library.original_plan(sql)};
    if (original.root.inputs.empty()) {
      CHECK_THROWS_WITH(library.explain(call), "SQLite plans no search and no scan for it");
      continue;
    }
    explained_statement reported;
    REQUIRE_NOTHROW(reported = library.explain(call));
    INFO(to_string(original));
    INFO(to_string(reported.plan));
    query_plan steps = reported.plan;
    steps.note.clear();
    if (is_same) CHECK(to_string(steps) == to_string(original));
    const auto allowed = kinds_found(original, call, reported.facts);
    for (const std::string& found : kinds_found(reported.plan, call, reported.facts)) {
      CHECK_THAT(allowed, Catch::VectorContains(found));
    }
  }
}

}  // namespace

TEST_CASE_METHOD(library_database, "a plan is the one that SQLite makes for the original text",
                 "[original_plans]") {
  check_plans(*this);
}

TEST_CASE_METHOD(library_database,
                 "a plan is the one that SQLite makes for the original text, with statistics too",
                 "[original_plans]") {
  db.exec("analyze");
  check_plans(*this);
}
