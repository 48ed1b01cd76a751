// A sort or hash that by the planner's estimate does not fit into memory is reported.

#include <unit/analysis/plans/plan_samples.hpp>

#include <catch2/catch.hpp>

using namespace querytap;
using namespace querytap::testing;

namespace {

plan_node step(std::string operation, double rows, double width) {
  return {.operation = std::move(operation), .estimated_rows = rows, .row_width = width};
}

std::vector<finding> spill_findings(plan_node root) {
  return plan_findings({.root = std::move(root)},
                       slow_call("postgresql", "select a from b order by c", 100'000),
                       documents_facts());
}

}  // namespace

TEST_CASE("a sort larger than work_mem spills, and the advice names the memory that it needs",
          "[spill]") {
  const auto found = spill_findings(step("Sort", 100'000, 76));
  REQUIRE(found.size() == 1);
  CHECK(found[0].kind == finding_kind::spill);
  CHECK(
      found[0].message ==
      "by the planner's estimate, Sort of 100,000 rows of 76 bytes takes 10 MB, more than the 4 MB "
      "of work_mem: it goes by way of files");
  CHECK(
      found[0].advice ==
      "set local work_mem = '12MB' for this statement, or return and sort fewer columns and rows");
}

TEST_CASE("a hash has hash_mem_multiplier times as much memory", "[spill]") {
  CHECK(spill_findings(step("Hash", 60'000, 76)).empty());
  const auto found = spill_findings(step("Hash", 100'000, 76));
  REQUIRE(found.size() == 1);
  CHECK_THAT(found[0].message, Catch::Contains("8 MB of work_mem x hash_mem_multiplier"));
  CHECK_THAT(found[0].advice, Catch::Contains("work_mem = '6MB'"));
  CHECK(spill_findings(step("HashAggregate", 100'000, 76)).size() == 1);
  CHECK(spill_findings(step("Hash Join", 100'000, 76)).empty());
}

TEST_CASE("a sort that fits, or that retains only the first rows, does not spill", "[spill]") {
  CHECK(spill_findings(step("Sort", 40'000, 76)).empty());
  plan_node limit = step("Limit", 10, 76);
  limit.inputs.push_back(step("Sort", 100'000, 76));
  CHECK(spill_findings(limit).empty());
}

TEST_CASE("where the memory is not known, nothing is reported", "[spill]") {
  CHECK(plan_findings({.root = step("Sort", 1e9, 76)},
                      slow_call("postgresql", "select a from b order by c", 1'000'000'000), {})
            .empty());
}
