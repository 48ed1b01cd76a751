// A transaction tells how long it took and where it let its connection idle, and names the lines of it.

#include <querytap/base/error.hpp>
#include <querytap/calls/backend.hpp>
#include <querytap/calls/operation.hpp>
#include <querytap/calls/request.hpp>
#include <querytap/calls/thresholds.hpp>
#include <querytap/calls/transaction.hpp>
#include <querytap/testing/capture.hpp>

#include <catch2/catch.hpp>

#include <optional>
#include <string>
#include <thread>
#include <vector>

using namespace querytap;
using namespace std::chrono_literals;

namespace {

struct order_desk {
  capture telemetry;
  backend orders{telemetry.recorder(), {.system = "postgresql", .dialect = dialect::postgresql}};
  backend cache{telemetry.recorder(), {.system = "redis", .dialect = dialect::redis}};
  transaction open;

  void advance(std::chrono::nanoseconds time) { telemetry.time().advance(time); }
  void query(std::chrono::nanoseconds time = 1ms, code_location site = code_location::current()) {
    operation call{orders.statement_for("select total from orders where id = 1"), site};
    call.of(open);
    advance(time);
  }
  void ask_cache(std::chrono::nanoseconds time, code_location site = code_location::current()) {
    const operation call{cache.statement_for("GET basket:7"), site};
    advance(time);
  }
  void commit(code_location site = code_location::current()) {
    {
      operation call{orders.statement_for("COMMIT"), phase::commit, site};
      call.of(open);
      advance(1ms);
    }
    open.end(transaction_end::committed, site);
  }
  std::string durations() { return telemetry.text("querytap.transaction.duration"); }
  std::string idle() { return telemetry.text("querytap.transaction.idle"); }
  std::vector<finding> findings(finding_kind kind) {
    std::vector<finding> found;
    for (const auto& known : telemetry.recorder().collect().findings) {
      if (known->kind == kind) found.push_back(*known);
    }
    return found;
  }
};

std::uint32_t line_in(const finding& found) { return found.site.line; }

}  // namespace

TEST_CASE("a transaction's time without a call is divided by what it lies before") {
  order_desk db;
  db.open.begin(db.orders);
  db.advance(10ms);
  db.query();
  db.advance(20ms);
  db.query();
  db.advance(30ms);
  db.query();
  db.advance(40ms);
  db.commit();
  CHECK(db.durations() ==
        "db.system.name=postgresql querytap.transaction.outcome=committed "
        "count=1 sum=0.104 (0.1,0.105]=1");
  CHECK(db.idle() ==
        "db.system.name=postgresql querytap.transaction.stage=end count=1 sum=0.04 "
        "(0.0372,0.0405]=1\n"
        "db.system.name=postgresql querytap.transaction.stage=first_query count=1 sum=0.01 "
        "(0.00929,0.01]=1\n"
        "db.system.name=postgresql querytap.transaction.stage=queries count=1 sum=0.05 "
        "(0.0482,0.05]=1");
}

TEST_CASE("a transaction without a query idles until its end") {
  order_desk db;
  SECTION("that is a call") {
    db.open.begin(db.orders);
    db.advance(10ms);
    db.commit();
  }
  SECTION("that nobody called for") {
    db.open.begin(db.orders);
    db.advance(10ms);
    db.open.end(transaction_end::committed);
  }
  CHECK_THAT(db.idle(), Catch::Contains("stage=end count=1 sum=0.01 "));
  CHECK_THAT(db.idle(), Catch::Contains("stage=first_query count=1 sum=0 "));
  CHECK_THAT(db.idle(), Catch::Contains("stage=queries count=1 sum=0 "));
}

TEST_CASE("a transaction ends once, as it is said to") {
  order_desk db;
  SECTION("rolled back") {
    db.open.begin(db.orders);
    CHECK(db.open.is_open());
    db.open.end(transaction_end::rolled_back);
    db.open.end(transaction_end::committed);
    CHECK_FALSE(db.open.is_open());
    CHECK_THAT(db.durations(), Catch::Contains("outcome=rolled_back count=1"));
  }
  SECTION("rolled back with its connection") {
    {
      transaction gone;
      gone.begin(db.orders);
    }
    CHECK_THAT(db.durations(), Catch::Contains("outcome=rolled_back count=1"));
  }
  SECTION("lost, where the next one begins before it has ended") {
    db.open.begin(db.orders);
    db.open.begin(db.orders);
    CHECK_THAT(db.durations(), Catch::Contains("outcome=lost count=1"));
    db.open.end(transaction_end::rolled_back);
  }
  CHECK_THAT(db.durations(), !Catch::Contains("outcome=committed count=1"));
}

TEST_CASE("calls that overlap leave no idle time between them") {
  order_desk db;
  db.open.begin(db.orders);
  const statement& select = db.orders.statement_for("select * from orders");
  std::optional<operation> rows{std::in_place, select};
  rows->of(db.open);
  db.advance(5ms);
  db.query(2ms);
  db.advance(5ms);
  rows.reset();
  db.commit();
  CHECK_THAT(db.idle(), Catch::Contains("stage=queries count=1 sum=0 "));
  CHECK_THAT(db.idle(), Catch::Contains("stage=end count=1 sum=0 "));
}

TEST_CASE("a call that ends after its transaction is none of the next one") {
  order_desk db;
  const statement& select = db.orders.statement_for("select * from orders");
  db.open.begin(db.orders);
  std::optional<operation> rows{std::in_place, select};
  rows->of(db.open);
  db.open.end(transaction_end::committed);
  db.open.begin(db.orders);
  db.advance(10ms);
  rows.reset();
  db.query();
  db.commit();
  CHECK_THAT(db.idle(), Catch::Contains("stage=first_query count=2 sum=0.01 "));
}

TEST_CASE("idling for long is a finding with the lines of both ends") {
  order_desk db;
  const std::uint32_t line = __LINE__;
  db.open.begin(db.orders);  // line + 1
  db.query();                // line + 2
  db.advance(2s);
  db.query();  // line + 4
  db.commit();
  const auto found = db.findings(finding_kind::idle_in_transaction);
  REQUIRE(found.size() == 1);
  CHECK(line_in(found[0]) == line + 2);
  CHECK(found[0].system == "postgresql");
  CHECK(found[0].cost == 2s);
  const std::string file = "tests/unit/calls/transaction_test.cpp:";
  CHECK(found[0].message == "was idle for 2.00 s in an open transaction after " + file +
                                std::to_string(line + 2) + " until " + file +
                                std::to_string(line + 4) + " (begun at " + file +
                                std::to_string(line + 1) + ")");
  CHECK_THAT(to_string(found[0].evidence),
             Catch::Contains("began_at=" + file + std::to_string(line + 1)));
  CHECK(db.findings(finding_kind::io_in_transaction).empty());
}

TEST_CASE("idling up to the threshold is no finding, and the threshold can be changed") {
  order_desk db;
  const auto idle_for_half_a_second = [&] {
    db.open.begin(db.orders);
    db.advance(500ms);
    db.commit();
  };
  idle_for_half_a_second();
  CHECK(db.findings(finding_kind::idle_in_transaction).empty());
  thresholds{db.telemetry.recorder()}.set_idle_in_transaction(400ms);
  idle_for_half_a_second();
  CHECK(db.findings(finding_kind::idle_in_transaction).size() == 1);
  CHECK_THROWS_AS(thresholds{db.telemetry.recorder()}.set_idle_in_transaction(0s),
                  configuration_error);
}

TEST_CASE("a transaction that idles is found while it does, once") {
  order_desk db;
  db.open.begin(db.orders);
  const std::uint32_t line = __LINE__ + 1;
  db.query();
  db.advance(900ms);
  CHECK(db.findings(finding_kind::idle_in_transaction).empty());
  db.advance(200ms);
  const auto found = db.findings(finding_kind::idle_in_transaction);
  REQUIRE(found.size() == 1);
  CHECK(line_in(found[0]) == line);
  CHECK_THAT(found[0].message, Catch::StartsWith("has been idle for 1.10 s"));
  db.advance(5s);
  CHECK(db.findings(finding_kind::idle_in_transaction)[0].seen == 1);
  db.commit();
  const auto ended = db.findings(finding_kind::idle_in_transaction);
  REQUIRE(ended.size() == 1);
  CHECK_THAT(ended[0].message, Catch::StartsWith("was idle for 6.10 s"));
}

TEST_CASE("a transaction with a call in flight does not idle") {
  order_desk db;
  db.open.begin(db.orders);
  operation call{db.orders.statement_for("select 1")};
  call.of(db.open);
  db.advance(5s);
  CHECK(db.findings(finding_kind::idle_in_transaction).empty());
}

TEST_CASE("a call of another backend while a transaction is open is a finding") {
  order_desk db;
  const std::uint32_t line = __LINE__;
  db.open.begin(db.orders);
  db.query();
  db.ask_cache(5ms);
  db.ask_cache(30ms);  // line + 4
  db.commit();
  db.ask_cache(5s);
  const auto found = db.findings(finding_kind::io_in_transaction);
  REQUIRE(found.size() == 1);
  CHECK(line_in(found[0]) == line + 4);
  CHECK(found[0].system == "redis");
  CHECK(found[0].statement->text == "GET ?");
  CHECK(found[0].calls == 2);
  CHECK(found[0].cost == 35ms);
  CHECK(found[0].message ==
        "2 calls of redis, 35.0 ms in all, while a transaction of postgresql was open since "
        "tests/unit/calls/transaction_test.cpp:" +
            std::to_string(line + 1));
}

TEST_CASE("waiting for another backend is not idling as well") {
  order_desk db;
  db.open.begin(db.orders);
  db.ask_cache(3s);
  db.commit();
  CHECK(db.findings(finding_kind::io_in_transaction).size() == 1);
  CHECK(db.findings(finding_kind::idle_in_transaction).empty());
}

TEST_CASE("findings name the request of the transaction") {
  order_desk db;
  const request chat{db.telemetry.recorder(), "POST /orders"};
  db.open.begin(db.orders);
  db.ask_cache(1ms);
  db.advance(2s);
  db.commit();
  CHECK(db.findings(finding_kind::io_in_transaction).at(0).request == "POST /orders");
  CHECK(db.findings(finding_kind::idle_in_transaction).at(0).request == "POST /orders");
}

TEST_CASE("each of two open transactions knows the calls of other backends") {
  order_desk db;
  transaction of_cache;
  db.open.begin(db.orders);
  of_cache.begin(db.cache);
  {
    operation call{db.cache.statement_for("SET basket:7 x")};
    call.of(of_cache);
    db.advance(1ms);
  }
  db.query();
  of_cache.end(transaction_end::committed);
  db.query();
  db.commit();
  const auto found = db.findings(finding_kind::io_in_transaction);
  REQUIRE(found.size() == 2);
  for (const finding& each : found) CHECK(each.calls == 1);
}

TEST_CASE("a transaction may end on another thread than it began on") {
  order_desk db;
  db.open.begin(db.orders);
  std::thread{[&] {
    db.query();
    db.commit();
  }}.join();
  CHECK_THAT(db.durations(), Catch::Contains("outcome=committed count=1"));
  db.ask_cache(1ms);
  CHECK(db.findings(finding_kind::io_in_transaction).empty());
  CHECK(detail::current_transactions == nullptr);
}

TEST_CASE("deeper than eight, open transactions are measured, and not asked of other backends") {
  order_desk db;
  std::vector<std::unique_ptr<transaction>> nested;
  for (int i = 0; i < 20; ++i) {
    nested.push_back(std::make_unique<transaction>());
    nested.back()->begin(db.orders);
  }
  db.ask_cache(1ms);
  nested.clear();
  CHECK_THAT(db.durations(), Catch::Contains("outcome=rolled_back count=20"));
  CHECK(db.findings(finding_kind::io_in_transaction).at(0).seen == 8);
  CHECK(detail::current_transactions == nullptr);
}

TEST_CASE("where the recorder is disabled a transaction is never open") {
  capture telemetry{{.disabled = true}};
  const backend orders{telemetry.recorder(), {.system = "postgresql"}};
  transaction open;
  open.begin(orders);
  CHECK_FALSE(open.is_open());
  open.end(transaction_end::committed);
}

TEST_CASE("a collector may look at transactions that begin, idle and end") {
  order_desk db;
  std::atomic<bool> is_over{false};
  std::thread collector{[&] {
    while (!is_over.load()) static_cast<void>(db.telemetry.recorder().collect());
  }};
  for (int i = 0; i < 2000; ++i) {
    transaction fresh;
    fresh.begin(db.orders);
    fresh.end(transaction_end::committed);
    db.open.begin(db.orders);
    db.query();
    db.commit();
  }
  is_over = true;
  collector.join();
  CHECK_THAT(db.durations(), Catch::Contains("outcome=committed count=4000"));
}
