// A request that only repeats calls is reported the first time and then once a minute, with how many were
// left out; one that is slow or failed always.

#include <calls/reports/report_hub.hpp>
#include <querytap/calls/backend.hpp>
#include <querytap/calls/operation.hpp>
#include <querytap/calls/request.hpp>
#include <querytap/recording/recorder.hpp>
#include <querytap/testing/manual_clock.hpp>

#include <catch2/catch.hpp>

#include <string>
#include <string_view>
#include <vector>

using namespace querytap;
using namespace std::chrono_literals;

namespace {

struct shop {
  manual_clock time;
  recorder telemetry{{.service_name = "shop", .slow_request = 1s, .time = &time}};
  backend postgres{telemetry, {.system = "postgresql"}};
  detail::report_hub& hub = telemetry.part<detail::report_hub>();
  std::shared_ptr<detail::report_feed> feed = hub.subscribe();

  void list_orders(std::string_view name = "GET /orders",
                   std::string_view sql = "select a from t where id = ",
                   const outcome& how = outcome::ok(), std::chrono::nanoseconds work = 0ns) {
    request request{telemetry, name};
    for (int i = 0; i < 5; ++i) operation{postgres.statement_for(std::string{sql} + '1')}.finish();
    time.advance(work);
    request.fail(how);
  }
  /// The requests that were reported since the last look: names, with how many were left out.
  std::vector<std::string> reported() {
    hub.drain();
    std::vector<std::string> names;
    for (const auto& request : hub.take(*feed).requests) {
      names.push_back(request->name + " +" + std::to_string(request->left_out));
    }
    return names;
  }
  std::int64_t left_out() {
    return telemetry.collect().find("querytap.request.left_out").at(0).number;
  }
};

using names = std::vector<std::string>;

}  // namespace

TEST_CASE("a repetition is reported the first time, then once a minute with what was left out",
          "[repeated_requests]") {
  shop shop;
  CHECK(shop.left_out() == 0);
  for (int i = 0; i < 10; ++i) shop.list_orders();
  CHECK(shop.reported() == names{"GET /orders +0"});
  shop.time.advance(59s);
  shop.list_orders();
  CHECK(shop.reported().empty());
  shop.time.advance(1s);
  for (int i = 0; i < 3; ++i) shop.list_orders();
  CHECK(shop.reported() == names{"GET /orders +10"});
  shop.time.advance(60s);
  shop.list_orders();
  CHECK(shop.reported() == names{"GET /orders +2"});
  CHECK(shop.left_out() == 12);
  // The finding itself counts every request.
  const auto findings = shop.telemetry.collect().findings;
  REQUIRE(findings.size() == 1);
  CHECK(findings[0]->seen == 15);
  CHECK(shop.telemetry.collect().requests.size() == 3);
}

TEST_CASE("each name, statement and line is reported by itself", "[repeated_requests]") {
  shop shop;
  for (int i = 0; i < 2; ++i) {
    shop.list_orders("GET /orders");
    shop.list_orders("GET /users");
    shop.list_orders("GET /orders", "select b from u where id = ");
  }
  CHECK(shop.reported() == names{"GET /orders +0", "GET /users +0", "GET /orders +0"});
  CHECK(shop.left_out() == 3);
}

TEST_CASE("slow and failed requests are always reported", "[repeated_requests]") {
  shop shop;
  for (int i = 0; i < 3; ++i) {
    shop.list_orders("slow", "select a from t where id = ", outcome::ok(), 1s);
    shop.list_orders("failed", "select a from t where id = ", outcome::error("500"));
  }
  CHECK(shop.reported() ==
        names{"slow +0", "failed +0", "slow +0", "failed +0", "slow +0", "failed +0"});
  CHECK(shop.left_out() == 0);
}

TEST_CASE("however many repeat calls, a slow one finds room in the queue", "[repeated_requests]") {
  shop shop;
  for (int i = 0; i < 1000; ++i) shop.list_orders();
  shop.list_orders("slow", "select a from t where id = ", outcome::ok(), 1s);
  CHECK(shop.reported() == names{"slow +0", "GET /orders +0"});
}

TEST_CASE("calls that no advice concerns make no report", "[repeated_requests]") {
  shop shop;
  shop.list_orders("export", "fetch 100 from c");
  CHECK(shop.reported().empty());
  CHECK(shop.left_out() == 0);
  CHECK(shop.telemetry.collect().requests.empty());
}

TEST_CASE("past 256 repetitions within a minute the others share a report", "[repeated_requests]") {
  shop shop;
  std::size_t reported = 0;
  for (int i = 0; i < 300; ++i) {
    shop.list_orders("request " + std::to_string(i));
    reported += shop.reported().size();
  }
  CHECK(reported == 257);
  CHECK(shop.left_out() == 43);
  shop.time.advance(60s);
  shop.list_orders("request 299");
  CHECK(shop.reported() == names{"request 299 +0"});
}
