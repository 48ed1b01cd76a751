// What is slow, hung or repeated too often is said by options, and can be changed while calls are made:
// for all, for a kind of client, for one statement, for one request.

#include <calls/reports/report_hub.hpp>
#include <querytap/base/error.hpp>
#include <querytap/calls/backend.hpp>
#include <querytap/calls/operation.hpp>
#include <querytap/calls/request.hpp>
#include <querytap/calls/thresholds.hpp>
#include <querytap/testing/capture.hpp>

#include <catch2/catch.hpp>

#include <atomic>
#include <functional>
#include <string>
#include <thread>

using namespace querytap;
using namespace std::chrono_literals;

namespace {

constexpr auto list_orders = "select id from orders where day = 17";
constexpr auto sum_orders = "select sum(price) from orders";

struct limited_shop {
  explicit limited_shop(backend_options options = {.system = "postgresql"})
      : orders{telemetry.recorder(), options} {}

  void call(std::string_view sql, std::chrono::nanoseconds duration) {
    operation call{orders.statement_for(sql)};
    telemetry.time().advance(duration);
  }
  /// How many reports a call of this length gets.
  std::size_t reports_of_call(std::string_view sql, std::chrono::nanoseconds duration) {
    const std::size_t before = reports();
    call(sql, duration);
    return reports() - before;
  }
  std::size_t reports() { return telemetry.recorder().collect().call_reports.size(); }
  std::size_t reports_of_request(std::string_view name, std::chrono::nanoseconds duration) {
    const std::size_t before = telemetry.recorder().collect().requests.size();
    {
      request serve{telemetry.recorder(), name};
      telemetry.time().advance(duration);
    }
    return telemetry.recorder().collect().requests.size() - before;
  }
  /// The findings of calls that hang.
  std::size_t hung_calls() {
    telemetry.recorder().part<detail::report_hub>().report_running();
    return telemetry.recorder().collect().findings.size();
  }

  capture telemetry;
  backend orders;
  thresholds limits{telemetry.recorder()};
};

}  // namespace

TEST_CASE("one statement may take longer than others, or less, by any text of it", "[thresholds]") {
  limited_shop here;
  here.limits.set_slow_statement("SELECT  sum(price)\nFROM orders", 5s);
  here.limits.set_slow_statement("select id from orders where day = 1", 10ms);
  CHECK(here.reports_of_call(sum_orders, 4s) == 0);
  CHECK(here.reports_of_call(sum_orders, 6s) == 1);
  CHECK(here.reports_of_call(list_orders, 9ms) == 0);
  CHECK(here.reports_of_call(list_orders, 11ms) == 1);
  CHECK(here.reports_of_call("select 1", 50ms) == 0);
  CHECK(here.reports_of_call("select 1", 150ms) == 1);
}

TEST_CASE("a statement in a comment that only MySQL executes has a threshold, too",
          "[thresholds]") {
  limited_shop here;
  here.limits.set_slow_statement("/*!40101 set names utf8 */", 10s);
  const backend mysql{here.telemetry.recorder(), {.system = "mysql", .dialect = dialect::mysql}};
  const auto call = [&](std::chrono::nanoseconds duration) {
    operation slow{mysql.statement_for("/*!40101 set names latin1 */")};
    here.telemetry.time().advance(duration);
  };
  call(9s);
  CHECK(here.reports() == 0);
  call(11s);
  CHECK(here.reports() == 1);
}

TEST_CASE("a threshold may be set before anything has the name", "[thresholds]") {
  limited_shop here;
  here.limits.set_slow_request("POST /later", 10s);
  here.limits.set_slow_call("later", 1s);
  CHECK(here.reports_of_request("POST /later", 9s) == 0);
  CHECK(here.reports_of_request("POST /later", 11s) == 1);
  const backend later{here.telemetry.recorder(), {.system = "later"}};
  const auto call = [&](std::chrono::nanoseconds duration) {
    operation slow{later.statement_for("select 1")};
    here.telemetry.time().advance(duration);
  };
  call(900ms);
  CHECK(here.reports() == 0);
  call(2s);
  CHECK(here.reports() == 1);
}

TEST_CASE("a threshold can be changed after the statement was called, and taken away again",
          "[thresholds]") {
  limited_shop here;
  CHECK(here.reports_of_call(sum_orders, 1s) == 1);
  here.limits.set_slow_statement(sum_orders, 2s);
  CHECK(here.reports_of_call(sum_orders, 1s) == 0);
  CHECK(here.reports_of_call(list_orders, 1s) == 1);
  here.limits.set_slow_statement(sum_orders, std::nullopt);
  CHECK(here.reports_of_call(sum_orders, 1s) == 1);
  CHECK(here.reports_of_call(sum_orders, 99ms) == 0);
}

TEST_CASE("the clients of one kind have a threshold, and others keep theirs", "[thresholds]") {
  limited_shop here;
  const backend cache{here.telemetry.recorder(), {.system = "redis", .dialect = dialect::redis}};
  here.limits.set_slow_call("postgresql", 1s);
  here.limits.set_slow_statement(list_orders, 20ms);
  CHECK(here.reports_of_call(sum_orders, 900ms) == 0);
  CHECK(here.reports_of_call(list_orders, 21ms) == 1);
  const backend replica{here.telemetry.recorder(),
                        {.system = "postgresql", .server_address = "made.later"}};
  const auto reports_of = [&](const backend& client, std::string_view text) {
    const std::size_t before = here.reports();
    {
      operation slow{client.statement_for(text)};
      here.telemetry.time().advance(500ms);
    }
    return here.reports() - before;
  };
  CHECK(reports_of(cache, "GET user:17") == 1);
  CHECK(reports_of(replica, sum_orders) == 0);
  here.limits.set_slow_call("postgresql", std::nullopt);
  CHECK(reports_of(replica, sum_orders) == 1);
  CHECK(here.reports_of_call(sum_orders, 900ms) == 1);
}

TEST_CASE("a statement's own threshold comes before its p99", "[thresholds]") {
  limited_shop here{{.system = "postgresql", .slow_threshold = 0ns, .slow_multiple = 4}};
  for (int i = 0; i < 200; ++i) here.call(list_orders, 10ms);
  CHECK(here.reports() == 0);
  here.limits.set_slow_statement(list_orders, 15ms);
  static_cast<void>(here.reports());
  CHECK(here.reports_of_call(list_orders, 16ms) == 1);
  here.limits.set_slow_statement(list_orders, std::nullopt);
  static_cast<void>(here.reports());  // the p99 is that of the last collection
  CHECK(here.reports_of_call(list_orders, 39ms) == 0);
  CHECK(here.reports_of_call(list_orders, 50ms) == 1);
}

TEST_CASE("past the series limit statements have the thresholds that were set, too",
          "[thresholds]") {
  capture telemetry{{.series_limit = 1}};
  const backend orders{telemetry.recorder(), {.system = "postgresql"}};
  const thresholds limits{telemetry.recorder()};
  const auto call = [&](std::string_view sql) {
    operation slow{orders.statement_for(sql)};
    telemetry.time().advance(1s);
  };
  call(list_orders);
  call(sum_orders);
  CHECK(telemetry.recorder().collect().call_reports.size() == 2);
  limits.set_slow_statement(sum_orders, 2s);
  limits.set_slow_statement("select 1", 2s);
  call(sum_orders);
  call("select 1");
  CHECK(telemetry.recorder().collect().call_reports.size() == 2);
  call("select a from t");
  CHECK(telemetry.recorder().collect().call_reports.size() == 3);
}

TEST_CASE("requests have a threshold by name, and one for all others", "[thresholds]") {
  limited_shop here;
  here.limits.set_slow_request(200ms);
  here.limits.set_slow_request("POST /report", 10s);
  CHECK(here.reports_of_request("GET /orders", 199ms) == 0);
  CHECK(here.reports_of_request("GET /orders", 201ms) == 1);
  CHECK(here.reports_of_request("POST /report", 9s) == 0);
  CHECK(here.reports_of_request("POST /report", 11s) == 1);
  here.limits.set_slow_request("GET /orders", 1s);
  CHECK(here.reports_of_request("GET /orders", 900ms) == 0);
  here.limits.set_slow_request("GET /orders", std::nullopt);
  here.limits.set_slow_request(0ns);
  CHECK(here.reports_of_request("GET /orders", 1ms) == 1);
  CHECK(here.reports_of_request("POST /report", 1ms) == 0);
}

TEST_CASE("how often a statement may be repeated in a request can be changed", "[thresholds]") {
  struct repetition {
    std::uint64_t limit;
    int calls;
    std::size_t findings;
  };
  // The option says 5.
  for (const auto& [limit, calls, findings] :
       {repetition{11, 10, 0}, repetition{10, 10, 1}, repetition{3, 2, 0}, repetition{3, 3, 1}}) {
    CAPTURE(limit, calls);
    limited_shop here;
    here.limits.set_slow_request(1h);
    here.limits.set_n_plus_one(limit);
    {
      request serve{here.telemetry.recorder(), "GET /orders"};
      for (int i = 0; i < calls; ++i) here.call(list_orders, 1ms);
    }
    CHECK(here.telemetry.recorder().collect().findings.size() == findings);
  }
}

TEST_CASE("a call hangs after the time that the options say, and that can be changed",
          "[thresholds]") {
  struct hung_case {
    std::chrono::nanoseconds option;
    std::optional<std::chrono::nanoseconds> set_later;
    std::chrono::nanoseconds limit;
  };
  for (const auto& [option, set_later, limit] :
       {hung_case{30s, {}, 30s}, hung_case{5min, {}, 5min}, hung_case{30s, 2s, 2s},
        hung_case{2s, 10min, 10min}}) {
    capture telemetry{{.hung_after = option}};
    const backend orders{telemetry.recorder(), {.system = "postgresql"}};
    auto& hub = telemetry.recorder().part<detail::report_hub>();
    const operation call{orders.statement_for(list_orders)};
    if (set_later) thresholds{telemetry.recorder()}.set_hung(*set_later);
    telemetry.time().advance(limit - 1ms);
    hub.report_running();
    CHECK(telemetry.recorder().collect().findings.empty());
    telemetry.time().advance(1ms);
    hub.report_running();
    hub.report_running();
    const auto found = telemetry.recorder().collect().findings;
    REQUIRE(found.size() == 1);
    CHECK(found[0]->kind == finding_kind::hung);
    CHECK(found[0]->seen == 1);
  }
}

TEST_CASE("a statement that may take longer does not hang before it is slow", "[thresholds]") {
  limited_shop here;
  here.limits.set_slow_statement(sum_orders, 10min);
  const operation call{here.orders.statement_for(sum_orders)};
  here.telemetry.time().advance(9min);
  CHECK(here.hung_calls() == 0);
  here.telemetry.time().advance(2min);
  CHECK(here.hung_calls() == 1);
}

TEST_CASE("a call of which is not yet known what it may take hangs all the same", "[thresholds]") {
  limited_shop here{{.system = "postgresql", .slow_threshold = 0ns, .slow_multiple = 4}};
  const operation call{here.orders.statement_for(list_orders)};
  here.telemetry.time().advance(30s);
  CHECK(here.hung_calls() == 0);
  here.telemetry.time().advance(1ms);
  CHECK(here.hung_calls() == 1);
  const auto reports = here.telemetry.recorder().collect().call_reports;
  REQUIRE(reports.size() == 1);
  CHECK(reports[0]->reason == report_reason::running);
  CHECK(reports[0]->threshold == 30s);
}

TEST_CASE("a call that runs is reported by the threshold that it began with", "[thresholds]") {
  limited_shop here;
  auto& hub = here.telemetry.recorder().part<detail::report_hub>();
  const operation call{here.orders.statement_for(list_orders)};
  here.limits.set_slow_statement(list_orders, 1h);
  const operation later{here.orders.statement_for(list_orders)};
  here.telemetry.time().advance(200ms);
  hub.report_running();
  const auto reports = here.telemetry.recorder().collect().call_reports;
  REQUIRE(reports.size() == 1);
  CHECK(reports[0]->threshold == 100ms);
}

TEST_CASE("a threshold that makes no sense is refused by name and value, and changes nothing",
          "[thresholds]") {
  limited_shop here;
  const thresholds& limits = here.limits;
  struct refused {
    std::function<void()> set;
    std::string message;
  };
  for (const auto& [set, message] : {
           refused{[&] { limits.set_slow_call("postgresql", 0ns); },
                   "querytap: option 'slow_call' = '0 ns': expected a positive time"},
           refused{[&] { limits.set_slow_statement("select 'zebra'", -5ms); },
                   "querytap: option 'slow_statement' = '-5000000 ns': expected a positive time"},
           refused{[&] { limits.set_slow_request(-1ns); },
                   "querytap: option 'slow_request' = '-1 ns': expected a time of 0 or more"},
           refused{
               [&] { limits.set_slow_request("GET /", -1ns); },
               "querytap: option 'slow_request of GET /' = '-1 ns': expected a time of 0 or more"},
           refused{[&] { limits.set_slow_call("", 1s); },
                   "querytap: option 'slow_call' = '': expected a db.system.name"},
           refused{[&] { limits.set_slow_statement("", 1s); },
                   "querytap: option 'slow_statement' = '': expected the text of a statement"},
           refused{[&] { limits.set_slow_statement(" /* zebra */ ", std::nullopt); },
                   "querytap: option 'slow_statement' = '': expected the text of a statement"},
           refused{[&] { limits.set_slow_request("", 1s); },
                   "querytap: option 'slow_request' = '': expected the name of a request"},
           refused{[&] { limits.set_hung(0s); },
                   "querytap: option 'hung_after' = '0 ns': expected a positive time"},
           refused{[&] { limits.set_n_plus_one(1); },
                   "querytap: option 'n_plus_one_from' = '1': expected at least 2"},
           refused{[] { recorder{{.hung_after = -1s}}; },
                   "querytap: option 'hung_after' = '-1000000000 ns': expected a positive time"},
       }) {
    CHECK_THROWS_WITH(set(), message);
  }
  CHECK(here.reports_of_call(list_orders, 99ms) == 0);
  CHECK(here.reports_of_call(list_orders, 101ms) == 1);
}

TEST_CASE("thresholds change while threads make calls, and every call is judged by one of them",
          "[thresholds]") {
  limited_shop here;
  std::atomic<bool> ended{false};
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; ++i) {
    threads.emplace_back([&] {
      while (!ended) {
        request serve{here.telemetry.recorder(), "GET /orders"};
        here.call(list_orders, 1us);
      }
    });
  }
  for (int i = 0; i < 300; ++i) {
    here.limits.set_slow_statement(list_orders, i % 2 == 0 ? 1h : 2h);
    here.limits.set_slow_call("postgresql", 1h);
    here.limits.set_slow_request("GET /orders", 1h);
    here.limits.set_slow_request(1h);
    here.limits.set_hung(1h);
    here.limits.set_n_plus_one(5);
  }
  ended = true;
  for (std::thread& thread : threads) thread.join();
  CHECK(here.reports() == 0);
}
