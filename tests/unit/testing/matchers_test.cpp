// The matchers for Catch2 give the messages of the checks, about the report that they matched last.

#include <querytap/testing/matchers.hpp>
#include <unit/snapshot/call_samples.hpp>

#include <catch2/catch.hpp>

using namespace querytap;
using namespace querytap::testing;
using namespace std::chrono_literals;

TEST_CASE("a request can be held to several limits at once", "[matchers]") {
  CHECK_THAT(one_by_one(3), has_no_n_plus_one() && makes_at_most(4) && finishes_within(100ms));
  CHECK_THAT(one_by_one(5), !has_no_n_plus_one() && has_no_n_plus_one(6));
  CHECK_THAT(one_by_one(3), !makes_at_most(3) || finishes_within(1ms));
}

TEST_CASE("a failure names statement, count and line", "[matchers]") {
  const request_report report = one_by_one(5);
  const request_matcher batched = has_no_n_plus_one();
  REQUIRE_FALSE(batched.match(report));
  CHECK(Catch::Detail::stringify(report) + ' ' + batched.toString() ==
        "request POST /chat has an N+1:\n"
        "  5 calls at src/store.cpp:42, 25.0 ms: select body from documents where id = $1");
}

TEST_CASE("a matcher that is used again describes the new report", "[matchers]") {
  const request_matcher quick = finishes_within(200ms);
  request_report report = one_by_one();
  CHECK(quick.match(report));
  CHECK(quick.toString() == "POST /chat takes 100 ms, within 200 ms");
  report.duration = 300ms;
  CHECK_FALSE(quick.match(report));
  CHECK_THAT(quick.toString(), Catch::StartsWith("POST /chat takes 300 ms, longer than 200 ms:"));
}
