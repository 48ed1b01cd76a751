// A pool says who has its objects, for how long, and who waits; and it is a finding if that is too long.

#include <calls/reports/report_hub.hpp>
#include <querytap/base/error.hpp>
#include <querytap/calls/backend.hpp>
#include <querytap/calls/operation.hpp>
#include <querytap/calls/request.hpp>
#include <querytap/policies/pool.hpp>
#include <querytap/testing/capture.hpp>
#include <support/fork.hpp>

#include <catch2/catch.hpp>

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

using namespace querytap;
using querytap::testing::exit_code_of_child;
using namespace std::chrono_literals;

namespace {

struct connected {
  int pid = 4711;
  [[nodiscard]] int server_pid() const noexcept { return pid; }
};

struct document_pool {
  explicit document_pool(pool_options options = {.name = "documents", .maximum = 2})
      : connections{telemetry.recorder(), std::move(options),
                    [] { return std::make_unique<connected>(); }} {}

  pool_report state() { return telemetry.recorder().collect().pools.at(0); }
  std::vector<finding> findings(finding_kind kind) {
    std::vector<finding> reported_findings;
    for (const auto& known : telemetry.recorder().collect().findings) {
      if (known->kind == kind) reported_findings.push_back(*known);
    }
    return reported_findings;
  }
  void wait_until_waiting(std::size_t callers) {
    while (state().waiting != callers) std::this_thread::yield();
  }

  capture telemetry;
  pool<connected> connections;
};

}  // namespace

TEST_CASE("each lease is shown with its line, request, age and session on the server",
          "[pool_holders]") {
  document_pool db;
  CHECK(db.state().leases.empty());
  std::optional<pool<connected>::lease> outside{db.connections.acquire()};
  db.telemetry.time().advance(3s);
  const auto line = static_cast<std::uint32_t>(__LINE__) + 4;
  std::optional<pool<connected>::lease> inside;
  {
    const request chat{db.telemetry.recorder(), "POST /chat"};
    inside.emplace(db.connections.acquire());
  }
  db.telemetry.time().advance(2s);
  const pool_report state = db.state();
  CHECK(state.name == "documents");
  CHECK(state.maximum == 2);
  CHECK(state.used == 2);
  REQUIRE(state.leases.size() == 2);
  CHECK(state.leases[0].age == 5s);
  CHECK(state.leases[0].request.empty());
  CHECK(state.leases[1].age == 2s);
  CHECK(state.leases[1].request == "POST /chat");
  CHECK(state.leases[1].site.line == line);
  CHECK_THAT(state.leases[1].site.file, Catch::EndsWith("pool_holders_test.cpp"));
  CHECK(state.leases[1].server_pid == 4711);
  CHECK(state.leases[1].thread == detail::report_hub::thread_number());
  CHECK(state.leases[1].number == 2);
  outside.reset();
  CHECK(db.state().leases.size() == 1);
  inside->discard();
  CHECK(db.state().leases.empty());
}

TEST_CASE("a long name of a request is cut between two characters", "[pool_holders]") {
  document_pool db;
  std::string name = "ab";
  for (int i = 0; i < 40; ++i) name += "ü";
  const request chat{db.telemetry.recorder(), name};
  const auto lease = db.connections.acquire();
  CHECK(db.state().leases.at(0).request == name.substr(0, 62));
}

TEST_CASE("leases that last long are a finding each, once", "[pool_holders]") {
  document_pool db;
  const request chat{db.telemetry.recorder(), "POST /chat"};
  const auto first = db.connections.acquire();
  const auto second = db.connections.acquire();
  db.telemetry.time().advance(29s);
  CHECK(db.findings(finding_kind::connection_held).empty());
  db.telemetry.time().advance(16s);
  for (int look = 0; look < 3; ++look) {
    const auto reported_findings = db.findings(finding_kind::connection_held);
    REQUIRE(reported_findings.size() == 2);
    CHECK(reported_findings[0].pool == "documents");
    CHECK(reported_findings[0].request == "POST /chat");
    CHECK(reported_findings[0].cost == 45s);
    CHECK(reported_findings[0].seen == 1);
    CHECK_THAT(reported_findings[0].message,
               Catch::StartsWith("held for 45.0 s by ") &&
                   Catch::EndsWith(" in POST /chat: one of the 2 of pool documents"));
    CHECK_THAT(reported_findings[0].advice, Catch::Contains("as process 4711"));
  }
  CHECK(db.telemetry.text("querytap.finding.count") ==
        "querytap.finding.kind=connection_held value=2");
}

TEST_CASE("for how long a lease may last is an option, and 0 switches the finding off",
          "[pool_holders]") {
  document_pool quick{{.name = "documents", .held_after = 100ms}};
  const auto lease = quick.connections.acquire();
  quick.telemetry.time().advance(100ms);
  CHECK(quick.findings(finding_kind::connection_held).size() == 1);
  document_pool never{{.name = "documents", .held_after = 0ms}};
  const auto other = never.connections.acquire();
  never.telemetry.time().advance(24h);
  CHECK(never.findings(finding_kind::connection_held).empty());
  document_pool centuries{{.name = "documents", .held_after = std::chrono::milliseconds::max()}};
  const auto last = centuries.connections.acquire();
  centuries.telemetry.time().advance(24h);
  CHECK(centuries.findings(finding_kind::connection_held).empty());
  CHECK_THROWS_WITH(
      document_pool({.name = "a", .held_after = -1ms}),
      "querytap: option 'held_after' = '-1 ms': pool 'a': expected no less than 0 ms");
}

TEST_CASE("callers that wait for a second are a finding that names the oldest lease",
          "[pool_holders]") {
  document_pool db{{.name = "documents", .maximum = 1, .acquisition_timeout = 1h}};
  std::optional<pool<connected>::lease> lease;
  {
    const request report{db.telemetry.recorder(), "GET /report"};
    lease.emplace(db.connections.acquire());
  }
  std::thread waiting{[&] { const auto mine = db.connections.acquire(); }};
  db.wait_until_waiting(1);
  db.telemetry.time().advance(999ms);
  CHECK(db.state().longest_wait == 999ms);
  CHECK(db.findings(finding_kind::pool_exhausted).empty());
  db.telemetry.time().advance(1ms);
  for (int look = 0; look < 3; ++look) {
    const auto reported_findings = db.findings(finding_kind::pool_exhausted);
    REQUIRE(reported_findings.size() == 1);
    CHECK(reported_findings[0].seen == 1);
    CHECK(reported_findings[0].pool == "documents");
    CHECK(reported_findings[0].cost == 1s);
    CHECK(reported_findings[0].request == "GET /report");
    CHECK_THAT(reported_findings[0].message,
               Catch::StartsWith("1 caller waits for pool documents, the first for 1.00 s; "
                                 "1 of 1 are in use, longest for 1.00 s by ") &&
                   Catch::EndsWith(" in GET /report"));
  }
  lease.reset();
  waiting.join();
  CHECK(db.state().waiting == 0);
  CHECK(db.state().leases.empty());
}

TEST_CASE("callers that gave up are a finding", "[pool_holders]") {
  document_pool db{{.name = "documents", .maximum = 1, .acquisition_timeout = 0ms}};
  const auto lease = db.connections.acquire();
  CHECK_THROWS_AS(db.connections.acquire(), pool_timeout);
  CHECK_THROWS_AS(db.connections.acquire(), pool_timeout);
  CHECK(db.state().timeouts == 2);
  const auto reported_findings = db.findings(finding_kind::pool_exhausted);
  REQUIRE(reported_findings.size() == 1);
  CHECK_THAT(reported_findings[0].message,
             Catch::StartsWith("2 callers of pool documents gave up; 1 of 1 are in use"));
  CHECK_THROWS_AS(db.connections.acquire(), pool_timeout);
  CHECK(db.findings(finding_kind::pool_exhausted).at(0).seen == 2);
}

TEST_CASE("waiting for a pool is the pool's part of a request, with a call behind it or without",
          "[pool_holders]") {
  document_pool db{{.name = "documents", .maximum = 1, .acquisition_timeout = 1h}};
  const backend postgres{db.telemetry.recorder(), {.system = "postgresql"}};
  std::optional<pool<connected>::lease> lease{db.connections.acquire()};
  std::thread waiting{[&] {
    const request chat{db.telemetry.recorder(), "POST /chat"};
    db.telemetry.time().advance(5ms);
    const auto mine = db.connections.acquire();
    operation{postgres.statement_for("select 1 from t")}.finish();
  }};
  db.wait_until_waiting(1);
  db.telemetry.time().advance(30ms);
  lease.reset();
  waiting.join();
  const request_report reported = db.telemetry.last_request();
  REQUIRE(reported.backends.size() == 2);
  CHECK(reported.backends[0].system == "pool documents");
  CHECK(reported.backends[0].calls == 0);
  CHECK(reported.backends[0].phases[phase::pool_wait] == 30ms);
  CHECK(reported.backends[1].system == "postgresql");
  CHECK(reported.backends[1].phases.total() == 0ms);
  REQUIRE(reported.waits.size() == 1);
  CHECK(reported.waits[0].pool == "documents");
  CHECK(reported.waits[0].begin == 5ms);
  CHECK(reported.waits[0].duration == 30ms);
  CHECK_FALSE(reported.waits[0].failed);
  CHECK(reported.application == 5ms);
  CHECK_THAT(db.telemetry.text("querytap.request.backend.duration"),
             Catch::Contains("db.system.name=pool documents") && !Catch::Contains("_OTHER"));
}

TEST_CASE("a wait in vain, and a connection that could not be made, are the pool's",
          "[pool_holders]") {
  document_pool db{{.name = "documents", .maximum = 1, .acquisition_timeout = 0ms}};
  {
    const auto lease = db.connections.acquire();
    request chat{db.telemetry.recorder(), "POST /chat"};
    CHECK_THROWS_AS(db.connections.acquire(), pool_timeout);
  }
  request_report reported = db.telemetry.last_request();
  CHECK(reported.backends.at(0).system == "pool documents");
  REQUIRE(reported.waits.size() == 1);
  CHECK(reported.waits[0].failed);

  pool<connected> broken{
      db.telemetry.recorder(), {.name = "broken"}, [&]() -> std::unique_ptr<connected> {
        db.telemetry.time().advance(20ms);
        throw std::domain_error{"refused"};
      }};
  {
    request chat{db.telemetry.recorder(), "POST /chat"};
    CHECK_THROWS_AS(broken.acquire(), std::domain_error);
  }
  reported = db.telemetry.last_request();
  REQUIRE(reported.backends.size() == 1);
  CHECK(reported.backends[0].system == "pool broken");
  CHECK(reported.backends[0].phases[phase::connect] == 20ms);
}

TEST_CASE("what an inner request waited for is reported for the outer one, in bounded memory",
          "[pool_holders]") {
  document_pool db{{.name = "documents", .maximum = 1, .acquisition_timeout = 0ms}};
  const auto lease = db.connections.acquire();
  {
    const request outer{db.telemetry.recorder(), "outer"};
    for (int i = 0; i < 5; ++i) {
      const request inner{db.telemetry.recorder(), "inner"};
      for (int turn = 0; turn < 3; ++turn) CHECK_THROWS_AS(db.connections.acquire(), pool_timeout);
    }
  }
  const request_report reported = db.telemetry.last_request();
  CHECK(reported.name == "outer");
  CHECK(reported.waits.size() == detail::ledger::most_waits);
  CHECK(reported.waits_left_out == 15 - detail::ledger::most_waits);
}

TEST_CASE("a request of another recorder learns how long a pool was waited for", "[pool_holders]") {
  capture other;
  {
    const request chat{other.recorder(), "POST /chat"};
    document_pool db{{.name = "documents", .maximum = 1, .acquisition_timeout = 0ms}};
    const auto lease = db.connections.acquire();
    CHECK_THROWS_AS(db.connections.acquire(), pool_timeout);
  }
  CHECK(other.last_request().backends.at(0).system == "_OTHER");
  CHECK(other.last_request().waits.empty());
}

TEST_CASE("a pool that has ended is not shown, and its leases are nobody's", "[pool_holders]") {
  capture telemetry;
  {
    pool<int> numbers{
        telemetry.recorder(), {.name = "numbers"}, [] { return std::make_unique<int>(7); }};
    CHECK(telemetry.recorder().collect().pools.size() == 1);
  }
  CHECK(telemetry.recorder().collect().pools.empty());
}

TEST_CASE("a fork's child shows its own leases alone, and finds nothing of its parent's",
          "[pool_holders]") {
  document_pool db;
  const auto lease = db.connections.acquire();
  CHECK(exit_code_of_child([&] {
          if (!db.state().leases.empty()) return false;
          db.telemetry.time().advance(1h);
          if (!db.findings(finding_kind::connection_held).empty()) return false;
          const auto own = db.connections.acquire();
          return db.state().leases.size() == 1;
        }) == 0);
  CHECK(db.state().leases.size() == 1);
}

TEST_CASE("readers never see a mixture of two leases", "[pool_holders]") {
  document_pool db{{.name = "documents", .maximum = 2}};
  std::atomic<bool> done{false};
  std::vector<std::thread> borrowers;
  for (const char letter : {'a', 'b'}) {
    borrowers.emplace_back([&, name = std::string(60, letter)] {
      while (!done.load(std::memory_order_relaxed)) {
        const request request{db.telemetry.recorder(), name};
        const auto lease = db.connections.acquire();
      }
    });
  }
  int mixed = 0;
  std::size_t seen = 0;
  while (seen < 200) {
    for (const pool_lease& lease : db.state().leases) {
      ++seen;
      const bool is_whole =
          lease.request == std::string(60, 'a') || lease.request == std::string(60, 'b');
      mixed += is_whole ? 0 : 1;
    }
  }
  done = true;
  for (std::thread& borrower : borrowers) borrower.join();
  CHECK(mixed == 0);
}

TEST_CASE("a thread that has an object and waits for another one is a finding with both lines",
          "[pool_holders]") {
  document_pool db{{.name = "documents", .maximum = 1, .acquisition_timeout = 1ms}};
  const std::uint32_t line = __LINE__;
  const auto held = db.connections.acquire();
  CHECK_THROWS_AS(db.connections.acquire(), pool_timeout);
  const auto found = db.findings(finding_kind::nested_connection);
  REQUIRE(found.size() == 1);
  CHECK(found[0].pool == "documents");
  CHECK(found[0].site.line == line + 2);
  CHECK(
      found[0].message ==
      "waited for a second one of the 1 of pool documents once, before the one that the thread had "
      "acquired at tests/unit/policies/pool_holders_test.cpp:" +
          std::to_string(line + 1) + " came back");
  CHECK(db.findings(finding_kind::nested_connection).at(0).seen == 1);
}

TEST_CASE("waiting for what another thread has is no nesting", "[pool_holders]") {
  document_pool db{{.name = "documents", .maximum = 1, .acquisition_timeout = 1ms}};
  std::optional<pool<connected>::lease> held;
  std::thread{[&] { held.emplace(db.connections.acquire()); }}.join();
  CHECK_THROWS_AS(db.connections.acquire(), pool_timeout);
  CHECK(db.findings(finding_kind::nested_connection).empty());
}
