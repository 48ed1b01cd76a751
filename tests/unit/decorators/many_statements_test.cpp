// A service with an endless number of different statements stays within its memory limits, loses no
// call, and its heaviest statements are still named.

#include <querytap/decorators/sqlite.hpp>
#include <querytap/snapshot/statement_table.hpp>
#include <querytap/testing/capture.hpp>
#include <support/soak.hpp>

#include <catch2/catch.hpp>

#include <string>
#include <vector>

namespace {

using namespace querytap;
using namespace std::chrono_literals;

const int distinct = testing::soak_count(1'000'000, 10'000);
constexpr int heavy = 10;
const int heavy_calls = distinct / 500;

// Takes as many microseconds of the manual clock as its argument says.
void work(sqlite3_context* context, int, sqlite3_value** arguments) {
  auto* const time = static_cast<manual_clock*>(sqlite3_user_data(context));
  time->advance(std::chrono::microseconds{sqlite3_value_int64(arguments[0])});
  sqlite3_result_int(context, 1);
}

std::string heavy_statement(int i) {
  return "select work(" + std::to_string(20 + i) + ") as heavy_" + std::to_string(i);
}

std::int64_t number_of(recorder& recorder, std::string_view instrument) {
  return recorder.collect().find(instrument).at(0).number;
}

std::vector<std::string> ten_heaviest(const snapshot& snapshot) {
  std::vector<std::string> names;
  for (const statement_row& row : statement_table(snapshot)) {
    if (row.statement != nullptr && names.size() < heavy) names.push_back(row.statement->text);
  }
  return names;
}

}  // namespace

TEST_CASE("of a flood of statements every call is counted and the ten heaviest are named") {
  capture telemetry;
  sqlite::connection db{telemetry.recorder(), ":memory:"};
  sqlite3_create_function(db.native(), "work", 1, SQLITE_UTF8, &telemetry.time(), work, nullptr,
                          nullptr);
  for (int i = 0; i < distinct; ++i) {
    db.exec("select work(1) as light_" + std::to_string(i));
    // The heavy statements come late, when no series is left for them.
    if (i % 250 == 0 && i >= distinct / 2) {
      for (int n = 0; n < heavy; ++n) db.exec(heavy_statement(n));
    }
  }

  const snapshot end = telemetry.recorder().collect();
  std::uint64_t calls = 0;
  for (const point& p : end.find("db.client.operation.duration")) calls += p.histogram->count();
  CHECK(calls == static_cast<std::uint64_t>(distinct + heavy * heavy_calls));
  CHECK(end.find("db.client.operation.duration").size() == 2'001);

  std::vector<std::string> expected;
  for (int n = heavy; n-- > 0;) {
    expected.push_back("select work(?) as heavy_" + std::to_string(n));
  }
  CHECK(ten_heaviest(end) == expected);

  CHECK(number_of(telemetry.recorder(), "querytap.memory.usage") < std::int64_t{64} << 20);
  CHECK_THAT(telemetry.text("querytap.overflow"),
             Catch::Contains("querytap.attribute=querytap.statement "
                             "querytap.instrument=db.client.operation.duration"));
}

TEST_CASE("a high rate of few statements never overflows") {
  capture telemetry;
  sqlite::connection db{telemetry.recorder(), ":memory:"};
  auto select = db.prepare("select ?");
  for (int i = 0; i < distinct; ++i) select.run(i);
  CHECK(telemetry.text("querytap.overflow").empty());
  CHECK(telemetry.recorder().collect().overflowed.empty());
}
