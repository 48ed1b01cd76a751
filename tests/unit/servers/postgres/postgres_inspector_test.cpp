// A real PostgreSQL reports the plan of a statement, and what a call waits for. The statement is
// not executed, no lock is waited for, and no literal comes back.

#include <querytap/analysis/plans/plan_findings.hpp>
#include <querytap/base/error.hpp>
#include <querytap/decorators/postgres.hpp>
#include <querytap/recording/recorder.hpp>
#include <querytap/runtime/watch/query_watch.hpp>
#include <querytap/servers/postgres.hpp>
#include <support/child_process.hpp>
#include <support/fork.hpp>
#include <support/postgres_server.hpp>
#include <support/wait.hpp>
#include <unit/runtime/slow_call.hpp>

#include <catch2/catch.hpp>

#include <signal.h>

#include <chrono>
#include <string>
#include <thread>

using namespace querytap;
using namespace std::chrono_literals;
using querytap::testing::postgres_server;
using querytap::testing::slow_call;

namespace {

constexpr auto tables = R"(
  create table documents(id int primary key, owner text, "Shelf No" int, body text, tags jsonb);
  insert into documents
    select i, 'owner ' || i % 5000, i, repeat('x', 100), '{}' from generate_series(1, 20000) i;
  create table words(document int, word text);
  create view shown as select * from documents where body <> 'canary-in-a-view';
  create schema aside;
  create table aside.documents as select * from documents;
  analyze;
)";

struct postgres_database {
  postgres_database() {
    pqxx::nontransaction session{db};
    if (!session.exec("select 1 where to_regclass('documents') is not null").empty()) return;
    session.exec(tables);
  }

  explained_statement explain(std::string_view sql, std::chrono::milliseconds within = 10s) {
    call_report call = slow_call("postgresql", sql);
    return plans.explain(call, std::chrono::steady_clock::now() + within);
  }
  std::vector<finding> findings(std::string_view sql, std::uint64_t rows) {
    call_report call = slow_call("postgresql", sql);
    call.rows = rows;
    const auto reported = plans.explain(call, std::chrono::steady_clock::now() + 10s);
    return plan_findings(reported.plan, call, reported.facts);
  }
  int count(const std::string& query) {
    pqxx::nontransaction session{db};
    return session.exec(query)[0][0].as<int>();
  }

  postgres_server& server = postgres_server::shared();
  pqxx::connection db{server.connection_string()};
  postgres_inspector plans{server.connection_string()};
};

}  // namespace

TEST_CASE_METHOD(postgres_database, "a plan names its steps, tables and conditions",
                 "[postgres_inspector]") {
  const query_plan plan = explain("select body from documents where owner = 'canary'").plan;
  CHECK(plan.root.operation == "Seq Scan");
  CHECK(plan.root.table == "documents");
  CHECK(plan.root.condition == "(documents.owner = ?)");
  CHECK(plan.root.estimated_rows > 0);
  CHECK(plan.root.estimated_cost > 0);
  CHECK(plan.shape != 0);
}

TEST_CASE_METHOD(postgres_database, "joins, sorts and groups are named as EXPLAIN names them",
                 "[postgres_inspector]") {
  const std::string plan =
      to_string(explain("select owner, count(*) from documents left join words on document = id "
                        "group by owner order by owner")
                    .plan);
  CHECK_THAT(plan, Catch::Contains("Aggregate") && Catch::Contains("Left Join") &&
                       Catch::Contains("Seq Scan on words"));
}

TEST_CASE_METHOD(postgres_database, "literals, $n and typed literals are all planned",
                 "[postgres_inspector]") {
  for (const char* sql : {
           "select body from documents where id = $1 and owner = 'x' limit 5",
           "select body from documents where id in (1, 2, 3)",
           "select now() - interval '1 day', timestamp with time zone '2026-01-01'",
           "select id from documents where tags ? 'key' and tags @> '{}'::jsonb",
           "insert into documents(id, owner) values (1, 'x'), (2, 'y')",
           "update documents set owner = 'x' where id = 7",
           "delete from documents where owner like 'x%'",
           "with few as (select id from documents) select id from few where id > 5",
           "select id from documents where id = 1 for update",
           "select $1::text || 'x'",
       }) {
    INFO(sql);
    CHECK_NOTHROW(explain(sql));
  }
}

TEST_CASE_METHOD(postgres_database, "nothing is executed or left behind", "[postgres_inspector]") {
  static_cast<void>(explain("delete from documents"));
  static_cast<void>(explain("insert into words values (1, 'x')"));
  CHECK(count("select count(*) from documents") == 20000);
  CHECK(count("select count(*) from words") == 0);
  CHECK_THROWS_AS(explain("select 1; drop table words"), plan_error);
  CHECK_THROWS_AS(explain("drop table words"), plan_error);
  CHECK(count("select count(*) from words") == 0);
  CHECK(count("select count(*) from pg_stat_activity where state like 'idle in%'") == 0);
  CHECK(count("select count(*) from pg_stat_activity where application_name = 'querytap'") == 1);
}

TEST_CASE_METHOD(postgres_database, "a refusal of the server is reported by its SQLSTATE alone",
                 "[postgres_inspector]") {
  CHECK_THROWS_WITH(explain("select canary_column from documents"),
                    "the server refuses with SQLSTATE 42703");
  CHECK_THROWS_WITH(explain("select from canary_table"), "the server refuses with SQLSTATE 42P01");
  CHECK_NOTHROW(explain("select id from documents"));
}

TEST_CASE_METHOD(postgres_database, "literals of views do not come back", "[postgres_inspector]") {
  const std::string plan = to_string(explain("select id from shown where owner = 'x'").plan);
  CHECK_THAT(plan, Catch::Contains("documents.body <> ?") && !Catch::Contains("canary"));
}

TEST_CASE_METHOD(postgres_database, "a missing index is found, and gone once it is made",
                 "[postgres_inspector]") {
  const auto sql = "select body from documents where owner = 'owner 17'";
  const auto found = findings(sql, 4);
  REQUIRE(found.size() == 1);
  CHECK(found[0].kind == finding_kind::missing_index);
  CHECK(found[0].table == "documents");
  CHECK(found[0].advice == "create index concurrently on documents (owner)");
  CHECK_THAT(found[0].message, Catch::Contains("20,000 rows"));
  pqxx::nontransaction{db}.exec(found[0].advice);
  CHECK(findings(sql, 4).empty());
  CHECK_THAT(to_string(explain(sql).plan), Catch::Contains("using documents_owner_idx"));
  pqxx::nontransaction{db}.exec("drop index documents_owner_idx");
}

TEST_CASE_METHOD(postgres_database,
                 "advice quotes names that need quotes, and names schemas that are not searched",
                 "[postgres_inspector]") {
  const auto found = findings("select body from aside.documents where \"Shelf No\" = 5", 1);
  REQUIRE(found.size() == 1);
  CHECK(found[0].advice == "create index concurrently on aside.documents (\"Shelf No\")");
  pqxx::nontransaction{db}.exec(found[0].advice);
  CHECK(findings("select body from aside.documents where \"Shelf No\" = 5", 1).empty());
}

TEST_CASE_METHOD(postgres_database, "a sort that does not fit into memory is foreseen",
                 "[postgres_inspector]") {
  postgres_inspector small{server.connection_string() + " options='-c work_mem=64kB'"};
  call_report call = slow_call("postgresql", "select * from documents order by body");
  const auto reported = small.explain(call, std::chrono::steady_clock::now() + 10s);
  CHECK(reported.facts.sort_memory == 64 * 1024);
  const auto found = plan_findings(reported.plan, call, reported.facts);
  REQUIRE(found.size() == 1);
  CHECK(found[0].kind == finding_kind::spill);
}

TEST_CASE_METHOD(postgres_database, "an estimate that is far off is found",
                 "[postgres_inspector]") {
  const auto found = findings("select body from documents where owner = 'x'", 15'000);
  REQUIRE_FALSE(found.empty());
  CHECK(found.back().kind == finding_kind::bad_estimate);
  // The values may have been the reason.
  CHECK(findings("select body from documents where owner = 'x' and id > 0", 15'000).empty());
}

TEST_CASE_METHOD(postgres_database, "a table that another session locks is not waited for",
                 "[postgres_inspector]") {
  pqxx::work holder{db};
  holder.exec("lock table words in access exclusive mode");
  const auto begin = std::chrono::steady_clock::now();
  CHECK_THROWS_WITH(explain("select word from words"), Catch::Contains("55P03"));
  CHECK(std::chrono::steady_clock::now() - begin < 2s);
}

TEST_CASE_METHOD(postgres_database, "a server that does not answer is given up at the deadline",
                 "[postgres_inspector]") {
  CHECK_NOTHROW(explain("select 1"));
  pqxx::result found = pqxx::nontransaction{db}.exec(
      "select pid from pg_stat_activity where query like 'rollback%'");
  for (const auto& row : found) kill(row[0].as<int>(), SIGSTOP);
  const auto begin = std::chrono::steady_clock::now();
  CHECK_THROWS_WITH(explain("select 1", 100ms), "the server did not answer in time");
  CHECK(std::chrono::steady_clock::now() - begin < 1s);
  CHECK_THROWS_WITH(explain("select 1"), Catch::Contains("asked again later"));
  for (const auto& row : found) kill(row[0].as<int>(), SIGCONT);
}

TEST_CASE_METHOD(postgres_database, "the child of a fork asks on a connection of its own",
                 "[postgres_inspector]") {
  CHECK_NOTHROW(explain("select 1"));
  const auto explains = [&] { return !explain("select 1").plan.root.operation.empty(); };
  CHECK(testing::exit_code_of_child(explains) == 0);
  CHECK(explains());
}

TEST_CASE("a missing database and an unreadable connection string are reported without secrets",
          "[postgres_inspector]") {
  call_report call = slow_call("postgresql", "select 1");
  postgres_inspector nowhere{"host=127.0.0.1 port=" + std::to_string(testing::free_port()) +
                             " password=canary dbname=test"};
  CHECK_THROWS_WITH(nowhere.explain(call, std::chrono::steady_clock::now() + 10s),
                    "cannot connect to the database");
  CHECK_THROWS_AS(postgres_inspector{"password=canary nonsense"}, configuration_error);
  CHECK_THROWS_WITH(postgres_inspector{"password=canary nonsense"}, !Catch::Contains("canary"));
}

TEST_CASE("an inspector serves the calls that went to its database", "[postgres_inspector]") {
  call_report call = slow_call("postgresql", "select 1");
  call.server_address = "db.internal";
  CHECK(postgres_inspector{"dbname=test host=db.internal"}.serves(call));
  CHECK(postgres_inspector{"dbname=test host=db.internal,other"}.serves(call));
  CHECK(postgres_inspector{"postgresql://somebody@db.internal:5432/test"}.serves(call));
  CHECK_FALSE(postgres_inspector{"dbname=test host=db.internal port=5433"}.serves(call));
  CHECK_FALSE(postgres_inspector{"dbname=test host=other"}.serves(call));
  CHECK_FALSE(postgres_inspector{"dbname=other host=db.internal"}.serves(call));
  CHECK(postgres_inspector{"user=test host=db.internal"}.serves(call));  // as libpq has it
  call.system = "mysql";
  CHECK_FALSE(postgres_inspector{"dbname=test host=db.internal"}.serves(call));
}

TEST_CASE_METHOD(postgres_database, "a call that still runs has the plan for its own values",
                 "[postgres_inspector]") {
  call_report call =
      slow_call("postgresql", "select id, pg_sleep(3600) from documents where id < 4 order by 1");
  call.reason = report_reason::running;
  call.start = std::chrono::system_clock::now();
  CHECK(explain("select id, pg_sleep(1) from documents where id < 4 order by 1").plan.is_generic);
  std::thread caller{[&] {
    pqxx::connection client{server.connection_string() + " application_name=sleeper"};
    pqxx::nontransaction session{client};
    CHECK_THROWS(session.exec("select id, pg_sleep(3600) from documents where id < 4 order by 1"));
  }};
  query_plan plan;
  CHECK(testing::became_true([&] {
    plan = plans.explain(call, std::chrono::steady_clock::now() + 10s).plan;
    return plan.is_of_one_call;
  }));
  count(
      "select count(pg_cancel_backend(pid)) from pg_stat_activity where application_name = "
      "'sleeper'");
  caller.join();
  CHECK_FALSE(plan.is_generic);
  CHECK(plan.note == "plan for the values of a call that was running\n");
  CHECK_THAT(to_string(plan), Catch::Contains("using documents_pkey where (documents.id < ?)"));
  CHECK(plans.explain(call, std::chrono::steady_clock::now() + 10s).plan.is_generic);
}

TEST_CASE_METHOD(postgres_database, "a plan says where the plans are that ran",
                 "[postgres_inspector]") {
  constexpr auto where_plans_are = "auto_explain writes the plans of calls that take 250ms";
  CHECK_THAT(explain("select 1").plan.note, !Catch::Contains("auto_explain"));
  for (const auto& [setting, says] : {std::pair{"250", true}, std::pair{"-1", false}}) {
    postgres_inspector logging{
        server.connection_string() +
        " options='-c session_preload_libraries=auto_explain -c auto_explain.log_min_duration=" +
        setting + "'"};
    const std::string note =
        logging.explain(slow_call("postgresql", "select 1"), std::chrono::steady_clock::now() + 10s)
            .plan.note;
    CHECK((note.find(where_plans_are) != note.npos) == says);
  }
}

TEST_CASE_METHOD(postgres_database,
                 "the report of a call that waits for a lock names lock and holder",
                 "[postgres_inspector]") {
  recorder telemetry{{.service_name = "test"}};
  std::vector<call_report> reported;
  query_watch watch{telemetry,
                    {.interval = std::chrono::hours{1},
                     .plans = {std::make_shared<postgres_inspector>(server.connection_string())},
                     .on_call_report = [&](const call_report& call) { reported.push_back(call); }}};
  pqxx::work holder{db};
  holder.exec("update documents set owner = 'canary' where id = 1");
  std::thread caller{[&] {
    postgres::connection client{telemetry, server.connection_string(), {.slow_threshold = 20ms}};
    postgres::nontransaction{client}.exec("update documents set owner = 'owner 1' where id = 1");
  }};
  const auto is_seen_waiting = [&] {
    watch.look();
    const auto known = telemetry.collect().call_reports;
    return !known.empty() && !known.front()->waits_for.empty();
  };
  CHECK(testing::became_true(is_seen_waiting));
  holder.abort();
  caller.join();
  watch.look();
  REQUIRE(reported.size() == 2);
  CHECK(reported[0].reason == report_reason::running);
  const call_report& ended = reported[1];
  CHECK(ended.reason == report_reason::slow);
  CHECK_THAT(ended.waits_for, Catch::StartsWith("Lock: ") &&
                                  Catch::Contains("idle in transaction: update documents") &&
                                  !Catch::Contains("canary"));
  CHECK(ended.phases[phase::lock_wait] > 10ms);
  CHECK(ended.phases.total() == ended.duration);
  REQUIRE(ended.plan != nullptr);
  CHECK(ended.plan->root.operation == "Update");
}
