// A SQLite file is asked for the plan of a statement. The statement is not executed, and no lock is
// waited for.

#include <servers/sqlite/plan_rows.hpp>
#include <unit/runtime/slow_call.hpp>

#include <querytap/analysis/plans/plan_findings.hpp>
#include <querytap/decorators/sqlite.hpp>
#include <querytap/recording/recorder.hpp>
#include <querytap/runtime/watch/query_watch.hpp>
#include <querytap/servers/sqlite.hpp>
#include <support/child_process.hpp>

#include <catch2/catch.hpp>

#include <chrono>
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
  sqlite::connection db{telemetry, file, {.slow_threshold = 1ns}};
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
        "      USE TEMP B-TREE FOR ORDER BY\n");
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
  CHECK_NOTHROW(explain("delete from words"));
  CHECK_NOTHROW(explain("insert into words values (1, 'x')"));
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
  CHECK(to_string(*calls.back().plan) == "QUERY PLAN\n  SCAN on documents\n");
  REQUIRE(found.size() == 1);
  CHECK(found[0].kind == finding_kind::missing_index);
  CHECK(found[0].site.line == line);
  CHECK(telemetry.collect().call_reports.front()->plan != nullptr);
}
