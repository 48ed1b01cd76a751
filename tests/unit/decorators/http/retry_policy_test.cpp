// A collector in trouble is left alone for longer and longer, or for as long as it asks.

#include <decorators/http/retry_policy.hpp>

#include <catch2/catch.hpp>

using namespace querytap::detail;
using namespace std::chrono_literals;

namespace {

const auto request_time =
    std::chrono::system_clock::from_time_t(1'784'548'800);  // 2026-07-20 12:00:00 UTC

}  // namespace

TEST_CASE("each wait is twice as long as the previous one, up to the longest, and never equal") {
  backoff policy{42, 1s, 30s};
  for (const auto& [tries, longest] :
       {std::pair{1, 1s}, {2, 2s}, {3, 4s}, {4, 8s}, {5, 16s}, {6, 30s}, {7, 30s}, {1000, 30s}}) {
    const auto first = policy.wait_after(tries);
    const auto second = policy.wait_after(tries);
    CHECK(first >= longest / 2);
    CHECK(first <= longest);
    CHECK(first != second);
  }
}

TEST_CASE("Retry-After is read in seconds and as a date") {
  CHECK(parse_retry_after("0", request_time) == 0s);
  CHECK(parse_retry_after("120", request_time) == 120s);
  CHECK(parse_retry_after("Mon, 20 Jul 2026 12:00:07 GMT", request_time) == 7s);
  CHECK(parse_retry_after("Monday, 20-Jul-26 12:00:07 GMT", request_time) == 7s);
  CHECK(parse_retry_after("Mon, 20 Jul 2026 11:59:00 GMT", request_time) == 0s);
}

TEST_CASE("a Retry-After that cannot be parsed is none") {
  for (const char* text : {"", "soon", "-3", "3.5", "3 apples", "Mon, 99 Foo 2026"}) {
    CHECK(parse_retry_after(text, request_time) == std::nullopt);
  }
  CHECK(parse_retry_after("99999999999999999999", request_time) > 24h);
}
