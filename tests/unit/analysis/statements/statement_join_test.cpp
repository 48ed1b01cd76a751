// A statement is shown as the application and as the server counted it over the same time, and why the two differ.

#include <analysis/statements/statement_join.hpp>

#include <querytap/calls/backend.hpp>
#include <querytap/calls/operation.hpp>
#include <querytap/testing/capture.hpp>

#include <catch2/catch.hpp>

#include <string>

namespace {

using namespace querytap;
using namespace querytap::detail;
using namespace std::chrono_literals;

std::shared_ptr<const statement_identity> statement_number(std::uint64_t fingerprint) {
  auto identity = std::make_shared<statement_identity>();
  identity->fingerprint = fingerprint;
  return identity;
}

server_statement counted(std::uint64_t fingerprint, std::uint64_t calls,
                         std::chrono::nanoseconds time, std::uint64_t rows = 0) {
  return {.statement = statement_number(fingerprint),
          .database = "chat",
          .calls = calls,
          .time = time,
          .rows = rows};
}

/// One series, which is retired when its number falls.
const std::shared_ptr<const series_identity> the_series =
    std::make_shared<const series_identity>(series_identity{nullptr, {}});

client_statement called_so(std::uint64_t calls, std::chrono::nanoseconds time,
                           std::uint64_t failures = 0, std::string summary = {}) {
  return {.summary = std::move(summary), .by_series = {{the_series, {calls, failures, time}}}};
}

client_statements called(std::uint64_t fingerprint, std::uint64_t calls,
                         std::chrono::nanoseconds time, std::uint64_t failures = 0) {
  return {{{"chat", fingerprint}, called_so(calls, time, failures)}};
}

std::vector<joined_statement> look_at(statement_join& join,
                                      const std::vector<server_statement>& statements,
                                      const client_statements& before,
                                      const client_statements& after, bool are_all = true) {
  return join.look({statements, are_all, before, after}, 100);
}

std::vector<joined_statement> look_at(statement_join& join,
                                      const std::vector<server_statement>& statements,
                                      const client_statements& mine) {
  return look_at(join, statements, mine, mine);
}

std::string text_of(const std::vector<joined_statement>& rows) {
  std::string text;
  for (const joined_statement& row : rows) {
    if (!text.empty()) text += "; ";
    text += std::to_string(row.client_calls) + " of " + std::to_string(row.server.calls);
    if (!row.remark.empty()) text += ": " + row.remark;
  }
  return text;
}

}  // namespace

TEST_CASE("what was counted before the first look is left out on both sides", "[statement_join]") {
  statement_join join;
  const client_statements before = called(1, 100, 1s);
  CHECK(look_at(join, {counted(1, 5000, 20s, 7)}, before).empty());
  const client_statements after = called(1, 130, 1300ms);
  const auto rows = look_at(join, {counted(1, 5030, 20s + 60ms, 37)}, after);
  REQUIRE(text_of(rows) == "30 of 30");
  CHECK(rows[0].client_time == 300ms);
  CHECK(rows[0].server.time == 60ms);
  CHECK(rows[0].server.rows == 30);
  CHECK(rows[0].outside_server() == 8ms);
}

TEST_CASE("a statement that the server sees for the first time counts from nothing",
          "[statement_join]") {
  statement_join join;
  static_cast<void>(look_at(join, {}, {}));
  const client_statements mine = called(2, 10, 10ms);
  CHECK(text_of(look_at(join, {counted(2, 10, 5ms)}, mine)) == "10 of 10");
}

TEST_CASE("more calls at the server are those of other clients", "[statement_join]") {
  statement_join join;
  static_cast<void>(look_at(join, {}, {}));
  const client_statements mine = called(1, 10, 10ms);
  CHECK(text_of(look_at(join, {counted(1, 25, 20ms)}, mine)) ==
        "10 of 25: other clients made 15 or more of the server's calls");
}

TEST_CASE("calls between the two counts are nobody's fault", "[statement_join]") {
  statement_join join;
  static_cast<void>(look_at(join, {}, {}));
  CHECK(text_of(look_at(join, {counted(1, 12, 9ms)}, called(1, 10, 9ms), called(1, 15, 12ms))) ==
        "15 of 12");
}

TEST_CASE("calls that failed may be missing at the server, and those that run may be there",
          "[statement_join]") {
  statement_join join;
  static_cast<void>(look_at(join, {}, {}));
  const client_statements failed = called(1, 10, 9ms, 4);
  CHECK(text_of(look_at(join, {counted(1, 6, 9ms)}, failed)) == "10 of 6");
  client_statements running = called(1, 10, 9ms);
  running.begin()->second.running = 2;
  CHECK(text_of(look_at(join, {counted(1, 12, 9ms)}, running)) == "10 of 12");
}

TEST_CASE("numbers that fell were reset, and count anew", "[statement_join]") {
  statement_join join;
  const client_statements first = called(1, 100, 1s);
  static_cast<void>(look_at(join, {counted(1, 500, 5s)}, first));
  const client_statements later = called(1, 110, 1100ms);
  static_cast<void>(look_at(join, {counted(1, 510, 5100ms)}, later));
  const client_statements last = called(1, 120, 1200ms);
  CHECK(text_of(look_at(join, {counted(1, 3, 30ms)}, last)) ==
        "20 of 13: the server's numbers were reset since the first look: it was restarted, or they "
        "were cleared");
}

TEST_CASE("a server that says that its numbers were reset is believed, and so is one that says no",
          "[statement_join]") {
  const client_statements none;
  const auto look_after = [&](statement_join& join, const server_statement& seen,
                              const client_statements& mine, bool were_reset) {
    return text_of(join.look({{seen}, true, mine, mine, nullptr, were_reset}, 100));
  };
  statement_join reset;
  static_cast<void>(look_after(reset, counted(1, 10, 1s), none, false));
  CHECK(look_after(reset, counted(1, 30, 1s), called(1, 30, 1s), true) == "30 of 30");
  CHECK(look_after(reset, counted(1, 12, 1s), called(1, 45, 1s), true) ==
        "45 of 42: the server's numbers were reset since the first look: it was restarted, or they "
        "were cleared");
  statement_join dropped;
  static_cast<void>(look_after(dropped, counted(1, 10, 1s), none, false));
  CHECK_THAT(look_after(dropped, counted(1, 3, 1s), called(1, 5, 1s), false),
             !Catch::Contains("reset"));
}

TEST_CASE("a statement that the server dropped counts anew when it is back", "[statement_join]") {
  statement_join join;
  static_cast<void>(look_at(join, {}, {}));
  const client_statements first = called(1, 10, 10ms);
  static_cast<void>(look_at(join, {counted(1, 10, 5ms)}, first));
  const client_statements second = called(1, 20, 20ms);
  static_cast<void>(look_at(join, {}, second));
  const client_statements third = called(1, 30, 30ms);
  CHECK(
      text_of(look_at(join, {counted(1, 12, 6ms)}, third)) ==
      "30 of 22: the server counts fewer calls: it has dropped the statement for a while, or does "
      "not count all that it executes");
}

TEST_CASE("one statement in two databases is two, and without a database all calls count",
          "[statement_join]") {
  statement_join join;
  static_cast<void>(look_at(join, {}, {}));
  client_statements mine = called(1, 10, 10ms);
  mine[{"other", 1}] = called_so(5, 5ms);
  server_statement anywhere = counted(1, 15, 9ms);
  CHECK(text_of(look_at(join, {anywhere}, mine)) ==
        "10 of 15: other clients made 5 or more of the server's calls");
  statement_join without;
  static_cast<void>(look_at(without, {}, {}));
  anywhere.database.clear();
  CHECK(text_of(look_at(without, {anywhere}, mine)) == "15 of 15");
}

TEST_CASE("where the server counts an operation as a whole, all of its forms count",
          "[statement_join]") {
  statement_join join;
  static_cast<void>(look_at(join, {}, {}));
  auto set = std::make_shared<statement_identity>();
  set->fingerprint = 1;
  set->summary = "SET";
  const client_statements mine{{{"0", 1}, called_so(2, 2ms, 0, "SET")},
                               {{"0", 2}, called_so(3, 3ms, 0, "SET")},
                               {{"0", 3}, called_so(9, 9ms, 0, "GET")}};
  const server_statement counted_there{
      .statement = set, .is_whole_operation = true, .calls = 7, .time = 1ms};
  CHECK(text_of(look_at(join, {counted_there}, mine)) ==
        "5 of 7: other clients, pipelines, transactions or scripts made 2 or more of the server's "
        "calls");
}

TEST_CASE("the costliest come first, and no more than are asked for", "[statement_join]") {
  statement_join join;
  static_cast<void>(look_at(join, {}, {}));
  client_statements mine = called(1, 1, 1ms);
  mine.merge(called(2, 2, 3ms));
  mine.merge(called(3, 3, 2ms));
  const std::vector<server_statement> all{counted(1, 1, 1ms), counted(2, 2, 3ms),
                                          counted(3, 3, 2ms)};
  CHECK(text_of(join.look({all, true, mine, mine}, 2)) == "2 of 2; 3 of 3");
}

TEST_CASE("statements of others are one row without a text", "[statement_join]") {
  statement_join join;
  static_cast<void>(look_at(join, {}, {}));
  const auto rows = look_at(join, {counted(1, 5, 5ms), counted(2, 7, 1ms), counted(3, 8, 1ms)},
                            called(1, 5, 6ms));
  REQUIRE(text_of(rows) == "5 of 5; 0 of 15: statements that this application has not called");
  CHECK(rows[1].server.statement == nullptr);
  CHECK(rows[1].server.time == 2ms);
}

TEST_CASE("statements that are asked for the sake of looking are nobody else's",
          "[statement_join]") {
  const client_statements none;
  const auto is_own = [](const server_statement& asked) {
    return asked.statement->fingerprint >= 2;
  };
  statement_join join;
  static_cast<void>(join.look({{}, true, none, none, is_own}, 100));
  const std::vector<server_statement> statements{counted(1, 4, 5ms), counted(2, 7, 1ms),
                                                 counted(3, 9, 1ms)};
  const client_statements mine = called(3, 5, 6ms);
  CHECK(
      text_of(join.look({statements, true, mine, mine, is_own}, 100)) ==
      "5 of 9: querytap's own questions or other clients made 4 or more of the server's calls; "
      "0 of 4: statements that this application has not called; 0 of 7: querytap's own questions");
}

TEST_CASE("calls during the first look are nobody else's, and are named, then and later",
          "[statement_join]") {
  statement_join join;
  CHECK(look_at(join, {counted(1, 100, 1s)}, called(1, 100, 1s), called(1, 105, 1s)).empty());
  const client_statements later = called(1, 110, 1s);
  CHECK(text_of(look_at(join, {counted(1, 110, 1s)}, later)) ==
        "5 of 10: 5 of the server's calls were made while it was looked at for the first time, "
        "before those of the application were counted");
  const client_statements last = called(1, 120, 1s);
  CHECK(text_of(look_at(join, {counted(1, 118, 1s)}, later, last)) ==
        "15 of 18: 3 of the server's calls were made while it was looked at for the first time, "
        "before those of the application were counted");
  CHECK(text_of(look_at(join, {counted(1, 130, 1s)}, last)) ==
        "15 of 30: other clients made 10 or more of the server's calls");
}

TEST_CASE("our calls from before a retirement count", "[statement_join]") {
  statement_join join;
  static_cast<void>(look_at(join, {}, {}));
  static_cast<void>(look_at(join, {counted(1, 900, 1s)}, called(1, 900, 1s)));
  static_cast<void>(look_at(join, {counted(1, 900, 1s)}, {}));  // idle for an hour
  CHECK(text_of(look_at(join, {counted(1, 950, 1s)}, called(1, 50, 50ms))) == "950 of 950");
  // Retired and called again between two looks.
  CHECK(text_of(look_at(join, {counted(1, 953, 1s)}, called(1, 3, 3ms))) == "953 of 953");
}

TEST_CASE("a statement that comes among the costliest brings no calls of its past",
          "[statement_join]") {
  statement_join join;
  constexpr bool some = false;
  static_cast<void>(look_at(join, {counted(1, 10, 1s)}, {}, {}, some));
  const client_statements mine = called(2, 10, 1s);
  CHECK(
      text_of(look_at(join, {counted(1, 10, 1s), counted(2, 50'000, 9s)}, mine, mine, some)) ==
      "10 of 0: the server counts fewer calls: the statement was not among those that it tells of "
      "all the time");
  const client_statements more = called(2, 15, 1s);
  CHECK(look_at(join, {counted(1, 10, 1s), counted(2, 50'005, 9s)}, more, more, some)[0]
            .server.calls == 5);
}

TEST_CASE("one of several entries that is dropped is no reset", "[statement_join]") {
  statement_join join;
  static_cast<void>(
      look_at(join, {counted(1, 1010, 1s), counted(2, 50, 1s), counted(3, 60, 1s)}, {}));
  const client_statements mine = called(1, 5, 5ms);
  const auto rows =
      look_at(join, {counted(1, 1000, 1s), counted(2, 50, 1s), counted(3, 60, 1s)}, mine);
  CHECK(rows.at(0).server.calls == 0);
  CHECK_THAT(rows.at(0).remark, !Catch::Contains("reset"));
}

TEST_CASE("calls past the series limit may be ours, and are not blamed on others alone",
          "[statement_join]") {
  statement_join join;
  static_cast<void>(look_at(join, {}, {}));
  client_statements mine = called(1, 5, 5ms);
  mine[{"chat", 0}] = called_so(100, 1s);
  CHECK(text_of(look_at(join, {counted(1, 9, 9ms)}, mine)) ==
        "5 of 9: other clients, or calls past the series limit, made 4 or more of the server's "
        "calls");
}

TEST_CASE("the application's side is that of the calls with the server's labels",
          "[statement_join]") {
  capture telemetry;
  const backend here{
      telemetry.recorder(),
      {.system = "sqlite", .database = "chat", .server_address = "db", .dialect = dialect::sqlite}};
  const backend elsewhere{telemetry.recorder(),
                          {.system = "sqlite",
                           .database = "chat",
                           .server_address = "standby",
                           .dialect = dialect::sqlite}};
  const statement& select = here.statement_for("select 1");
  for (const backend* called_backend : {&here, &elsewhere, &here}) {
    operation call{called_backend->statement_for("select 1")};
    telemetry.time().advance(2ms);
  }
  const operation running{select};
  const auto mine =
      client_statements_of(telemetry.recorder().collect(), {{"server.address", "db"}});
  REQUIRE(mine.size() == 1);
  CHECK(mine.begin()->first.first == "chat");
  CHECK(mine.begin()->second.by_series.begin()->second.calls == 2);
  CHECK(mine.begin()->second.running == 1);
  CHECK(mine.begin()->second.by_series.begin()->second.time == 4ms);
}

TEST_CASE("a label that is wanted empty must not be there: a server on the default port",
          "[statement_join]") {
  capture telemetry;
  for (const std::uint16_t port : {std::uint16_t{0}, std::uint16_t{7000}}) {
    const backend server{telemetry.recorder(),
                         {.system = "redis",
                          .server_address = "db",
                          .server_port = port,
                          .dialect = dialect::redis}};
    for (int i = 0; i <= port / 7000; ++i) operation{server.statement_for("PING")}.finish();
  }
  const auto called_at = [&](const attributes& labels) {
    return client_statements_of(telemetry.recorder().collect(), labels)
        .begin()
        ->second.by_series.begin()
        ->second.calls;
  };
  CHECK(called_at({{"server.address", "db"}, {"server.port", ""}}) == 1);
  CHECK(called_at({{"server.address", "db"}, {"server.port", 7000}}) == 2);
}
