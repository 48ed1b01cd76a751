// A call that was slow, failed or still runs gets a report of its own: which, from which line, how
// long and why.

#include <calls/reports/report_hub.hpp>
#include <querytap/base/error.hpp>
#include <querytap/calls/backend.hpp>
#include <querytap/calls/operation.hpp>
#include <querytap/calls/request.hpp>
#include <querytap/recording/trace_scope.hpp>
#include <querytap/testing/capture.hpp>

#include <catch2/catch.hpp>

#include <stdexcept>
#include <string>
#include <thread>

using namespace querytap;
using namespace std::chrono_literals;

namespace {

struct database {
  explicit database(backend_options options = {.system = "postgresql",
                                               .database = "chatbot",
                                               .server_address = "db.example",
                                               .server_port = 5433})
      : postgres{telemetry.recorder(), options} {}

  void call(std::string_view sql, std::chrono::nanoseconds duration,
            code_location site = code_location::current()) {
    operation call{postgres.statement_for(sql), site};
    telemetry.time().advance(duration);
  }
  auto call_reports() { return telemetry.recorder().collect().call_reports; }
  call_report only_report() {
    const auto reports = call_reports();
    REQUIRE(reports.size() == 1);
    return *reports.front();
  }

  capture telemetry;
  backend postgres;
};

constexpr auto find_user = "select name from users where id = 17";

}  // namespace

TEST_CASE("the report of a slow call names its statement, server, times and line",
          "[call_report]") {
  database db;
  const auto begin = db.telemetry.time().wall();
  const auto line = static_cast<std::uint32_t>(__LINE__) + 1;
  db.call(find_user, 150ms);
  const call_report reported = db.only_report();
  CHECK(reported.number == 1);
  CHECK(reported.reason == report_reason::slow);
  CHECK(reported.system == "postgresql");
  CHECK(reported.database == "chatbot");
  CHECK(reported.server_address == "db.example");
  CHECK(reported.server_port == 5433);
  CHECK(reported.statement->text == "select name from users where id = ?");
  CHECK(reported.start == begin);
  CHECK(reported.duration == 150ms);
  CHECK(reported.threshold == 100ms);
  CHECK(reported.phases[phase::execute] == 150ms);
  CHECK(reported.phases.total() == reported.duration);
  CHECK(!reported.rows.has_value());
  CHECK(reported.error_type.empty());
  CHECK_THAT(reported.site.file, Catch::EndsWith("call_report_test.cpp"));
  CHECK(reported.site.line == line);
  CHECK(reported.thread != 0);
  CHECK(reported.request.empty());
  CHECK(!reported.trace.has_value());
}

TEST_CASE("no report has an absolute path of the machine that built the program", "[call_report]") {
  const bool has_root = GENERATE(false, true);
  const std::string file = has_root ? "store/find.cpp" : "src/store/find.cpp";
  capture telemetry{{.source_root = has_root ? "/home/ada/chatbot/src" : ""}};
  recorder& recorder = telemetry.recorder();
  const backend postgres{recorder, {.system = "postgresql"}};
  const code_location site{"/home/ada/chatbot/src/store/find.cpp", 7, "find"};
  {
    request chat{recorder, "POST /chat"};
    for (int i = 0; i < 10; ++i) {
      operation call{postgres.statement_for(find_user), site};
      telemetry.time().advance(150ms);
    }
    operation running{postgres.statement_for(find_user), site};
    telemetry.time().advance(31s);
    recorder.part<detail::report_hub>().report_running();
    REQUIRE(recorder.collect().active.size() == 1);
    CHECK(recorder.collect().active[0].site.file == file);
  }
  const snapshot collected = recorder.collect();
  CHECK(collected.call_reports.size() >= 11);
  for (const auto& report : collected.call_reports) CHECK(report->site.file == file);
  REQUIRE(collected.requests.size() == 1);
  CHECK(collected.requests[0]->statements.at(0).site.file == file);
  CHECK(collected.findings.size() >= 2);  // N+1, and a call that does not end
  for (const auto& finding : collected.findings) CHECK(finding->site.file == file);
}

TEST_CASE("a call within the threshold is not reported", "[call_report]") {
  database db;
  db.call(find_user, 100ms);
  CHECK(db.call_reports().empty());
}

TEST_CASE("a failed call is reported with its error, however short it was", "[call_report]") {
  database db;
  {
    operation call{db.postgres.statement_for(find_user)};
    db.telemetry.time().advance(1ms);
    call.retried();
    call.retried();
    call.fail(outcome::error("23505", "23505"));
  }
  const call_report reported = db.only_report();
  CHECK(reported.reason == report_reason::error);
  CHECK(reported.error_type == "23505");
  CHECK(reported.status_code == "23505");
  CHECK(reported.retries == 2);
  CHECK(reported.threshold == 0ms);
}

TEST_CASE("calls that timed out or were cancelled are reported as such, not as errors",
          "[call_report]") {
  database db;
  for (const failure_kind kind : {failure_kind::timeout, failure_kind::cancelled}) {
    operation call{db.postgres.statement_for(find_user)};
    call.fail(outcome::error("57014", "57014", kind));
  }
  const auto reported = db.call_reports();
  REQUIRE(reported.size() == 2);
  CHECK(reported[0]->reason == report_reason::cancelled);
  CHECK(reported[1]->reason == report_reason::timeout);
  CHECK_THAT(db.telemetry.text("db.client.operation.duration"),
             Catch::Contains("error.type=57014") && Catch::Contains(" count=2 "));
}

TEST_CASE("phases add up to the duration, in any order and number", "[call_report]") {
  database db;
  {
    operation call{db.postgres.statement_for(find_user)};
    db.telemetry.time().advance(10ms);
    call.enter(phase::first_byte);
    db.telemetry.time().advance(20ms);
    call.spent(phase::lock_wait, 5ms);
    call.enter(phase::fetch);
    db.telemetry.time().advance(90ms);
    call.rows(3);
  }
  const call_report reported = db.only_report();
  CHECK(reported.phases[phase::execute] == 10ms);
  CHECK(reported.phases[phase::first_byte] == 15ms);
  CHECK(reported.phases[phase::lock_wait] == 5ms);
  CHECK(reported.phases[phase::fetch] == 90ms);
  CHECK(reported.rows == 3);
  CHECK_THAT(db.telemetry.text("querytap.operation.phase.duration"),
             Catch::Contains("querytap.phase=fetch count=1 sum=0.09") &&
                 Catch::Contains("querytap.phase=lock_wait count=1 sum=0.005"));
}

TEST_CASE("the report of a slow call names its request and the request's trace", "[call_report]") {
  database db;
  const auto caller =
      trace_context::parse("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
  {
    request chat{db.telemetry.recorder(), "POST /chat", caller};
    db.call(find_user, 150ms);
  }
  const snapshot snapshot = db.telemetry.recorder().collect();
  REQUIRE(snapshot.call_reports.size() == 1);
  REQUIRE(snapshot.requests.size() == 1);
  CHECK(snapshot.call_reports[0]->request == "POST /chat");
  CHECK(snapshot.call_reports[0]->trace == snapshot.requests[0]->self);
  CHECK(snapshot.requests[0]->self.trace_id == caller->trace_id);
  CHECK(snapshot.requests[0]->self.span_id != caller->span_id);
  CHECK(snapshot.requests[0]->caller == caller);
}

TEST_CASE("outside of a request the trace in scope is reported", "[call_report]") {
  database db;
  const auto caller =
      trace_context::parse("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
  {
    const trace_scope scope{*caller};
    db.call(find_user, 150ms);
  }
  CHECK(db.only_report().trace == caller);
}

TEST_CASE("an automatic threshold follows the statement's own p99", "[call_report]") {
  database db{{.system = "postgresql", .slow_threshold = 0ns, .slow_multiple = 4}};
  db.call(find_user, 10s);
  CHECK(db.call_reports().empty());
  for (int i = 0; i < 1000; ++i) db.call(find_user, 10ms);
  static_cast<void>(db.call_reports());
  db.call(find_user, 39ms);
  CHECK(db.call_reports().empty());
  db.call(find_user, 45ms);
  CHECK(db.only_report().duration == 45ms);
  CHECK(db.only_report().threshold > 39ms);
  CHECK(db.only_report().threshold < 45ms);
}

TEST_CASE("with both thresholds the lower one counts", "[call_report]") {
  database db{{.system = "postgresql", .slow_threshold = 20ms, .slow_multiple = 4}};
  for (int i = 0; i < 200; ++i) db.call(find_user, 10ms);
  static_cast<void>(db.call_reports());
  db.call(find_user, 21ms);
  CHECK(db.only_report().threshold == 20ms);
}

TEST_CASE("a call that still runs past its threshold is reported once, and again when it ends",
          "[call_report]") {
  database db;
  auto& hub = db.telemetry.recorder().part<detail::report_hub>();
  {
    operation call{db.postgres.statement_for(find_user)};
    db.telemetry.time().advance(99ms);
    hub.report_running();
    CHECK(db.call_reports().empty());
    db.telemetry.time().advance(51ms);
    hub.report_running();
    hub.report_running();
    const call_report running = db.only_report();
    CHECK(running.reason == report_reason::running);
    CHECK(running.duration == 150ms);
    CHECK(running.threshold == 100ms);
    CHECK_THAT(running.site.file, Catch::EndsWith("call_report_test.cpp"));
    db.telemetry.time().advance(1s);
  }
  hub.report_running();
  const auto reported = db.call_reports();
  REQUIRE(reported.size() == 2);
  CHECK(reported[0]->reason == report_reason::slow);
  CHECK(reported[0]->duration == 1150ms);
  CHECK(reported[0]->start == reported[1]->start);
}

TEST_CASE("a running call is reported with the server of its backend, exported or not",
          "[call_report]") {
  database db{{.system = "postgresql", .database = "chatbot", .server_port = 5433}};
  const backend elsewhere{db.telemetry.recorder(), {.system = "postgresql", .server_port = 5434}};
  operation call{db.postgres.statement_for(find_user)};
  db.telemetry.time().advance(101ms);
  db.telemetry.recorder().part<detail::report_hub>().report_running();
  const call_report running = db.only_report();
  CHECK(running.system == "postgresql");
  CHECK(running.database == "chatbot");
  CHECK(running.server_address.empty());
  CHECK(running.server_port == 5433);
  CHECK(running.statement->text == "select name from users where id = ?");
}

TEST_CASE("each running call has the threshold of its own backend", "[call_report]") {
  database db{{.system = "postgresql", .slow_threshold = 100ms}};
  const backend strict{db.telemetry.recorder(), {.system = "postgresql", .slow_threshold = 10ms}};
  auto& hub = db.telemetry.recorder().part<detail::report_hub>();
  operation lenient_call{db.postgres.statement_for(find_user)};
  operation strict_call{strict.statement_for(find_user)};
  db.telemetry.time().advance(11ms);
  hub.report_running();
  CHECK(db.only_report().threshold == 10ms);
  db.telemetry.time().advance(90ms);
  hub.report_running();
  const auto reports = db.call_reports();
  REQUIRE(reports.size() == 2);
  CHECK(reports[0]->threshold == 100ms);
}

TEST_CASE("neither a request nor a call without a statement of its own is reported as running",
          "[call_report]") {
  capture telemetry{{.series_limit = 1}};
  const backend postgres{telemetry.recorder(), {.system = "postgresql"}};
  operation{postgres.statement_for("select a from t")}.finish();
  request chat{telemetry.recorder(), "POST /chat"};
  operation past_the_limit{postgres.statement_for("select b from u")};
  telemetry.time().advance(1s);
  telemetry.recorder().part<detail::report_hub>().report_running();
  CHECK(telemetry.recorder().collect().call_reports.empty());
}

TEST_CASE("a call that does not end is a finding", "[call_report]") {
  database db;
  auto& hub = db.telemetry.recorder().part<detail::report_hub>();
  operation call{db.postgres.statement_for(find_user)};
  db.telemetry.time().advance(29s);
  hub.report_running();
  CHECK(db.telemetry.recorder().collect().findings.empty());
  db.telemetry.time().advance(1s);
  hub.report_running();
  hub.report_running();
  const auto found = db.telemetry.recorder().collect().findings;
  REQUIRE(found.size() == 1);
  CHECK(found[0]->kind == finding_kind::hung);
  CHECK(found[0]->cost == 30s);
  CHECK(found[0]->seen == 1);
  CHECK(db.telemetry.text("querytap.finding.count") == "querytap.finding.kind=hung value=1");
}

TEST_CASE("the most recent calls are stored, and the slowest of each statement", "[call_report]") {
  database db;
  db.call("select slowest from t", 9s);
  for (int i = 0; i < 300; ++i) {
    db.call(find_user, 101ms);
    if (i % 100 == 0) static_cast<void>(db.call_reports());
  }
  const auto reported = db.call_reports();
  CHECK(reported.size() == 201);
  CHECK(reported.front()->number == 301);
  CHECK(reported.back()->duration == 9s);
}

TEST_CASE("without a collection the newest reports are dropped and counted", "[call_report]") {
  database db;
  for (int i = 0; i < 300; ++i) db.call(find_user, 101ms);
  const auto reported = db.call_reports();
  CHECK(reported.front()->number == 256);
  CHECK_THAT(db.telemetry.text("querytap.dropped"),
             Catch::Contains("querytap.reason=slow_query value=44"));
}

TEST_CASE("past the series limit a call is still reported with its own statement",
          "[call_report]") {
  capture telemetry{{.series_limit = 1}};
  const backend postgres{telemetry.recorder(), {.system = "postgresql"}};
  for (const auto* sql : {"select a from t", "select b from u"}) {
    operation call{postgres.statement_for(sql)};
    telemetry.time().advance(1s);
  }
  const auto reported = telemetry.recorder().collect().call_reports;
  REQUIRE(reported.size() == 2);
  CHECK(reported[0]->statement->text == "select b from u");
  CHECK(reported[1]->statement->text == "select a from t");
}

TEST_CASE("threads report calls at once, and none is published twice or lost uncounted",
          "[call_report]") {
  database db;
  std::atomic<bool> ended{false};
  std::uint64_t reported = 0;
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&] {
      for (int i = 0; i < 5'000; ++i) {
        operation call{db.postgres.statement_for(find_user)};
        call.fail(outcome::error("40001", "40001"));
      }
    });
  }
  auto& hub = db.telemetry.recorder().part<detail::report_hub>();
  const auto feed = hub.subscribe();
  std::thread collector{[&] {
    do {
      hub.drain();
      reported += hub.take(*feed).call_reports.size();
    } while (!ended);
    hub.drain();
    reported += hub.take(*feed).call_reports.size();
  }};
  for (std::thread& thread : threads) thread.join();
  ended = true;
  collector.join();
  std::uint64_t dropped = 0;
  for (const point& p : db.telemetry.recorder().collect().find("querytap.dropped")) {
    const auto* reason = p.series->labels.find("querytap.reason");
    if (to_string(*reason) == "slow_query") dropped = static_cast<std::uint64_t>(p.number);
  }
  CHECK(reported + dropped == 4 * 5'000);
  CHECK(reported >= 256);
}

TEST_CASE("thresholds that make no sense are refused by name", "[call_report]") {
  capture telemetry;
  CHECK_THROWS_WITH(backend(telemetry.recorder(), {.system = "sqlite", .slow_multiple = -1}),
                    "querytap: option 'slow_multiple' = '-1': expected 0, or 1 to 1,000,000");
  CHECK_THROWS_AS(backend(telemetry.recorder(), {.system = "sqlite", .slow_threshold = -1ns}),
                  configuration_error);
  CHECK_NOTHROW(backend(telemetry.recorder(),
                        {.system = "sqlite", .slow_threshold = 0ns, .slow_multiple = 3}));
}
