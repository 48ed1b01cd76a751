// A SQLite file is asked for the plan of a statement. The statement is not executed, and no lock is
// waited for.

#include <servers/sqlite/plan_rows.hpp>
#include <unit/runtime/slow_call.hpp>

#include <querytap/analysis/plans/plan_findings.hpp>
#include <querytap/calls/backend.hpp>
#include <querytap/calls/operation.hpp>
#include <querytap/decorators/sqlite.hpp>
#include <querytap/recording/recorder.hpp>
#include <querytap/runtime/watch/query_watch.hpp>
#include <querytap/servers/sqlite.hpp>
#include <support/child_process.hpp>

#include <catch2/catch.hpp>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>

using namespace querytap;
using namespace std::chrono_literals;
using querytap::testing::slow_call;

namespace {

struct sqlite_database {
  sqlite_database() {
    db.exec(
        "create table documents(id integer primary key, owner text, \"order\" text, body text);"
        "with recursive n(i) as (select 1 union all select i + 1 from n where i < 20000)"
        "  insert into documents select i, 'owner ' || (i % 5000), i, 'x' from n;"
        "create table words(document int, word text);"
        "insert into words select id, body from documents");
  }

  explained_statement explain(std::string_view sql) {
    return plans.explain(slow_call("sqlite", sql), std::chrono::steady_clock::now() + 10s);
  }
  std::vector<finding> findings(std::string_view sql, std::uint64_t rows) {
    call_report call = slow_call("sqlite", sql);
    call.rows = rows;
    const auto reported = explain(sql);
    return plan_findings(reported.plan, call, reported.facts);
  }

  testing::temporary_folder folder;
  std::string file = (folder.path() / "test").string();
  recorder telemetry{{.service_name = "test"}};
  sqlite::connection db{telemetry, file, {.shared_between_threads = true, .slow_threshold = 1ns}};
  sqlite_inspector plans{file};
};

}  // namespace

TEST_CASE("a line of a plan is read into its parts", "[sqlite_inspector]") {
  const auto step = [](std::string_view line) {
    const plan_node node = detail::sqlite_step(line);
    return node.operation + '|' + node.table + '|' + node.index + '|' + node.condition;
  };
  CHECK(step("SCAN documents") == "SCAN|documents||");
  CHECK(step("SCAN TABLE documents AS d") == "SCAN|d||");
  CHECK(step("SCAN d USING COVERING INDEX by_owner") == "SCAN|d|by_owner|");
  CHECK(step("SEARCH d USING INDEX by_owner (owner=? AND id>?)") ==
        "SEARCH|d|by_owner|owner = ? AND id > ?");
  CHECK(step("SEARCH d USING INTEGER PRIMARY KEY (rowid=?)") ==
        "SEARCH|d|INTEGER PRIMARY KEY|rowid = ?");
  CHECK(step("SEARCH d USING AUTOMATIC COVERING INDEX (owner=?)") ==
        "SEARCH|d|AUTOMATIC COVERING INDEX|owner = ?");
  CHECK(step("USE TEMP B-TREE FOR ORDER BY") == "USE TEMP B-TREE FOR ORDER BY|||");
  CHECK(step("SCAN f VIRTUAL TABLE INDEX 0:M1") == "SCAN|f|VIRTUAL TABLE INDEX 0:M1|");
  CHECK(step("SCAN TABLE fts AS f VIRTUAL TABLE INDEX 32:M0") ==
        "SCAN|f|VIRTUAL TABLE INDEX 32:M0|");
  CHECK(step("SCAN f VIRTUAL TABLE INDEX 0:") == "SCAN|f||");
  CHECK(step("SCAN json_each VIRTUAL TABLE INDEX 1:") == "SCAN|json_each|VIRTUAL TABLE INDEX 1:|");
  CHECK(step("SCAN f VIRTUAL TABLE INDEX 0:M1 LEFT-JOIN") == "SCAN|f|VIRTUAL TABLE INDEX 0:M1|");
  CHECK(step("SCAN o LEFT-JOIN") == "SCAN|o||");
  CHECK(step("SCAN o USING COVERING INDEX by_owner LEFT-JOIN") == "SCAN|o|by_owner|");
  CHECK(step("SEARCH o USING INTEGER PRIMARY KEY (rowid=?) LEFT-JOIN") ==
        "SEARCH|o|INTEGER PRIMARY KEY|rowid = ?");
  CHECK(step("SCAN CONSTANT ROW") == "SCAN CONSTANT ROW|||");
  CHECK(step("SCAN 2 CONSTANT ROWS") == "SCAN 2 CONSTANT ROWS|||");
  CHECK(step("SCAN") == "SCAN|||");
  CHECK(step("") == "|||");
}

TEST_CASE_METHOD(sqlite_database, "a plan is a tree of its lines", "[sqlite_inspector]") {
  CHECK(to_string(explain("select body from documents where id = 7 union "
                          "select word from words order by body")
                      .plan) ==
        "QUERY PLAN\n"
        "  MERGE (UNION)\n"
        "    LEFT\n"
        "      SEARCH on documents using INTEGER PRIMARY KEY where rowid = ?\n"
        "    RIGHT\n"
        "      SCAN on words\n"
        "      USE TEMP B-TREE FOR ORDER BY\n"
        "generic plan: made without the values of the call\n");
}

TEST_CASE_METHOD(sqlite_database, "a missing index of SQLite is found, and gone once it is made",
                 "[sqlite_inspector]") {
  const auto sql = "select body from documents d where d.owner = 'canary' and d.\"order\" > 'x'";
  const auto found = findings(sql, 4);
  REQUIRE(found.size() == 1);
  CHECK(found[0].kind == finding_kind::missing_index);
  CHECK(found[0].advice == "create index documents_owner_order on documents (owner, \"order\")");
  CHECK_THAT(found[0].message, Catch::Contains("20,000 rows") && !Catch::Contains("canary"));
  db.exec(found[0].advice);
  CHECK(findings(sql, 4).empty());
  CHECK(explain(sql).plan.root.inputs.front().index == "documents_owner_order");
}

TEST_CASE_METHOD(sqlite_database, "rows are those that ANALYZE counted, else the highest rowid",
                 "[sqlite_inspector]") {
  CHECK(explain("select body from documents").facts.tables.at(0).rows == 20'000);
  db.exec("delete from documents where id <= 15000; create index o on documents(owner); analyze");
  CHECK(explain("select body from Documents").facts.tables.at(0).rows == 5'000);
  db.exec("create table pairs(a primary key, b) without rowid");
  CHECK(explain("select b from pairs").facts.tables.at(0).rows == 0);
}

TEST_CASE_METHOD(sqlite_database,
                 "an index that SQLite makes for one call is found, and gone once it is made",
                 "[sqlite_inspector]") {
  const auto sql =
      "select count(*) from documents join words on words.document = documents.\"order\"";
  const auto found = findings(sql, 1);
  REQUIRE(found.size() == 1);
  CHECK(found[0].kind == finding_kind::automatic_index);
  db.exec(found[0].advice);
  CHECK(findings(sql, 1).empty());
}

TEST_CASE_METHOD(sqlite_database, "nothing is executed", "[sqlite_inspector]") {
  CHECK_NOTHROW(explain("delete from words where document = 1"));
  CHECK_NOTHROW(explain("insert into words select id, body from documents"));
  CHECK_THROWS_AS(explain("select 1; delete from words"), plan_error);
  CHECK_THROWS_AS(explain("drop table words"), plan_error);
  CHECK_THROWS_WITH(explain("select canary from words"), "SQLite refuses with result code 1");
  auto count = db.prepare("select count(*) from words");
  REQUIRE(count.step());
  CHECK(count.column<int>(0) == 20'000);
}

TEST_CASE_METHOD(sqlite_database, "a database that is locked, or not there, is not waited for",
                 "[sqlite_inspector]") {
  db.exec("begin exclusive");
  const auto begin = std::chrono::steady_clock::now();
  CHECK_THROWS_AS(explain("select body from documents"), plan_error);
  CHECK(std::chrono::steady_clock::now() - begin < 2s);
  sqlite_inspector nowhere{(folder.path() / "none").string()};
  CHECK_THROWS_AS(nowhere.explain(slow_call("sqlite", "select 1"), begin + 10s), plan_error);
  CHECK_FALSE(std::filesystem::exists(folder.path() / "none"));
}

TEST_CASE_METHOD(sqlite_database,
                 "a watch reports a slow call with its plan, and the plan's findings",
                 "[sqlite_inspector]") {
  std::vector<call_report> calls;
  std::vector<finding> found;
  query_watch watch{telemetry,
                    {.interval = std::chrono::hours{1},
                     .plans = {std::make_shared<sqlite_inspector>(file)},
                     .on_call_report = [&](const call_report& call) { calls.push_back(call); },
                     .on_finding = [&](const finding& finding) { found.push_back(finding); }}};
  auto search = db.prepare("select body from documents where owner = ?");
  const auto line = static_cast<std::uint32_t>(__LINE__) + 1;
  search.run("owner 17");
  watch.look();
  REQUIRE_FALSE(calls.empty());
  REQUIRE(calls.back().plan != nullptr);
  CHECK(to_string(*calls.back().plan) ==
        "QUERY PLAN\n  SCAN on documents\ngeneric plan: made without the values of the call\n");
  REQUIRE(found.size() == 1);
  CHECK(found[0].kind == finding_kind::missing_index);
  CHECK(found[0].site.line == line);
  CHECK(telemetry.collect().call_reports.front()->plan != nullptr);
}

TEST_CASE_METHOD(sqlite_database, "a call is of a file, and not of all files with its name",
                 "[sqlite_inspector]") {
  testing::temporary_folder elsewhere;
  const std::string other_file = (elsewhere.path() / "test").string();
  sqlite::connection other{telemetry, other_file, {.slow_threshold = 1ns}};
  const auto last_call = [&] { return *telemetry.collect().call_reports.front(); };
  db.exec("select 1");
  CHECK(plans.serves(last_call()));
  CHECK_FALSE(sqlite_inspector{other_file}.serves(last_call()));
  other.exec("select 1");
  CHECK_FALSE(plans.serves(last_call()));
  CHECK(sqlite_inspector{other_file}.serves(last_call()));
  // By another path to the same file.
  std::filesystem::create_symlink(file, elsewhere.path() / "link");
  db.exec("select 1");
  CHECK(sqlite_inspector{(elsewhere.path() / "link").string()}.serves(last_call()));
  // A new file in the place of the old one.
  std::filesystem::remove(other_file);
  sqlite::connection newer{telemetry, other_file};
  other.exec("select 1");
  CHECK_FALSE(sqlite_inspector{other_file}.serves(last_call()));
  // Timed by hand, there is only the name.
  CHECK(plans.serves(slow_call("sqlite", "select 1")));
}

TEST_CASE("a call that still runs is of a file while the name has no other", "[sqlite_inspector]") {
  recorder telemetry{{.service_name = "test"}};
  const backend library{telemetry,
                        {.system = "sqlite", .dialect = dialect::sqlite, .slow_threshold = 1ns}};
  query_watch watch{telemetry, {.interval = std::chrono::hours{1}}};
  const auto file_of_running = [&] {
    const operation call{library.statement_for("select 1")};
    watch.look();
    return telemetry.collect().call_reports.front()->database_file;
  };
  CHECK(file_of_running() == 0);
  library.add_file(7);
  library.add_file(7);
  CHECK(file_of_running() == 7);
  library.add_file(8);
  CHECK(file_of_running() == UINT64_MAX);
}

TEST_CASE_METHOD(sqlite_database, "the plan of a connection is the one that it runs",
                 "[sqlite_inspector]") {
  sqlite_inspector own{db};
  auto prepared = db.prepare("select owner from documents order by 1 limit 3");
  prepared.run();
  const call_report call = *telemetry.collect().call_reports.front();
  REQUIRE(own.serves(call));
  CHECK(to_string(own.explain(call, std::chrono::steady_clock::now() + 10s).plan) ==
        "QUERY PLAN\n  SCAN on documents\n  USE TEMP B-TREE FOR ORDER BY\n");
  // In use, so that its file is asked.
  prepared.step();
  const query_plan asked = own.explain(call, std::chrono::steady_clock::now() + 10s).plan;
  CHECK(asked.note == "generic plan: made without the values of the call, for the first 3 rows\n");
  prepared.reset();
  // What the application may ask its connection for stays as it was.
  db.exec("update documents set body = 'y' where id <= 3");
  db.exec("select 1");
  static_cast<void>(own.explain(call, std::chrono::steady_clock::now() + 10s));
  static_cast<void>(own.explain(slow_call("sqlite", "delete from words where document = 1"),
                                std::chrono::steady_clock::now() + 10s));
  CHECK(db.changes() == 3);
  CHECK(db.last_insert_rowid() == 20'000);
}

TEST_CASE_METHOD(sqlite_database, "a plan by newer statistics than the connection's says so",
                 "[sqlite_inspector]") {
  constexpr auto sql = "select body from documents where id = 7";
  CHECK_THAT(explain(sql).plan.note, !Catch::Contains("ANALYZE"));
  db.exec("analyze");
  CHECK_THAT(explain(sql).plan.note,
             Catch::Contains("\nasked on a new connection: one that was opened before the last "
                             "ANALYZE may use another plan\n"));
}

TEST_CASE("a database in memory has the plans of its connection", "[sqlite_inspector]") {
  recorder telemetry{{.service_name = "test"}};
  const sqlite::connection_options options{.shared_between_threads = true, .slow_threshold = 1ns};
  sqlite::connection db{telemetry, ":memory:", options};
  sqlite::connection other{telemetry, ":memory:", options};
  db.exec("create table t(a, b); create index i on t(a)");
  sqlite_inspector plans{db};
  auto search = db.prepare("select b from t where a = ?");
  search.run(1);
  const call_report call = *telemetry.collect().call_reports.front();
  REQUIRE(plans.serves(call));
  CHECK_FALSE(sqlite_inspector{other}.serves(call));
  CHECK(to_string(plans.explain(call, std::chrono::steady_clock::now() + 10s).plan) ==
        "QUERY PLAN\n  SEARCH on t using i where a = ?\n");
  auto all = db.prepare("select name from sqlite_schema");
  all.step();
  CHECK_THROWS_WITH(plans.explain(call, std::chrono::steady_clock::now() + 10s),
                    "the connection of a database in memory is in use");
}

TEST_CASE("a connection of one thread at a time is left alone", "[sqlite_inspector]") {
  recorder telemetry{{.service_name = "test"}};
  sqlite::connection db{telemetry, ":memory:"};
  CHECK_THROWS_WITH(sqlite_inspector{db},
                    "querytap: option 'shared_between_threads' = 'false': an inspector of the "
                    "connection uses it from another thread");
}

TEST_CASE_METHOD(sqlite_database, "a statement without a search or a scan has no plan",
                 "[sqlite_inspector]") {
  db.exec("create table owners(name text primary key, city text)");
  for (const char* sql :
       {"insert into words values (1, 'x')", "insert into words default values",
        "delete from words", "replace into owners values ('a', 'b')",
        "insert into owners values ('a', 'b') on conflict (name) do update set city = 'c'"}) {
    CAPTURE(sql);
    CHECK_THROWS_WITH(explain(sql), "SQLite plans no search and no scan for it");
  }
  CHECK(explain("insert into words select id, body from documents").plan.root.inputs.size() == 1);
}

TEST_CASE_METHOD(sqlite_database, "no index is advised for a virtual table", "[sqlite_inspector]") {
  db.exec(
      "create virtual table pages using fts5(title, body);"
      "insert into pages select owner, body from documents");
  CHECK(findings("select title from pages where title = 'owner 5'", 4).empty());
  CHECK(findings("select title from pages where pages match 'owner'", 4).empty());
  CHECK(explain("select title from pages p where p.title = 'x'").plan.root.inputs.at(0).table ==
        "p");
}

TEST_CASE_METHOD(sqlite_database,
                 "steps of full scans are those of whole indexes too, and 0 says nothing",
                 "[sqlite_inspector]") {
  db.exec(
      "create index by_owner on documents(owner);"
      "create virtual table pages using fts5(body); insert into pages values ('a'), ('b')");
  const auto steps = [&](std::string_view sql) {
    db.exec(sql);
    return telemetry.collect().call_reports.front()->full_scan_steps;
  };
  CHECK(steps("select body from documents") == 19'999);
  CHECK(steps("select owner from documents") == 19'999);
  CHECK(steps("select count(*) from documents") == 0);
  CHECK(steps("select body from documents where id > 0") == 0);
  CHECK(steps("select owner from documents where owner > ''") == 0);
  CHECK(steps("select body from pages") == 0);
}
