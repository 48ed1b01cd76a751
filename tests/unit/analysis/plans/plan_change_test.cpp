// Plans have the same shape if they take the same steps; a finding names the steps that changed.

#include <unit/analysis/plans/plan_samples.hpp>

#include <analysis/plans/plan_change.hpp>
#include <analysis/plans/plan_shape.hpp>

#include <catch2/catch.hpp>

using namespace querytap;
using namespace querytap::testing;

namespace {

query_plan sorted(plan_node input) {
  query_plan plan{.root = {.operation = "Sort", .inputs = {std::move(input)}}};
  plan.shape = plan_shape(plan.root);
  return plan;
}

const plan_node scan{.operation = "Seq Scan", .table = "documents"};
const plan_node index_search{.operation = "Index Scan", .table = "documents", .index = "by_owner"};

std::string change(const query_plan& before, const query_plan& after) {
  const auto found = plan_change(before, after, slow_call("postgresql", "select 1", 1));
  return found ? found->message : "none";
}

}  // namespace

TEST_CASE("estimates and conditions do not change the shape", "[plan_change]") {
  plan_node other = scan;
  other.condition = "owner = ?";
  other.estimated_rows = 7;
  other.estimated_cost = 8;
  CHECK(plan_shape(other) == plan_shape(scan));
  CHECK(change(sorted(scan), sorted(other)) == "none");
}

TEST_CASE("steps, tables, indexes and their order change the shape", "[plan_change]") {
  plan_node other = scan;
  other.table = "owners";
  CHECK(plan_shape(other) != plan_shape(scan));
  CHECK(plan_shape(index_search) != plan_shape(scan));
  const plan_node chain{.operation = "A", .inputs = {{.operation = "B"}, {.operation = "C"}}};
  const plan_node deeper{.operation = "A",
                         .inputs = {{.operation = "B", .inputs = {{.operation = "C"}}}}};
  CHECK(plan_shape(chain) != plan_shape(deeper));
  // Where one name ends and the next begins counts.
  CHECK(plan_shape({.operation = "ab", .table = "c"}) !=
        plan_shape({.operation = "a", .table = "bc"}));
}

TEST_CASE("plans that were made for other values, or another limit, are not compared",
          "[plan_change]") {
  query_plan before = sorted(scan);
  query_plan after = sorted(index_search);
  before.is_generic = after.is_generic = true;
  before.note = after.note = "generic plan, for the first 10 rows\n";
  CHECK_THAT(change(before, after), Catch::Contains("became"));
  after.note = "generic plan, for the first 20 rows\n";
  CHECK(change(before, after) == "none");
  after.note = before.note;
  after.is_of_one_call = true;
  CHECK(change(before, after) == "none");
}

TEST_CASE("a shape is the same in every process", "[plan_change]") {
  CHECK(plan_shape(scan) == 0xFBEE4C5E4C20EFB8);
}

TEST_CASE("a change names the steps before and after", "[plan_change]") {
  CHECK_THAT(
      change(sorted(index_search), sorted(scan)),
      Catch::Contains("Index Scan on documents using by_owner became Seq Scan on documents") &&
          !Catch::Contains("Sort"));
  plan_node both = scan;
  both.inputs = {index_search};
  CHECK_THAT(change(sorted(scan), sorted(both)),
             Catch::EndsWith("Index Scan on documents using by_owner is new"));
  CHECK_THAT(change(sorted(both), sorted(scan)),
             Catch::EndsWith("Index Scan on documents using by_owner is gone"));
  const plan_node join{.operation = "Hash Join", .inputs = {scan, index_search}};
  plan_node nested = join;
  nested.inputs = {scan};
  nested.inputs[0].inputs = {index_search};
  CHECK_THAT(change(sorted(join), sorted(nested)), Catch::Contains("in another order"));
}

TEST_CASE("a change of many steps names the first of them", "[plan_change]") {
  query_plan before = sorted(scan);
  query_plan after = sorted(scan);
  for (int i = 0; i < 10; ++i) {
    after.root.inputs.push_back({.operation = "Step " + std::to_string(i)});
  }
  after.shape = plan_shape(after.root);
  CHECK_THAT(change(before, after), Catch::Contains("Step 3 and 6 more is new"));
}
