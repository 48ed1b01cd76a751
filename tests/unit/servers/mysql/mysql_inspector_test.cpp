// A real MariaDB, without performance_schema, reports the plan of a statement, and what a call waits
// for. The statement is not executed, no lock is waited for, and no literal comes back.

#include <querytap/analysis/plans/plan_findings.hpp>
#include <querytap/base/error.hpp>
#include <querytap/decorators/mysql.hpp>
#include <querytap/recording/recorder.hpp>
#include <querytap/runtime/watch/query_watch.hpp>
#include <querytap/servers/mysql.hpp>
#include <support/bare_mysql.hpp>
#include <support/fork.hpp>
#include <support/mariadb_server.hpp>
#include <support/wait.hpp>
#include <unit/runtime/slow_call.hpp>

#include <catch2/catch.hpp>

#include <chrono>
#include <string>
#include <thread>

using namespace querytap;
using namespace std::chrono_literals;
using querytap::testing::ask;
using querytap::testing::bare_mysql;
using querytap::testing::became_true;
using querytap::testing::connect_bare;
using querytap::testing::mariadb_server;
using querytap::testing::slow_call;

namespace {

constexpr auto tables = R"(
  create database test; use test;
  create table documents(id int primary key, owner varchar(40), shelf int, made datetime, body text,
                         key by_shelf (shelf), key by_date (made));
  insert into documents
    select seq, concat('owner ', seq % 5000), seq, '2026-01-01', repeat('x', 100) from seq_1_to_20000;
  create table words(id int primary key, document int, word varchar(40));
  insert into words select seq, seq, concat('word ', seq) from seq_1_to_100;
  create view shown as select * from documents where body <> 'canary-in-a-view';
  analyze table documents, words
)";

mariadb_server& filled_server() {
  static mariadb_server& server = [&]() -> mariadb_server& {
    ask(connect_bare(mariadb_server::shared()).get(), tables);
    return mariadb_server::shared();
  }();
  return server;
}

mysql_inspector_options options_of(const mariadb_server& server) {
  return {.host = "127.0.0.1",
          .port = static_cast<std::uint16_t>(server.port()),
          .user = "root",
          .database = "test"};
}

struct mysql_database {
  explained_statement explain(std::string_view sql, std::chrono::milliseconds within = 10s) {
    return plans.explain(slow_call("mariadb", sql), std::chrono::steady_clock::now() + within);
  }
  std::vector<finding> findings(std::string_view sql, std::uint64_t rows) {
    call_report call = slow_call("mariadb", sql);
    call.rows = rows;
    const auto reported = plans.explain(call, std::chrono::steady_clock::now() + 10s);
    return plan_findings(reported.plan, call, reported.facts);
  }
  std::string ask_server(const std::string& sql) { return ask(db.get(), sql); }

  mariadb_server& server = filled_server();
  bare_mysql db = connect_bare(server, "test");
  mysql_inspector plans{options_of(server)};
};

}  // namespace

TEST_CASE_METHOD(mysql_database, "a plan of MariaDB names its steps, tables and conditions",
                 "[mysql_inspector]") {
  const query_plan plan = explain("select body from documents where owner = 'canary'").plan;
  CHECK(plan.root.operation == "Full Table Scan");
  CHECK(plan.root.table == "documents");
  CHECK(plan.root.condition == "documents.`owner` = ?");
  CHECK(plan.root.estimated_rows > 10000);
  CHECK(plan.is_generic);
  CHECK(plan.shape != 0);
}

TEST_CASE_METHOD(mysql_database, "joins, sorts, groups and unions of MariaDB are steps",
                 "[mysql_inspector]") {
  const auto steps = [&](std::string_view sql) { return to_string(explain(sql).plan); };
  CHECK_THAT(steps("select owner, count(*) from documents d join words w on w.document = d.id "
                   "where w.word = 'x' group by owner order by 2"),
             Catch::Contains("Filesort") && Catch::Contains("Temporary Table") &&
                 Catch::Contains("Nested Loop") && Catch::Contains("Unique Key Lookup on d") &&
                 Catch::Contains("Full Table Scan on w"));
  CHECK_THAT(steps("select id from words union select shelf from documents where shelf = 3"),
             Catch::Contains("Union") && Catch::Contains("Index Lookup on documents"));
  CHECK_THAT(steps("update documents set body = 'x' where owner = 'y'"),
             Catch::Contains("Full Table Scan on documents"));
}

TEST_CASE_METHOD(mysql_database, "literals of all kinds are planned by MariaDB",
                 "[mysql_inspector]") {
  for (const char* sql : {
           "select body from documents where id = ? and owner = 'x' limit 5",
           "select body from documents where id in (1, 2, 3) limit 3, 5",
           "select id, now() - interval 1 day, date '2026-01-01', x'00', 1e3 from words",
           "select id from documents where made between '2026-01-01' and now() and shelf > -1",
           "select * from documents where owner like 'x%' order by id desc limit 10 offset 20",
           "insert into words select id, shelf, owner from documents where id < 7",
           "update documents d join words w on w.document = d.id set d.owner = 'x' where w.id = 7",
           "delete from documents where owner = 'x' limit 3",
           "with few as (select id from documents) select id from few where id > 5",
           "select id from documents where id = 1 for update",
           "select case when shelf > 3 then 'a' else 'b' end, count(*) from documents group by 1",
           "select d.id from documents d where exists (select 1 from words w where w.id = d.id)",
           "select `id` from `documents` force index (by_shelf) where match_me = 1 or shelf = 2",
       }) {
    INFO(sql);
    if (std::string_view{sql}.find("match_me") != std::string_view::npos) {
      CHECK_THROWS_WITH(explain(sql), "the server refuses with error 1054");
    } else {
      CHECK_NOTHROW(explain(sql));
    }
  }
}

TEST_CASE_METHOD(mysql_database, "MariaDB has no plan for values that it only inserts",
                 "[mysql_inspector]") {
  for (const char* sql :
       {"insert into words(id, document) values (1, 2), (3, 4) on duplicate key update word = 'x'",
        "replace into words values (1, 2, 'x')", "select 1 + 1"}) {
    CHECK_THROWS_WITH(explain(sql), "the server plans to read no table for it");
  }
}

TEST_CASE_METHOD(mysql_database, "a key that no row has does not hide the rest of the plan",
                 "[mysql_inspector]") {
  const std::string plan = to_string(
      explain("select w.word from documents d join words w on w.document = d.shelf where d.id = 17")
          .plan);
  CHECK_THAT(plan, Catch::Contains("Unique Key Lookup on d") &&
                       Catch::Contains("Full Table Scan on w") && !Catch::Contains("derived"));
}

TEST_CASE_METHOD(mysql_database, "nothing is executed or left behind in MariaDB",
                 "[mysql_inspector]") {
  static_cast<void>(explain("delete from documents where owner = 'x'"));
  static_cast<void>(explain("insert into words select id + 1000, 1, 'x' from documents"));
  CHECK(ask_server("select count(*) from documents") == "20000");
  CHECK(ask_server("select count(*) from words") == "100");
  CHECK_THROWS_AS(explain("select 1; drop table words"), plan_error);
  CHECK_THROWS_AS(explain("drop table words"), plan_error);
  CHECK(ask_server("select count(*) from words") == "100");
  CHECK(ask_server("select count(*) from information_schema.innodb_trx") == "0");
}

TEST_CASE_METHOD(mysql_database, "a refusal of MariaDB is reported by its number alone",
                 "[mysql_inspector]") {
  CHECK_THROWS_WITH(explain("select canary_column from documents"),
                    "the server refuses with error 1054");
  CHECK_THROWS_WITH(explain("select id from canary_table"), "the server refuses with error 1146");
  CHECK_NOTHROW(explain("select id from documents"));
}

TEST_CASE_METHOD(mysql_database, "literals of MariaDB's views do not come back",
                 "[mysql_inspector]") {
  const std::string plan = to_string(explain("select id from shown where owner = 'x'").plan);
  CHECK_THAT(plan, Catch::Contains("<> ?") && !Catch::Contains("canary"));
}

TEST_CASE_METHOD(mysql_database, "a missing index of MariaDB is found, and gone once it is made",
                 "[mysql_inspector]") {
  const auto sql = "select body from documents where owner = 'owner 17'";
  const auto found = findings(sql, 4);
  REQUIRE(found.size() == 1);
  CHECK(found[0].kind == finding_kind::missing_index);
  CHECK(found[0].table == "documents");
  CHECK_THAT(found[0].advice, Catch::Contains("create index") && Catch::Contains("(owner)"));
  ask_server("create index by_owner on documents(owner)");
  CHECK(findings(sql, 4).empty());
  ask_server("drop index by_owner on documents");
}

TEST_CASE_METHOD(mysql_database, "a table that is read for good reason is no finding of MariaDB's",
                 "[mysql_inspector]") {
  CHECK(findings("select word from words where word = 'word 3'", 1).empty());  // it is small
  CHECK(findings("select body from documents", 20000).empty());                // it asks for all
  CHECK(findings("select body from documents where shelf = 17", 1).empty());   // by an index
  CHECK(findings("select body from documents where owner <> 'x' limit 10", 10).empty());
}

TEST_CASE_METHOD(mysql_database, "a sort that is larger than its buffer is found",
                 "[mysql_inspector]") {
  const auto sql = "select id, owner, body from documents order by owner";
  ask_server("set global sort_buffer_size = 65536");
  mysql_inspector fresh{options_of(server)};
  call_report call = slow_call("mariadb", sql);
  call.rows = 20000;
  const auto reported = fresh.explain(call, std::chrono::steady_clock::now() + 10s);
  ask_server("set global sort_buffer_size = default");
  const auto found = plan_findings(reported.plan, call, reported.facts);
  REQUIRE(found.size() == 1);
  CHECK(found[0].kind == finding_kind::spill);
  CHECK_THAT(found[0].message, Catch::Contains("sort_buffer_size"));
}

TEST_CASE_METHOD(mysql_database, "a running call of MariaDB has the plan of its own values",
                 "[mysql_inspector]") {
  std::thread sleeper{[&] {
    const bare_mysql other = connect_bare(server, "test");
    try {
      ask(other.get(), "select sleep(60), body from documents where shelf = 17");
    } catch (const std::runtime_error&) {
      return;  // killed
    }
  }};
  const std::string sleeping =
      "select coalesce(max(id), 0) from information_schema.processlist where state = 'User sleep'";
  CHECK(became_true([&] { return ask_server(sleeping) != "0"; }));
  call_report call = slow_call("mariadb", "select sleep(1), body from documents where shelf = 3");
  call.reason = report_reason::running;
  call.start = std::chrono::system_clock::now();
  const auto explained = plans.explain(call, std::chrono::steady_clock::now() + 10s);
  CHECK(explained.plan.is_of_one_call);
  CHECK_FALSE(explained.plan.is_generic);
  CHECK_THAT(to_string(explained.plan), Catch::Contains("Index Lookup"));
  CHECK(plans.wait_of(call, std::chrono::steady_clock::now() + 10s).waits_for == "User sleep");
  ask_server("kill " + ask_server(sleeping));
  sleeper.join();
}

TEST_CASE_METHOD(mysql_database, "a call that waits for a row names the session that holds it",
                 "[mysql_inspector]") {
  const bare_mysql holder = connect_bare(server, "test");
  ask(holder.get(), "begin; update words set word = 'canary' where id = 1");
  std::thread waiting{[&] {
    const bare_mysql other = connect_bare(server, "test");
    ask(other.get(), "update words set word = 'canary-too' where id = 1");
  }};
  call_report call = slow_call("mariadb", "update words set word = 'x' where id = 1");
  call.reason = report_reason::running;
  call.start = std::chrono::system_clock::now();
  server_wait wait;
  CHECK(became_true([&] {
    wait = plans.wait_of(call, std::chrono::steady_clock::now() + 10s);
    // InnoDB looks at its locks anew only if nobody has asked for a tenth of a second.
    if (!wait.is_lock) std::this_thread::sleep_for(150ms);
    return wait.is_lock;
  }));
  CHECK(wait.waits_for == "Lock: row of test.words, held by " +
                              std::to_string(::mysql_thread_id(holder.get())) +
                              ", idle in transaction");
  ask(holder.get(), "rollback");
  waiting.join();
  CHECK(became_true([&] {
    if (plans.wait_of(call, std::chrono::steady_clock::now() + 10s).waits_for.empty()) return true;
    std::this_thread::sleep_for(150ms);
    return false;
  }));
}

TEST_CASE_METHOD(mysql_database, "a call that waits for a table says so", "[mysql_inspector]") {
  const bare_mysql holder = connect_bare(server, "test");
  ask(holder.get(), "begin; select count(*) from words");
  std::thread waiting{[&] {
    const bare_mysql other = connect_bare(server, "test");
    ask(other.get(), "alter table words add column more int");
  }};
  call_report call = slow_call("mariadb", "alter table words add column more int");
  call.reason = report_reason::running;
  server_wait wait;
  CHECK(became_true([&] {
    wait = plans.wait_of(call, std::chrono::steady_clock::now() + 10s);
    return wait.is_lock;
  }));
  CHECK(wait.waits_for == "Lock: Waiting for table metadata lock");
  ask(holder.get(), "rollback");
  waiting.join();
  ask_server("alter table words drop column more");
}

TEST_CASE_METHOD(mysql_database, "a slow call of MariaDB's gets its plan and finding from a watch",
                 "[mysql_inspector]") {
  recorder telemetry{{.service_name = "test"}};
  mysql::connection mine{telemetry, {.slow_threshold = 1ns}};
  REQUIRE(mysql_real_connect(&mine, "127.0.0.1", "root", "", "test",
                             static_cast<unsigned>(server.port()), nullptr, 0) != nullptr);
  query_watch watch{
      telemetry,
      {.interval = 1h, .plans = {std::make_shared<mysql_inspector>(options_of(server))}}};
  mysql_query(&mine, "select body from documents where owner = 'owner 17'");
  mysql_free_result(mysql_store_result(&mine));
  watch.look();
  const snapshot snapshot = telemetry.collect();
  REQUIRE(snapshot.call_reports.size() == 1);
  CHECK(snapshot.call_reports[0]->used_no_index);
  CHECK(snapshot.call_reports[0]->plan_error.empty());
  REQUIRE(snapshot.call_reports[0]->plan != nullptr);
  REQUIRE_FALSE(snapshot.findings.empty());
  CHECK(snapshot.findings[0]->kind == finding_kind::missing_index);
}

TEST_CASE("an inspector of MariaDB serves the calls of its server and database",
          "[mysql_inspector]") {
  const mysql_inspector exact{{.host = "db", .port = 3307, .user = "watcher", .database = "test"}};
  const mysql_inspector any{{.host = "db", .user = "watcher"}};
  call_report call = slow_call("mariadb", "select 1");
  call.server_address = "db";
  call.server_port = 3307;
  CHECK(exact.serves(call));
  CHECK_FALSE(any.serves(call));
  call.server_port = 0;
  CHECK_FALSE(exact.serves(call));
  CHECK(any.serves(call));
  call.database = "other";
  CHECK(any.serves(call));
  call.system = "mysql";
  CHECK(any.serves(call));
  call.system = "postgresql";
  CHECK_FALSE(any.serves(call));
}

TEST_CASE("options of an inspector that cannot be used are refused", "[mysql_inspector]") {
  CHECK_THROWS_AS(mysql_inspector{mysql_inspector_options{.host = "db"}}, configuration_error);
  CHECK_THROWS_AS(
      (mysql_inspector{mysql_inspector_options{.user = "u", .tls_authority = "/missing/file"}}),
      configuration_error);
}

TEST_CASE_METHOD(mysql_database, "a forked child has a connection to MariaDB of its own",
                 "[mysql_inspector]") {
  static_cast<void>(explain("select id from documents"));
  CHECK(querytap::testing::exit_code_of_child(
            [&] { return explain("select id from words").plan.root.table == "words"; }) == 0);
  CHECK_NOTHROW(explain("select id from documents"));
}

TEST_CASE("a MariaDB that stands still or is gone costs no more than the deadline",
          "[mysql_inspector]") {
  mariadb_server server;
  mysql_inspector_options options = options_of(server);
  options.database = {};
  mysql_inspector plans{options};
  call_report call = slow_call("mariadb", "select 1 from information_schema.tables");
  call.database.clear();
  CHECK_NOTHROW(plans.explain(call, std::chrono::steady_clock::now() + 10s));
  server.pause();
  const auto begin = std::chrono::steady_clock::now();
  CHECK_THROWS_WITH(plans.explain(call, begin + 100ms), "the server did not answer in time");
  CHECK_THROWS_WITH(plans.explain(call, begin + 10s),
                    "the server did not answer a moment ago; it is asked again later");
  CHECK(std::chrono::steady_clock::now() - begin < 10s);
  server.resume();
  server.crash();
  mysql_inspector fresh{options};
  CHECK_THROWS_WITH(fresh.explain(call, std::chrono::steady_clock::now() + 10s),
                    "cannot connect to the database");
}
