// Making objects is paused after failures, limited at once, and not done while the server becomes slower.

#include <policies/connect_gate.hpp>

#include <catch2/catch.hpp>

using namespace querytap::detail;
using namespace std::chrono_literals;

namespace {

std::chrono::nanoseconds pause_after(connect_gate& gate, std::chrono::nanoseconds time) {
  gate.begin();
  gate.failed(time);
  return gate.retry_at() - time;
}

}  // namespace

TEST_CASE("no more than so many are made at once", "[connect_gate]") {
  connect_gate gate{2, 1};
  CHECK(gate.is_open(0s));
  gate.begin();
  CHECK(gate.is_open(0s));
  gate.begin();
  CHECK_FALSE(gate.is_open(0s));
  gate.succeeded();
  CHECK(gate.is_open(0s));
}

TEST_CASE("the pause doubles from the third failure in a row on, with jitter, up to ten seconds",
          "[connect_gate]") {
  connect_gate gate{1, 7};
  auto time = std::chrono::nanoseconds{1h};
  for (int i = 0; i < 2; ++i) {
    gate.begin();
    gate.failed(time);
    CHECK(gate.is_open(time));
  }
  std::chrono::nanoseconds longest = 100ms;
  for (int i = 0; i < 12; ++i) {
    const auto pause = pause_after(gate, time);
    CAPTURE(i, pause.count());
    CHECK(pause >= longest / 2);
    CHECK(pause <= longest);
    CHECK_FALSE(gate.is_open(time + pause - 1ns));
    time += pause;
    CHECK(gate.is_open(time));
    longest = std::min<std::chrono::nanoseconds>(2 * longest, 10s);
  }
  gate.begin();
  gate.succeeded();
  CHECK(gate.failures_in_a_row() == 0);
  gate.begin();
  gate.failed(time);
  CHECK(gate.is_open(time));
}

TEST_CASE("pauses of two pools differ", "[connect_gate]") {
  connect_gate first{1, 1};
  connect_gate other{1, 2};
  for (int i = 0; i < 3; ++i) {
    first.begin();
    first.failed(0s);
    other.begin();
    other.failed(0s);
  }
  CHECK(first.retry_at() != other.retry_at());
}

TEST_CASE("a failure that comes late does not shorten the pause", "[connect_gate]") {
  connect_gate gate{10, 1};
  for (int i = 0; i < 8; ++i) gate.begin();
  for (int i = 0; i < 7; ++i) gate.failed(1s);
  const auto before = gate.retry_at();
  gate.failed(1s);
  CHECK(gate.retry_at() >= before);
}

TEST_CASE(
    "latency rises where uses take twice as long as usual, and a lasting change becomes the usual",
    "[connect_gate]") {
  connect_gate gate{1, 1};
  std::uint64_t uses = 0;
  std::uint64_t used = 0;
  std::chrono::nanoseconds time = 0s;
  const auto rises_after_uses_of = [&](std::chrono::nanoseconds each, std::uint64_t count) {
    uses += count;
    used += count * static_cast<std::uint64_t>(each.count());
    time = gate.next_look();
    gate.look(time, uses, used);
    return gate.latency_rises();
  };
  CHECK_FALSE(rises_after_uses_of(10ms, 100));  // the first is the usual
  CHECK_FALSE(rises_after_uses_of(19ms, 100));
  CHECK(rises_after_uses_of(100ms, 100));
  CHECK(rises_after_uses_of(1ms, 5));  // few say little
  int looks = 0;
  while (rises_after_uses_of(100ms, 100)) ++looks;
  CHECK(looks > 2);
  CHECK(looks < 10);
  CHECK_FALSE(rises_after_uses_of(10ms, 100));

  CHECK(rises_after_uses_of(1s, 100));
  looks = 0;
  while (rises_after_uses_of(1s, 0)) ++looks;
  CHECK(looks == 10);  // seconds, after which nothing is known any more
}
