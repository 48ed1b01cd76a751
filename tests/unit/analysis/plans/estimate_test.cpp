// An estimate that is off by a factor of a hundred is reported, where the number of rows is known.

#include <unit/analysis/plans/plan_samples.hpp>

#include <catch2/catch.hpp>

using namespace querytap;
using namespace querytap::testing;

namespace {

constexpr auto by_owner = "select body from documents where owner = 'x'";

std::vector<finding> estimate_findings(double expected, std::uint64_t returned,
                                       std::string operation = "Index Scan",
                                       std::string_view sql = by_owner) {
  return plan_findings({.root = {.operation = std::move(operation), .estimated_rows = expected}},
                       slow_call("postgresql", sql, returned), documents_facts());
}

}  // namespace

TEST_CASE("too few and too many are reported with the numbers", "[estimate]") {
  const auto found = estimate_findings(10, 8'000);
  REQUIRE(found.size() == 1);
  CHECK(found[0].kind == finding_kind::bad_estimate);
  CHECK(found[0].table == "documents");
  CHECK_THAT(found[0].message,
             Catch::StartsWith("the planner expected 10 rows and 8,000 came, 800 times more"));
  CHECK_THAT(found[0].advice, Catch::StartsWith("analyze documents; "));
  CHECK_THAT(estimate_findings(8'000, 0).at(0).message, Catch::Contains("8000 times fewer"));
}

TEST_CASE("an estimate that is not far off, or of few rows, is not reported", "[estimate]") {
  CHECK(estimate_findings(100, 9'999).empty());
  CHECK_FALSE(estimate_findings(100, 10'000).empty());
  CHECK(estimate_findings(1, 4'999).empty());
  CHECK_FALSE(estimate_findings(1, 5'000).empty());
}

TEST_CASE("where the number of rows says nothing of the estimate, nothing is reported",
          "[estimate]") {
  CHECK(estimate_findings(100'000, 10, "Limit").empty());
  CHECK(estimate_findings(100'000, 0, "Update", "update documents set body = 'x'").empty());
  call_report call = slow_call("postgresql", by_owner, 0);
  const query_plan plan{.root = {.operation = "Index Scan", .estimated_rows = 100'000}};
  call.reason = report_reason::timeout;
  CHECK(plan_findings(plan, call, {}).empty());
  call.reason = report_reason::slow;
  call.rows.reset();
  CHECK(plan_findings(plan, call, {}).empty());
}
