// A part of a server's own view is asked at its interval, or less often where it takes long.

#include <querytap/testing/manual_clock.hpp>
#include <servers/common/part_schedule.hpp>

#include <catch2/catch.hpp>

#include <stdexcept>

using namespace querytap;
using namespace std::chrono_literals;
using querytap::detail::part_schedule;

TEST_CASE("a part is due at first, and then after its interval", "[part_schedule]") {
  manual_clock time;
  part_schedule part{10s, time};
  CHECK(part.is_due());
  part.run([] {});
  CHECK_FALSE(part.is_due());
  time.advance(9s);
  CHECK_FALSE(part.is_due());
  time.advance(1s);
  CHECK(part.is_due());
}

TEST_CASE("a part that takes long rests 200 times as long, also when it fails", "[part_schedule]") {
  manual_clock time;
  part_schedule part{10s, time};
  CHECK_THROWS(part.run([&] {
    time.advance(1s);
    throw std::runtime_error{"it failed"};
  }));
  time.advance(198s);
  CHECK_FALSE(part.is_due());
  time.advance(1s);
  CHECK(part.is_due());
  part.run([&] { time.advance(1ms); });
  CHECK_FALSE(part.is_due());
  time.advance(10s);
  CHECK(part.is_due());
}

TEST_CASE("a part may be asked again at once", "[part_schedule]") {
  manual_clock time;
  part_schedule part{10s, time};
  part.run([] {});
  CHECK_FALSE(part.is_due());
  part.ask_again();
  CHECK(part.is_due());
}
