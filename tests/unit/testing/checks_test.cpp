// What a request may cost can be checked in any test framework, and a failure names statement,
// count and line.

#include <querytap/testing/checks.hpp>
#include <unit/snapshot/call_samples.hpp>

#include <catch2/catch.hpp>

using namespace querytap;
using namespace querytap::testing;
using namespace std::chrono_literals;

TEST_CASE("a statement that one line calls over and over is an N+1", "[checks]") {
  const check_result found = has_no_n_plus_one(one_by_one(5));
  CHECK_FALSE(found);
  CHECK(found.message ==
        "POST /chat has an N+1:\n"
        "  5 calls at src/store.cpp:42, 25.0 ms: select body from documents where id = $1");
  const check_result none = has_no_n_plus_one(one_by_one(4));
  CHECK(none);
  CHECK(none.message == "POST /chat has no N+1: no line calls one statement 5 times or more");
  CHECK_FALSE(has_no_n_plus_one(one_by_one(4), 4));
}

TEST_CASE("each N+1 is named, the worst first", "[checks]") {
  request_report report = one_by_one(9);
  report.statements[0].calls = 30;
  report.statements[0].site = {};
  report.statements[0].statement = nullptr;
  CHECK(has_no_n_plus_one(report).message ==
        "POST /chat has an N+1:\n"
        "  30 calls, 10.0 ms: postgresql\n"
        "  9 calls at src/store.cpp:42, 45.0 ms: select body from documents where id = $1");
}

TEST_CASE("an N+1 of one call is refused: one call repeats nothing", "[checks]") {
  CHECK_THROWS_WITH(has_no_n_plus_one(one_by_one(), 1),
                    "querytap: option 'from' = '1': expected at least 2: one call repeats nothing");
}

TEST_CASE("the calls of all backends are counted", "[checks]") {
  request_report report = one_by_one(3);
  report.backends.push_back({.system = "redis", .calls = 2});
  report.other_statements = 2;
  CHECK(makes_at_most(report, 6));
  CHECK(makes_at_most(report, 6).message == "POST /chat makes 6 calls, at most 6");
  CHECK_FALSE(makes_at_most(report, 5));
  CHECK(makes_at_most(report, 5).message ==
        "POST /chat makes 6 calls, more than 5:\n"
        "  3 calls at src/store.cpp:42, 15.0 ms: select body from documents where id = $1\n"
        "  1 call at src/store.cpp:30, 10.0 ms: select id from chats where owner = $1\n"
        "  2 calls of further statements");
}

TEST_CASE("the message about a slow request says where its time went", "[checks]") {
  CHECK(finishes_within(one_by_one(3), 100ms));
  CHECK(finishes_within(one_by_one(3), 100ms).message == "POST /chat takes 100 ms, within 100 ms");
  CHECK(finishes_within(one_by_one(3), 99ms).message ==
        "POST /chat takes 100 ms, longer than 99.0 ms: application 75.0 ms, postgresql 25.0 ms\n"
        "  3 calls at src/store.cpp:42, 15.0 ms: select body from documents where id = $1\n"
        "  1 call at src/store.cpp:30, 10.0 ms: select id from chats where owner = $1");
}
