// A request knows where its time went, call by call, in fixed memory, and what it did over and
// over.

#include <querytap/calls/backend.hpp>
#include <querytap/calls/detail/ledger.hpp>
#include <querytap/calls/detail/parameter_digest.hpp>
#include <querytap/calls/operation.hpp>
#include <querytap/calls/request.hpp>
#include <querytap/policies/pool.hpp>
#include <querytap/testing/capture.hpp>
#include <support/fork.hpp>

#include <catch2/catch.hpp>

#include <memory>
#include <optional>
#include <string>
#include <thread>

using namespace querytap;
using querytap::testing::exit_code_of_child;
using namespace std::chrono_literals;

namespace {

struct service {
  explicit service(recorder_options options = {}) : telemetry{std::move(options)} {}

  void call(const backend& backend, std::string_view sql, std::chrono::nanoseconds duration,
            code_location site = code_location::current()) {
    operation call{backend.statement_for(sql), site};
    telemetry.time().advance(duration);
  }
  void work(std::chrono::nanoseconds duration) { telemetry.time().advance(duration); }

  capture telemetry;
  backend sqlite{telemetry.recorder(), {.system = "sqlite", .dialect = dialect::sqlite}};
  backend postgres{telemetry.recorder(), {.system = "postgresql"}};
};

void check_sum(const request_report& report) {
  std::chrono::nanoseconds sum = report.application;
  for (const backend_share& share : report.backends) sum += share.phases.total();
  CHECK(sum == report.duration);
  CHECK(report.application >= 0ns);
}

std::uint64_t hash_of(int value) {
  parameter_digest digest;
  digest.add(value);
  return digest.hash();
}

}  // namespace

TEST_CASE("the time of a request is that of its backends and its own", "[ledger]") {
  service chat;
  {
    request request{chat.telemetry.recorder(), "POST /chat"};
    chat.work(5ms);
    chat.call(chat.sqlite, "select a from t", 10ms);
    chat.work(7ms);
    chat.call(chat.postgres, "select b from u", 20ms);
    chat.call(chat.postgres, "select b from u", 30ms);
    chat.work(1ms);
  }
  const request_report reported = chat.telemetry.last_request();
  CHECK(reported.name == "POST /chat");
  CHECK(reported.duration == 73ms);
  CHECK(reported.application == 13ms);
  check_sum(reported);
  REQUIRE(reported.backends.size() == 2);
  CHECK(reported.backends[0].system == "sqlite");
  CHECK(reported.backends[0].phases[phase::execute] == 10ms);
  CHECK(reported.backends[1].system == "postgresql");
  CHECK(reported.backends[1].calls == 2);
  CHECK(reported.backends[1].phases[phase::execute] == 50ms);
  REQUIRE(reported.statements.size() == 3);
  CHECK(reported.statements[1].statement->text == "select b from u");
  CHECK(reported.statements[1].time == 20ms);
  CHECK(reported.statements[2].time == 30ms);
  REQUIRE(reported.calls.size() == 3);
  CHECK(reported.calls[0].begin == 5ms);
  CHECK(reported.calls[1].begin == 22ms);
  CHECK(reported.calls[2].begin == 42ms);
  CHECK(reported.calls[2].duration == 30ms);
  CHECK(reported.calls[2].statement == 2);
}

TEST_CASE("each call of a request says how it failed and what it returned", "[ledger]") {
  service chat;
  const backend replica{chat.telemetry.recorder(),
                        {.system = "postgresql",
                         .database = "chatbot",
                         .server_address = "db.example",
                         .server_port = 5433}};
  {
    const request request{chat.telemetry.recorder(), "POST /chat"};
    operation{replica.statement_for("select a from t")}.rows(3);
    operation{replica.statement_for("select a from t")}.fail(outcome::error("broken_connection"));
    operation{chat.postgres.statement_for("insert into t values (1)")}.fail(
        outcome::error("23505", "23505"));
    operation{chat.postgres.statement_for("select a from t")}.rows(0);
    const querytap::request inner{chat.telemetry.recorder(), "inner"};
    operation{replica.statement_for("select b from t")}.fail(outcome::error("57014", "57014"));
  }
  const request_report report = chat.telemetry.last_request();
  REQUIRE(report.name == "POST /chat");
  std::string calls;
  for (const request_call& call : report.calls) {
    const statement_share& share = report.statements[call.statement];
    calls += share.database + '@' + share.server_address + ':' + std::to_string(share.server_port) +
             ' ' + call.error_type + '/' + call.status_code + ' ' +
             (call.rows ? std::to_string(*call.rows) : "-") + '\n';
  }
  CHECK(calls ==
        "chatbot@db.example:5433 / 3\n"
        "chatbot@db.example:5433 broken_connection/ -\n"
        "@:0 23505/23505 -\n"
        "@:0 / 0\n"
        "chatbot@db.example:5433 57014/57014 -\n");
}

TEST_CASE("a call within a call is not counted twice", "[ledger]") {
  service chat;
  {
    request request{chat.telemetry.recorder(), "POST /chat"};
    operation outer{chat.sqlite.statement_for("select a from t")};
    chat.work(10ms);
    chat.call(chat.postgres, "select b from u", 20ms);
    chat.call(chat.postgres, "select c from u", 5ms);
    chat.work(1ms);
    outer.finish();
  }
  const request_report reported = chat.telemetry.last_request();
  CHECK(reported.duration == 36ms);
  CHECK(reported.application == 0ms);
  check_sum(reported);
  REQUIRE(reported.backends.size() == 2);
  CHECK(reported.backends[0].phases.total() == 25ms);
  CHECK(reported.backends[1].phases.total() == 11ms);
  // The outer call itself took all of the time.
  CHECK(reported.statements[2].time == 36ms);
}

TEST_CASE("calls that overlap never make more than the whole", "[ledger]") {
  service chat;
  {
    request request{chat.telemetry.recorder(), "POST /chat"};
    operation first{chat.sqlite.statement_for("select a from t")};
    chat.work(5ms);
    operation second{chat.postgres.statement_for("select b from u")};
    chat.work(5ms);
    first.finish();
    chat.work(5ms);
    second.finish();
  }
  const request_report reported = chat.telemetry.last_request();
  check_sum(reported);
  CHECK(reported.duration == 15ms);
}

TEST_CASE("of a call that began before the request, what lies in it counts", "[ledger]") {
  service chat;
  operation early{chat.sqlite.statement_for("select a from t")};
  chat.work(30ms);
  {
    request request{chat.telemetry.recorder(), "POST /chat"};
    chat.work(10ms);
    early.finish();
  }
  const request_report reported = chat.telemetry.last_request();
  check_sum(reported);
  CHECK(reported.backends.at(0).phases.total() == 10ms);
}

TEST_CASE("phases, rows, errors and retries are reported by backend", "[ledger]") {
  service chat;
  {
    request request{chat.telemetry.recorder(), "POST /chat"};
    operation call{chat.postgres.statement_for("select a from t")};
    chat.work(10ms);
    call.enter(phase::fetch);
    chat.work(20ms);
    call.rows(7);
    call.retried();
    call.fail(outcome::error("40001", "40001"));
    call.finish();
  }
  const request_report reported = chat.telemetry.last_request();
  const backend_share& share = reported.backends.at(0);
  CHECK(share.phases[phase::execute] == 10ms);
  CHECK(share.phases[phase::fetch] == 20ms);
  CHECK(share.rows == 7);
  CHECK(share.retries == 1);
  CHECK(share.errors == 1);
  CHECK(reported.statements.at(0).errors == 1);
  CHECK(reported.calls.at(0).failed);
  check_sum(reported);
}

TEST_CASE("making an object of a pool belongs to the backend that is called next", "[ledger]") {
  service chat;
  pool<int> numbers{chat.telemetry.recorder(), {.name = "numbers", .maximum = 1}, [&] {
                      chat.work(4ms);
                      return std::make_unique<int>(7);
                    }};
  {
    request request{chat.telemetry.recorder(), "POST /chat"};
    const auto lease = numbers.acquire();
    chat.call(chat.postgres, "select a from t", 10ms);
  }
  const request_report reported = chat.telemetry.last_request();
  CHECK(reported.backends.at(0).system == "postgresql");
  CHECK(reported.backends.at(0).phases[phase::connect] == 4ms);
  check_sum(reported);
}

TEST_CASE("a request that waits for a pool in vain reports where its time went", "[ledger]") {
  service chat;
  pool<int> numbers{chat.telemetry.recorder(),
                    {.name = "numbers", .maximum = 1, .acquisition_timeout = 0ms},
                    [] { return std::make_unique<int>(7); }};
  const auto lease = numbers.acquire();
  {
    request request{chat.telemetry.recorder(), "POST /chat"};
    CHECK_THROWS_AS(numbers.acquire(), pool_timeout);
    request.fail(outcome::error("pool_timeout"));
  }
  const request_report reported = chat.telemetry.last_request();
  CHECK(reported.error_type == "pool_timeout");
  CHECK(reported.backends.at(0).system == "pool numbers");
  check_sum(reported);
}

TEST_CASE("one statement over and over from one line is a finding with the way out of it",
          "[ledger]") {
  service chat;
  std::uint32_t line = 0;
  {
    request request{chat.telemetry.recorder(), "GET /orders"};
    chat.call(chat.postgres, "select id from orders", 2ms);
    for (int i = 0; i < 6; ++i) {
      line = static_cast<std::uint32_t>(__LINE__) + 1;
      chat.call(chat.postgres, "select name from users where id = " + std::to_string(i), 3ms);
    }
  }
  const auto found = chat.telemetry.recorder().collect().findings;
  REQUIRE(found.size() == 1);
  CHECK(found[0]->kind == finding_kind::n_plus_one);
  CHECK(found[0]->statement->text == "select name from users where id = ?");
  CHECK(found[0]->table == "users");
  CHECK(found[0]->calls == 6);
  CHECK(found[0]->cost == 18ms);
  CHECK(found[0]->request == "GET /orders");
  CHECK_THAT(found[0]->site.file, Catch::EndsWith("ledger_test.cpp"));
  CHECK(found[0]->site.line == line);
  CHECK_THAT(found[0]->message, Catch::StartsWith("6 times in one GET /orders: select name"));
  CHECK_THAT(found[0]->advice, Catch::Contains("= ANY($1)"));
  CHECK(chat.telemetry.text("querytap.finding.count") ==
        "querytap.finding.kind=n_plus_one value=1");
}

TEST_CASE("fewer calls, or the same statement from other lines, are not a finding", "[ledger]") {
  service chat;
  {
    request request{chat.telemetry.recorder(), "GET /orders"};
    for (int i = 0; i < 4; ++i) chat.call(chat.postgres, "select 1 from t where id = 1", 1ms);
    for (int i = 0; i < 4; ++i) chat.call(chat.postgres, "select 1 from t where id = 1", 1ms);
  }
  CHECK(chat.telemetry.recorder().collect().findings.empty());
}

TEST_CASE("how many calls make an N+1 is an option", "[ledger]") {
  service chat{{.n_plus_one_from = 3}};
  {
    request request{chat.telemetry.recorder(), "GET /orders"};
    for (int i = 0; i < 3; ++i) chat.call(chat.sqlite, "select a from t where id = 1", 1ms);
  }
  const auto found = chat.telemetry.recorder().collect().findings;
  REQUIRE(found.size() == 1);
  CHECK_THAT(found[0]->advice, Catch::Contains("IN (…)"));
}

TEST_CASE("transactions that are repeated are not a finding", "[ledger]") {
  service chat;
  {
    request request{chat.telemetry.recorder(), "GET /orders"};
    for (int i = 0; i < 10; ++i) chat.call(chat.postgres, "BEGIN", 1ms);
  }
  CHECK(chat.telemetry.recorder().collect().findings.empty());
}

TEST_CASE("a statement repeated with the same parameters is a duplicate", "[ledger]") {
  service chat;
  {
    request request{chat.telemetry.recorder(), "GET /orders"};
    for (const int id : {1, 2, 1, 3, 1}) {
      operation call{chat.postgres.statement_for("select name from users where id = $1")};
      call.parameters(hash_of(id));
      chat.work(10ms);
    }
  }
  const auto found = chat.telemetry.recorder().collect().findings;
  const auto duplicate = std::ranges::find(found, finding_kind::duplicate, &finding::kind);
  REQUIRE(duplicate != found.end());
  CHECK((*duplicate)->calls == 2);
  CHECK((*duplicate)->cost == 20ms);
}

TEST_CASE("what an earlier request sent does not count against a later one", "[ledger]") {
  service chat;
  for (int round = 0; round < 3; ++round) {
    request request{chat.telemetry.recorder(), "GET /orders"};
    operation call{chat.postgres.statement_for("select name from users where id = $1")};
    call.parameters(hash_of(1));
  }
  CHECK(chat.telemetry.recorder().collect().findings.empty());
}

TEST_CASE("ten thousand calls are all counted, in the memory of a hundred", "[ledger]") {
  service chat;
  {
    request request{chat.telemetry.recorder(), "GET /orders"};
    for (int i = 0; i < 5'000; ++i) {
      chat.call(chat.sqlite, "select c" + std::to_string(i % 100) + " from t", 1us);
    }
    for (int i = 0; i < 5'000; ++i) chat.call(chat.sqlite, "select name from users", 1us);
  }
  const request_report reported = chat.telemetry.last_request();
  CHECK(reported.backends.at(0).calls == 10'000);
  CHECK(reported.backends.at(0).phases.total() == 10ms);
  CHECK(reported.calls.size() == detail::ledger::most_calls);
  CHECK(reported.calls_left_out == 10'000 - reported.calls.size());
  std::uint64_t calls = reported.other_statements;
  std::uint64_t most = 0;
  for (const statement_share& share : reported.statements) {
    calls += share.calls;
    most = std::max(most, share.calls);
  }
  CHECK(calls == 10'000);
  CHECK(most == 5'000);
  check_sum(reported);
}

TEST_CASE("a request that moves to another thread continues there", "[ledger]") {
  service chat;
  std::optional<request> moving{std::in_place, chat.telemetry.recorder(), "POST /chat"};
  chat.call(chat.sqlite, "select a from t", 1ms);
  moving->detach();
  chat.call(chat.sqlite, "select not_its_own from t", 100ms);
  std::thread{[&, moved = std::move(*moving)]() mutable {
    moved.attach();
    chat.call(chat.sqlite, "select b from t", 2ms);
    moved.finish();
    chat.call(chat.sqlite, "select too_late from t", 3ms);
  }}.join();
  const request_report reported = chat.telemetry.last_request();
  CHECK(reported.backends.at(0).calls == 2);
  CHECK(reported.backends.at(0).phases.total() == 3ms);
  CHECK(reported.duration == 103ms);
  CHECK(chat.telemetry.recorder().collect().requests.size() == 1);
}

TEST_CASE("two requests that take turns on one thread have calls of their own", "[ledger]") {
  service chat;
  std::optional<request> first{std::in_place, chat.telemetry.recorder(), "first"};
  first->detach();
  std::optional<request> second{std::in_place, chat.telemetry.recorder(), "second"};
  second->detach();
  for (int turn = 0; turn < 3; ++turn) {
    first->attach();
    chat.call(chat.sqlite, "select a from t", 1ms);
    first->detach();
    second->attach();
    chat.call(chat.postgres, "select b from t", 2ms);
    second->detach();
  }
  first.reset();
  const request_report first_report = chat.telemetry.last_request();
  second.reset();
  const request_report second_report = chat.telemetry.last_request();
  CHECK(first_report.name == "first");
  CHECK(first_report.backends.at(0).system == "sqlite");
  CHECK(first_report.backends.at(0).calls == 3);
  CHECK(second_report.backends.at(0).system == "postgresql");
  CHECK(second_report.backends.at(0).phases.total() == 6ms);
}

TEST_CASE("requests that end in another order than they began leave nothing behind", "[ledger]") {
  service chat;
  std::optional<request> outer{std::in_place, chat.telemetry.recorder(), "outer"};
  std::optional<request> inner{std::in_place, chat.telemetry.recorder(), "inner"};
  outer.reset();
  chat.call(chat.sqlite, "select a from t", 1ms);
  inner.reset();
  CHECK(detail::current_ledger == nullptr);
  CHECK(chat.telemetry.last_request().name == "inner");
  CHECK(chat.telemetry.last_request().backends.at(0).calls == 1);
}

TEST_CASE("what an inner request did is reported for the outer one too", "[ledger]") {
  service chat;
  {
    request outer{chat.telemetry.recorder(), "outer"};
    for (int i = 0; i < 5; ++i) {
      request inner{chat.telemetry.recorder(), "inner"};
      chat.call(chat.sqlite, "select a from t", 1ms);
    }
    chat.work(2ms);
  }
  const request_report reported = chat.telemetry.last_request();
  CHECK(reported.name == "outer");
  CHECK(reported.statements.at(0).calls == 5);
  CHECK(reported.calls.size() == 5);
  CHECK(reported.calls.at(4).begin == 4ms);
  check_sum(reported);
  CHECK(chat.telemetry.recorder().collect().findings.at(0)->request == "outer");
}

TEST_CASE("only slow and failed requests are reported", "[ledger]") {
  manual_clock time;
  recorder telemetry{{.service_name = "test", .slow_request = 1s, .time = &time}};
  const auto run = [&](std::chrono::nanoseconds duration, const outcome& how) {
    request request{telemetry, "POST /chat"};
    time.advance(duration);
    request.fail(how);
  };
  run(999ms, outcome::ok());
  CHECK(telemetry.collect().requests.empty());
  run(1s, outcome::ok());
  CHECK(telemetry.collect().requests.size() == 1);
  run(1ms, outcome::error("500"));
  CHECK(telemetry.collect().requests.at(0)->error_type == "500");
}

TEST_CASE("a statement stays as long as a request that called it may be reported", "[ledger]") {
  service chat{{.retire_idle_after = 0s}};
  {
    request request{chat.telemetry.recorder(), "POST /chat"};
    {
      operation call{chat.sqlite.statement_for("select rare from t")};
      chat.work(1ms);
    }
    // This thread's cache releases stale statements when it looks for another one.
    for (int look = 0; look < 4; ++look) {
      static_cast<void>(chat.telemetry.recorder().collect());
      static_cast<void>(chat.postgres.statement_for("select other from t"));
      chat.work(1s);
    }
  }
  CHECK(chat.telemetry.last_request().statements.at(0).statement->text == "select rare from t");
}

TEST_CASE("calls of another recorder are no part of a request, also of one that is nested in it",
          "[ledger]") {
  service chat{{.retire_idle_after = 0s, .slow_request = 1ns}};
  auto other =
      std::make_unique<service>(recorder_options{.retire_idle_after = 0s, .slow_request = 1ns});
  {
    request outer{chat.telemetry.recorder(), "POST /chat"};
    request inner{other->telemetry.recorder(), "refresh"};
    other->call(other->sqlite, "select theirs from t", 3ms);
    chat.call(chat.sqlite, "select ours from t", 5ms);
    for (int look = 0; look < 4; ++look) {
      static_cast<void>(other->telemetry.recorder().collect());
      static_cast<void>(other->postgres.statement_for("select more from t"));
    }
    inner.finish();
    CHECK(other->telemetry.last_request().statements.size() == 1);
    CHECK(other->telemetry.last_request().statements[0].statement->text == "select theirs from t");
    other.reset();
  }
  const request_report reported = chat.telemetry.last_request();
  REQUIRE(reported.statements.size() == 1);
  CHECK(reported.statements[0].statement->text == "select ours from t");
  CHECK(reported.statements[0].time == 5ms);
  REQUIRE(reported.backends.size() == 1);
  CHECK(reported.backends[0].system == "sqlite");
}

TEST_CASE("a request of another thread that ends in a fork's child has no ledger there",
          "[ledger]") {
  service chat{{.retire_idle_after = 0s, .slow_request = 1ns}};
  std::optional<request> moved;
  std::thread{[&] {
    moved.emplace(chat.telemetry.recorder(), "POST /chat");
    chat.call(chat.sqlite, "select a from t", 5ms);
    moved->detach();
  }}.join();
  CHECK(exit_code_of_child([&] {
          moved->attach();
          chat.call(chat.sqlite, "select b from t", 5ms);
          for (int look = 0; look < 4; ++look) {
            static_cast<void>(chat.telemetry.recorder().collect());
            static_cast<void>(chat.postgres.statement_for("select other from t"));
          }
          moved.reset();
          const snapshot end = chat.telemetry.recorder().collect();
          return end.requests.empty() && end.find("querytap.request.duration").size() == 1;
        }) == 0);
  moved.reset();
  CHECK(chat.telemetry.last_request().statements.size() == 1);
}
