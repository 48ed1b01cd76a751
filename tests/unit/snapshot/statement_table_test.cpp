// The table has for each statement how often it ran and failed, what it returned and how long it
// took, over all its outcomes, with the most expensive statement first.

#include <querytap/snapshot/catalog.hpp>
#include <querytap/snapshot/statement_table.hpp>
#include <unit/snapshot/snapshot_builder.hpp>

#include <fmt/format.h>
#include <catch2/catch.hpp>

#include <cmath>
#include <string>
#include <vector>

namespace {

using namespace querytap;
using namespace querytap::testing;

constexpr std::uint64_t millisecond = 1'000'000;

attributes failed(attributes labels, const char* type) {
  labels.set({"error.type", type});
  return labels;
}

/// Of each row all but the quantiles.
std::string text_of(const std::vector<statement_row>& table) {
  std::string text;
  for (const statement_row& row : table) {
    text += fmt::format("{} \"{}\" calls={} errors={} rows={} total={}\n", row.system,
                        row.statement == nullptr ? "" : row.statement->text, row.calls, row.errors,
                        row.rows, row.total);
  }
  return text;
}

}  // namespace

TEST_CASE("a statement is one row with all its outcomes, failures counted", "[statement_table]") {
  const auto insert = statement_of(1, "insert into t values (?)");
  snapshot_builder builder;
  builder.record(catalog::operation_duration, sqlite, {millisecond, 2 * millisecond}, insert);
  builder.record(catalog::operation_duration, failed(sqlite, "BUSY"), {5 * millisecond}, insert);
  builder.record(catalog::operation_duration, failed(sqlite, "CONSTRAINT"),
                 {millisecond, millisecond}, insert);
  CHECK(text_of(statement_table(builder.get())) ==
        "sqlite \"insert into t values (?)\" calls=5 errors=3 rows=0 total=0.01\n");
}

TEST_CASE("a statement past the limit is named with the least that it can have cost") {
  snapshot_builder builder;
  builder.record(catalog::operation_duration, sqlite, {millisecond}, statement_of(1, "cheap"));
  snapshot built = builder.get();
  built.overflowed.push_back({"sqlite", statement_of(2, "heavy"), 7, 5 * millisecond, millisecond});
  const auto table = statement_table(built);
  CHECK(text_of(table) ==
        "sqlite \"heavy\" calls=7 errors=0 rows=0 total=0.005\n"
        "sqlite \"cheap\" calls=1 errors=0 rows=0 total=0.001\n");
  CHECK(table[0].is_overflow);
  CHECK(std::isnan(table[0].p99));
}

TEST_CASE("the statement that took most time in all comes first", "[statement_table]") {
  snapshot_builder builder;
  builder.record(catalog::operation_duration, sqlite, {millisecond}, statement_of(1, "cheap"));
  builder.record(catalog::operation_duration, sqlite, {40 * millisecond}, statement_of(2, "slow"));
  builder.record(catalog::operation_duration, sqlite, std::vector<std::uint64_t>(50, millisecond),
                 statement_of(3, "frequent"));
  CHECK(text_of(statement_table(builder.get())) ==
        "sqlite \"frequent\" calls=50 errors=0 rows=0 total=0.05\n"
        "sqlite \"slow\" calls=1 errors=0 rows=0 total=0.04\n"
        "sqlite \"cheap\" calls=1 errors=0 rows=0 total=0.001\n");
}

TEST_CASE("the same statement on two kinds of backend is two rows", "[statement_table]") {
  snapshot_builder builder;
  builder.record(catalog::operation_duration, sqlite, {millisecond}, statement_of(1, "select a"));
  builder.record(catalog::operation_duration, postgresql, {3 * millisecond},
                 statement_of(1, "select a"));
  CHECK(text_of(statement_table(builder.get())) ==
        "postgresql \"select a\" calls=1 errors=0 rows=0 total=0.003\n"
        "sqlite \"select a\" calls=1 errors=0 rows=0 total=0.001\n");
}

TEST_CASE("returned rows go to the statement that returned them", "[statement_table]") {
  const auto first = statement_of(1, "select a");
  const auto second = statement_of(2, "select b");
  snapshot_builder builder;
  builder.record(catalog::operation_duration, sqlite, {2 * millisecond}, first);
  builder.record(catalog::operation_duration, sqlite, {millisecond}, second);
  builder.record(catalog::returned_rows, sqlite, {10, 20}, second);
  builder.record(catalog::returned_rows, failed(sqlite, "INTERRUPT"), {3}, second);
  builder.record(catalog::returned_rows, postgresql, {1000}, second);
  CHECK(text_of(statement_table(builder.get())) ==
        "sqlite \"select a\" calls=1 errors=0 rows=0 total=0.002\n"
        "sqlite \"select b\" calls=1 errors=0 rows=33 total=0.001\n");
}

TEST_CASE("quantiles are over all outcomes of a statement", "[statement_table]") {
  const auto select = statement_of(1, "select a");
  snapshot_builder builder;
  builder.record(catalog::operation_duration, sqlite, std::vector<std::uint64_t>(98, millisecond),
                 select);
  builder.record(catalog::operation_duration, failed(sqlite, "BUSY"),
                 {1000 * millisecond, 1000 * millisecond}, select);
  const std::vector<statement_row> table = statement_table(builder.get());
  REQUIRE(table.size() == 1);
  CHECK(table[0].p50 == Approx(0.001).epsilon(0.044));
  CHECK(table[0].p95 == Approx(0.001).epsilon(0.044));
  CHECK(table[0].p99 == Approx(1.0).epsilon(0.044));
}

TEST_CASE("calls without a statement are one row of their backend", "[statement_table]") {
  snapshot_builder builder;
  builder.record(catalog::operation_duration, sqlite, {millisecond});
  builder.record(catalog::operation_duration, sqlite, {millisecond}, statement_of(1, "select a"));
  builder.record(catalog::operation_duration, {{"otel.metric.overflow", true}}, {5 * millisecond});
  CHECK(text_of(statement_table(builder.get())) ==
        " \"\" calls=1 errors=0 rows=0 total=0.005\n"
        "sqlite \"\" calls=1 errors=0 rows=0 total=0.001\n"
        "sqlite \"select a\" calls=1 errors=0 rows=0 total=0.001\n");
}

TEST_CASE("a statement that has not run yet has no row", "[statement_table]") {
  const std::vector<std::uint64_t> nothing;
  snapshot_builder builder;
  builder.record(catalog::operation_duration, sqlite, nothing, statement_of(1, "select a"));
  builder.record(catalog::returned_rows, sqlite, nothing, statement_of(1, "select a"));
  CHECK(text_of(statement_table(builder.get())) == "");
  CHECK(text_of(statement_table(snapshot{})) == "");
}

TEST_CASE("other durations are not statements", "[statement_table]") {
  snapshot_builder builder;
  builder.record(catalog::request_duration, {}, {millisecond});
  builder.add(catalog::connection_timeouts, {}, 1);
  CHECK(text_of(statement_table(builder.get())) == "");
}
