// Every value of SQLite's goes in and comes out as it is: by position, by name, as tuples and by rows.

#include <querytap/calls/request.hpp>
#include <querytap/decorators/sqlite.hpp>
#include <querytap/recording/recorder.hpp>
#include <querytap/testing/capture.hpp>
#include <support/text.hpp>

#include <catch2/catch.hpp>

#include <array>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <string>
#include <variant>
#include <vector>

namespace {

using namespace querytap;
using namespace std::string_literals;
using namespace std::string_view_literals;
using namespace std::chrono_literals;
using querytap::testing::lines_up_to;
using querytap::testing::without;

struct values_fixture {
  capture telemetry;
  sqlite::connection db{telemetry.recorder(), ":memory:"};

  std::string calls() {
    std::string text = telemetry.text("db.client.operation.duration");
    text = without(text, "db.system.name=sqlite ");
    text = without(text, "db.namespace=:memory: ");
    return lines_up_to(" sum=", without(text, "db.query.summary="));
  }
  std::string rows() {
    std::string text = telemetry.text("db.client.response.returned_rows");
    text = without(text, "db.system.name=sqlite ");
    text = without(text, "db.namespace=:memory: ");
    return without(text, "db.query.summary=");
  }
};

enum class role : std::uint8_t { system, user, assistant };

constexpr auto numbers = "with n(id) as (values (1), (2), (3)) select id, 'page ' || id from n";

}  // namespace

TEST_CASE_METHOD(values_fixture, "every type of value can be bound and read", "[sqlite]") {
  const std::vector<unsigned char> octets{0, 1, 255};
  const std::variant<std::nullptr_t, std::int64_t, std::string> either = std::string{"either"};
  auto echo = db.prepare("select ?, ?, ?, ?, ?, ?, ?, ?");
  echo.bind(role::assistant, std::span<const unsigned char>{octets}, u"\u00e4\u20ac"sv,
            sqlite::zeroblob{5}, sqlite::uncopied{"kept"}, either, std::monostate{}, 0.5F);
  REQUIRE(echo.step());
  CHECK(echo.column<role>(0) == role::assistant);
  CHECK(echo.column<std::vector<unsigned char>>(1) == octets);
  CHECK(echo.column<std::span<const unsigned char>>(1).size() == 3);
  CHECK(echo.column<std::u16string>(2) == u"\u00e4\u20ac");
  CHECK(echo.column<std::string>(2) == "\xc3\xa4\xe2\x82\xac");
  CHECK(echo.column<std::vector<std::byte>>(3) == std::vector<std::byte>(5));
  CHECK(echo.column<std::string_view>(4) == "kept");
  CHECK(echo.column<const char*>(5) == "either"sv);
  CHECK(echo.column<const char*>(6) == nullptr);
  CHECK(echo.column<float>(7) == 0.5F);
  CHECK(echo.column_type(0) == SQLITE_INTEGER);
  CHECK(echo.column_type(3) == SQLITE_BLOB);
  CHECK(echo.column_type(6) == SQLITE_NULL);
  CHECK(echo.column<sqlite::any_value>(0) == sqlite::any_value{std::int64_t{2}});
  CHECK(echo.column<sqlite::any_value>(1) ==
        sqlite::any_value{std::vector{std::byte{0}, std::byte{1}, std::byte{255}}});
  CHECK(echo.column<sqlite::any_value>(4) == sqlite::any_value{std::string{"kept"}});
  CHECK(echo.column<sqlite::any_value>(6) == sqlite::any_value{nullptr});
  CHECK(echo.column<sqlite::any_value>(7) == sqlite::any_value{0.5});
}

TEST_CASE_METHOD(values_fixture, "a value of another statement is bound with its own type",
                 "[sqlite]") {
  auto source = db.prepare("select 7, 'text', 1.5, x'00ff', null");
  REQUIRE(source.step());
  auto target = db.prepare("select typeof(?), typeof(?), typeof(?), typeof(?), typeof(?)");
  for (int i = 0; i < 5; ++i) target.bind_at(i + 1, source.column<sqlite3_value*>(i));
  CHECK(target.first_row<std::string, std::string, std::string, std::string, std::string>() ==
        std::tuple{"integer"s, "text"s, "real"s, "blob"s, "null"s});
}

TEST_CASE_METHOD(values_fixture, "values are bound by name, and stay bound", "[sqlite]") {
  auto echo = db.prepare("select :a, @b, $c, ?9, :a");
  CHECK(echo.parameter_count() == 9);
  CHECK(echo.parameter_name(1) == ":a");
  CHECK(echo.parameter_name(9) == "?9");
  CHECK(echo.parameter_name(5) == "");
  CHECK(echo.parameter_index("$c") == 3);
  CHECK(echo.parameter_index("c") == 0);
  echo.bind_at(":a", 1).bind_at("@b", "two").bind_at(std::string{"$c"}, 3.5).bind_at(9, nullptr);
  const auto row = [&] {
    return echo.first_row<int, std::string, double, std::optional<int>, int>();
  };
  CHECK(row() == std::tuple{1, "two"s, 3.5, std::optional<int>{}, 1});
  echo.bind_at("@b", "changed");
  CHECK(row() == std::tuple{1, "changed"s, 3.5, std::optional<int>{}, 1});
  echo.clear_bindings();
  CHECK(row() == std::tuple{0, ""s, 0.0, std::optional<int>{}, 0});
  CHECK_THROWS_WITH(echo.bind_at(":missing", 1),
                    "querytap: the statement has no parameter :missing");
  CHECK_THROWS_AS(echo.bind_at("a", 1), std::invalid_argument);
  CHECK_THROWS_WITH(echo.bind_at(0, 1), Catch::Contains("(25)"));
  CHECK_THROWS_WITH(echo.bind_at(10, 1), Catch::Contains("(25)"));
}

TEST_CASE_METHOD(values_fixture, "a value can be bound in the middle of the rows, which ends them",
                 "[sqlite]") {
  auto search = db.prepare("with n(id) as (values (1), (2), (3)) select id from n where id > :id");
  search.bind_at(":id", 0);
  CHECK(search.step());
  search.bind_at(":id", 1);
  CHECK(search.step());
  CHECK(search.column<int>(0) == 2);
  CHECK(search.run_as_bound() == 2);
  CHECK(rows() == "select n count=3 sum=4 (0,1]=2 (1,2]=1");
}

TEST_CASE_METHOD(values_fixture, "a pointer reaches the function that it is for, and nothing else",
                 "[sqlite]") {
  static int destroyed = 0;
  destroyed = 0;
  int target = 41;
  sqlite3_create_function(
      db, "peek", 1, SQLITE_UTF8, nullptr,
      [](sqlite3_context* context, int, sqlite3_value** arguments) {
        const auto* const number =
            static_cast<const int*>(sqlite3_value_pointer(arguments[0], "number"));
        sqlite3_result_int(context, number == nullptr ? -1 : *number);
      },
      nullptr, nullptr);
  {
    auto peek = db.prepare("select peek(?1), typeof(?1)");
    peek.bind(sqlite::pointer{&target, "number", [](void*) { ++destroyed; }});
    CHECK(peek.first_row<int, std::string>() == std::tuple{41, "null"s});
    peek.bind(sqlite::pointer{&target, "another type"});
    CHECK(destroyed == 1);
    CHECK(peek.first_row<int, std::string>() == std::tuple{-1, "null"s});
  }
  CHECK(destroyed == 1);
}

TEST_CASE_METHOD(values_fixture, "rows come as tuples, and by name", "[sqlite]") {
  auto search = db.prepare(numbers);
  std::string text;
  for (const auto [id, body] : search.rows<int, std::string_view>()) {
    text += std::to_string(id) + '=' + std::string{body} + ' ';
  }
  CHECK(text == "1=page 1 2=page 2 3=page 3 ");
  text.clear();
  for (const sqlite::row row : search.rows()) {
    REQUIRE(row.size() == 2);
    CHECK(row.name(0) == "id");
    CHECK_FALSE(row.is_null(0));
    text += row.get<std::string>("id") + ',' + std::get<1>(row.as<int, std::string>()) + ' ';
    CHECK_THROWS_AS(row.get<int>("body"), std::out_of_range);
    CHECK_THROWS_AS(row.get<int>(2), std::out_of_range);
  }
  CHECK(text == "1,page 1 2,page 2 3,page 3 ");
  CHECK(calls() == "select n count=2");
  CHECK(rows() == "select n count=2 sum=6 (2,3]=2");
}

TEST_CASE_METHOD(values_fixture, "leaving a loop over rows ends the execution with the rows it had",
                 "[sqlite]") {
  auto search = db.prepare(numbers);
  SECTION("by break") {
    for (const auto [id] : search.rows<int>()) {
      if (id == 2) break;
    }
  }
  SECTION("by an exception, which is not the database's") {
    const auto leave = [&] {
      for (const auto [id] : search.rows<int>()) {
        if (id == 2) throw std::runtime_error{"application"};
      }
    };
    CHECK_THROWS_WITH(leave(), "application");
  }
  CHECK(calls() == "select n count=1");
  CHECK(rows() == "select n count=1 sum=2 (1,2]=1");
  CHECK(sqlite3_stmt_busy(search) == 0);
}

TEST_CASE_METHOD(values_fixture, "an error among the rows leaves the loop, and is counted once",
                 "[sqlite]") {
  auto search = db.prepare(
      "with n(id) as (values (1), (2)) "
      "select case id when 2 then abs(-9223372036854775807 - 1) else id end from n");
  int seen = 0;
  const auto walk = [&] {
    for (const auto [id] : search.rows<std::int64_t>()) seen += static_cast<int>(id);
  };
  CHECK_THROWS_WITH(walk(), "sqlite: integer overflow (1)");
  CHECK(seen == 1);
  CHECK(calls() == "select n db.response.status_code=1 error.type=1 count=1");
}

TEST_CASE_METHOD(values_fixture, "the first row comes alone", "[sqlite]") {
  auto search = db.prepare(numbers);
  CHECK(search.first_row<int, std::string>() == std::tuple{1, "page 1"s});
  CHECK(sqlite3_stmt_busy(search) == 0);
  CHECK(db.prepare("select 1 where 0").first_row<int>() == std::nullopt);
}

TEST_CASE_METHOD(values_fixture, "columns tell their names, types and origins", "[sqlite]") {
  db.exec("create table documents(id integer primary key, body varchar(80))");
  auto search = db.prepare("select id, body as text, 1 + 1 from documents");
  CHECK(search.column_count() == 3);
  CHECK(search.column_name(1) == "text");
  CHECK(search.column_index("text") == 1);
  CHECK(search.column_declared_type(1) == "varchar(80)");
  CHECK(search.column_declared_type(2) == "");
  if (sqlite3_compileoption_used("ENABLE_COLUMN_METADATA") != 0) {
    CHECK(search.column_database_name(1) == "main");
    CHECK(search.column_table_name(1) == "documents");
    CHECK(search.column_origin_name(1) == "body");
  }
  CHECK(search.column_origin_name(2) == "");
  CHECK_THROWS_WITH(search.column_name(3), "querytap: no column 3 among 3");
  CHECK_THROWS_WITH(search.column_index("body"), "querytap: no column 'body' among 3");
  CHECK_THROWS_AS(search.column_declared_type(-1), std::out_of_range);
  CHECK(search.is_read_only());
  CHECK(search.sql() == "select id, body as text, 1 + 1 from documents");
}

TEST_CASE_METHOD(values_fixture, "statements without rows return none, and RETURNING does",
                 "[sqlite]") {
  db.exec("create table t(id integer primary key, a)");
  auto insert = db.prepare("insert into t(a) values (?)");
  CHECK(insert.column_count() == 0);
  CHECK(insert.run("x") == 0);
  CHECK(db.last_insert_rowid() == 1);
  CHECK(db.changes() == 1);
  auto returning = db.prepare("insert into t(a) values (?), (?) returning id, a");
  std::string text;
  returning.bind("y", "z");
  for (const auto [id, a] : returning.rows<int, std::string>()) text += std::to_string(id) + a;
  CHECK(text == "2y3z");
  CHECK(db.changes() == 2);
  CHECK(db.total_changes() == 3);
  CHECK(rows() == "insert t count=1 sum=2 (1,2]=1");
}

TEST_CASE_METHOD(values_fixture, "hostile values arrive as SQLite takes them", "[sqlite]") {
  auto echo = db.prepare("select ?, typeof(?1)");
  echo.bind(std::numeric_limits<double>::quiet_NaN());
  CHECK(echo.first_row<std::optional<double>, std::string>() ==
        std::tuple{std::optional<double>{}, "null"s});
  echo.bind(-std::numeric_limits<double>::infinity());
  REQUIRE(echo.step());
  CHECK(std::isinf(echo.column<double>(0)));
  const std::string with_nul{"a\0b", 3};
  echo.bind(sqlite::uncopied{with_nul});
  CHECK(echo.first_row<std::string, std::string>() == std::tuple{with_nul, "text"s});
  echo.bind(std::u16string_view{});
  CHECK(echo.first_row<std::string, std::string>() == std::tuple{""s, "text"s});
  echo.bind(std::span<const std::byte>{});
  CHECK(echo.first_row<std::vector<std::byte>, std::string>() ==
        std::tuple{std::vector<std::byte>{}, "blob"s});
  CHECK_THROWS_AS(echo.bind(std::numeric_limits<std::uint64_t>::max()), std::out_of_range);
}

TEST_CASE_METHOD(values_fixture, "a value past SQLite's limits is SQLite's error", "[sqlite]") {
  sqlite3_limit(db, SQLITE_LIMIT_LENGTH, 1000);
  auto echo = db.prepare("select ?");
  CHECK_THROWS_WITH(echo.bind(std::string(1001, 'x')), "sqlite: string or blob too big (18)");
  CHECK_THROWS_WITH(echo.bind(sqlite::zeroblob{1001}), "sqlite: string or blob too big (18)");
  CHECK_THROWS_WITH(echo.bind(sqlite::zeroblob{std::uint64_t{1} << 40}),
                    "sqlite: string or blob too big (18)");
  CHECK_THROWS_WITH(echo.bind(std::vector<unsigned char>(1001)),
                    "sqlite: string or blob too big (18)");
  CHECK(echo.run(std::string(1000, 'x')) == 1);
  CHECK_THROWS_WITH(db.prepare("select '" + std::string(2000, 'x') + "'"),
                    Catch::Contains("too big (18)"));
}

TEST_CASE_METHOD(values_fixture, "a statement that was moved from, or never made, is refused",
                 "[sqlite]") {
  sqlite::statement none;
  CHECK(none == nullptr);
  CHECK_THROWS_WITH(none.step(), "sqlite: there is no statement to execute");
  CHECK_THROWS_AS(none.run(), sqlite::error);
  CHECK(none.column_count() == 0);
  CHECK(none.sql() == "");
  CHECK(none.counters().vm_steps == 0);
  auto search = db.prepare(numbers);
  REQUIRE(search.step());
  none = std::move(search);
  CHECK(none.step());
  CHECK_THROWS_AS(search.step(), sqlite::error);
  none = sqlite::statement{};
  CHECK(calls() == "select n count=1");
}

TEST_CASE("a request finds the same values bound by position, by name and one by one", "[sqlite]") {
  recorder telemetry{{.service_name = "test", .slow_request = 0ns}};
  sqlite::connection db{telemetry, ":memory:"};
  auto search = db.prepare("select :id, :name");
  const auto duplicates_of = [&](auto calls) {
    {
      const request scope{telemetry, "GET /"};
      calls();
    }
    return telemetry.collect().requests.front()->statements.front().duplicates;
  };
  const auto run = [&] { search.run_as_bound(); };  // from one line
  CHECK(duplicates_of([&] {
          search.bind_at(":id", 1).bind_at(":name", "Ada");
          run();
          search.bind_at(":id", 2);
          run();
        }) == 0);
  CHECK(duplicates_of([&] {
          search.bind_at(":id", 5).bind_at(":name", "Ada");
          run();
          search.bind_at(":id", 6);
          run();
          search.bind_at(1, 5);
          run();
        }) == 1);
}

TEST_CASE("a value that was bound outside of the request is not taken for another", "[sqlite]") {
  recorder telemetry{{.service_name = "test", .slow_request = 0ns}};
  sqlite::connection db{telemetry, ":memory:"};
  auto search = db.prepare("select :id, :name");
  search.bind_at(":name", "Ada");
  {
    const request scope{telemetry, "GET /"};
    for (int i = 0; i < 2; ++i) {
      search.bind_at(":id", 7);
      search.run_as_bound();
    }
  }
  CHECK(telemetry.collect().requests.front()->statements.front().duplicates == 0);
}

TEST_CASE("the report of a call describes the values that were bound one by one", "[sqlite]") {
  recorder telemetry{{.service_name = "test"}};
  sqlite::connection db{
      telemetry, ":memory:", {.slow_threshold = 1ns, .describe_parameters = true}};
  auto echo = db.prepare("select :a, :b, :c");
  echo.bind_at(":a", "canary").bind_at(":b", sqlite::zeroblob{9}).bind_at(":c", u"canary"sv);
  echo.run_as_bound();
  CHECK(telemetry.collect().call_reports.front()->parameters == "text(6), unknown, blob(12)");
}
