// A moment is written in UTC, all digits always there.

#include <base/utc_text.hpp>

#include <catch2/catch.hpp>

namespace {

using namespace std::chrono_literals;
using querytap::detail::utc_clock_text;
using querytap::detail::utc_date_text;
using std::chrono::sys_days;

}  // namespace

TEST_CASE("a day of the calendar", "[utc_text]") {
  CHECK(utc_date_text(sys_days{2026y / 11 / 29} + 23h + 59min + 59s) == "2026-11-29");
  CHECK(utc_date_text(sys_days{2028y / 2 / 29}) == "2028-02-29");
  CHECK(utc_date_text(sys_days{1970y / 1 / 1} - 1s) == "1969-12-31");
  CHECK(utc_date_text(sys_days{987y / 6 / 5}) == "0987-06-05");
}

TEST_CASE("a time of the day", "[utc_text]") {
  CHECK(utc_clock_text(sys_days{2026y / 11 / 29}) == "00:00:00");
  CHECK(utc_clock_text(sys_days{2026y / 11 / 29} + 9h + 5min + 7s) == "09:05:07");
  CHECK(utc_clock_text(sys_days{1970y / 1 / 1} - 1s) == "23:59:59");
}
