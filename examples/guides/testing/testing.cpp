// Tests of an application's own that fail on an N+1, on too many calls, and on time lost.

// [guide]
#include <querytap/decorators/sqlite.hpp>
#include <querytap/querytap.hpp>
#include <querytap/testing/capture.hpp>
#include <querytap/testing/matchers.hpp>

#include <catch2/catch.hpp>
// [/guide]

#include <chrono>

namespace {

using namespace std::chrono_literals;

/// The code under test: it loads the names of orders one by one.
struct shop {
  querytap::recorder& recorder;
  querytap::sqlite::connection db{recorder, ":memory:"};

  explicit shop(querytap::recorder& recorder_of_test) : recorder{recorder_of_test} {
    db.exec("create table customers(id integer primary key, name text)");
  }

  void get_order() {
    querytap::request request{recorder, "GET /order"};
    db.prepare("select name from customers where id = ?").run(1);
  }
  void get_orders() {
    querytap::request request{recorder, "GET /orders"};
    auto query = db.prepare("select name from customers where id = ?");
    for (int id = 1; id <= 20; ++id) query.run(id);
  }
};

}  // namespace

// [guide]
TEST_CASE("one order costs one call") {
  querytap::capture telemetry;  // a recorder whose clock stands still until the test moves it
  shop shop{telemetry.recorder()};
  shop.get_order();

  CHECK_THAT(telemetry.last_request(), querytap::has_no_n_plus_one() &&
                                           querytap::makes_at_most(1) &&
                                           querytap::finishes_within(200ms));
}
// [/guide]

// [guide]
TEST_CASE("an N+1 is found, with what to look for") {
  querytap::capture telemetry;
  shop shop{telemetry.recorder()};
  shop.get_orders();

  const querytap::check_result check = querytap::has_no_n_plus_one(telemetry.last_request());
  CHECK_FALSE(check.ok);
  CHECK_THAT(check.message, Catch::StartsWith("GET /orders has an N+1:\n  20 calls at ") &&
                                Catch::EndsWith("select name from customers where id = ?"));
}
// [/guide]

// [guide]
TEST_CASE("a failed call is counted under the error of its client") {
  querytap::capture telemetry;
  shop shop{telemetry.recorder()};
  CHECK_THROWS_AS(shop.db.exec("insert into customers(id) values ('x')"), querytap::sqlite::error);

  CHECK_THAT(telemetry.text("db.client.operation.duration"),
             Catch::Contains("db.query.summary=insert customers") &&
                 Catch::Contains("error.type=20 count=1"));
}
// [/guide]
