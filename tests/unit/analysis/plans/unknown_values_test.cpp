// A generic plan, made without the values of the call, raises no finding that the values may refute.

#include <unit/analysis/plans/plan_samples.hpp>

#include <catch2/catch.hpp>

#include <cstdint>
#include <optional>
#include <string>

using namespace querytap;
using namespace querytap::testing;

namespace {

server_facts facts_of_values() {
  server_facts facts = documents_facts();
  facts.tables[0].values = {{"owner", 4'000, 0.001},  // evenly spread
                            {"state", 3, 0.98},       // one value has nearly all rows
                            {"body", 500, 0.3},       // one value is common, the others are not
                            {"made_at", 20'000, 0}};
  facts.tables[0].indexes.push_back(
      {.name = "by_lang", .method = "btree", .columns = {""}, .expressions = "(tags ->> ?)"});
  facts.tables[0].indexes[1].condition = "(state = ?::text)";
  return facts;
}

/// What a generic scan of `documents` with this condition shows, of a call that returned so many rows.
std::string generic_findings(std::string condition, double expected = 5,
                             std::optional<std::uint64_t> rows = {}) {
  query_plan plan = scan_plan(std::move(condition), expected);
  plan.is_generic = true;
  call_report call = slow_call("postgresql", "select body from documents where x = 1", 5);
  call.rows = rows;
  std::string text;
  for (const finding& found : plan_findings(plan, call, facts_of_values())) {
    text += std::string{to_string(found.kind)} + ' ' + found.advice.substr(0, 60) + '\n';
  }
  return text;
}

const std::string owner_index = "missing_index create index concurrently on documents (owner)\n";

}  // namespace

TEST_CASE("equality with a column of many values shows a missing index for any value",
          "[unknown_values]") {
  CHECK(generic_findings("(owner = ?)") == owner_index);
  CHECK(generic_findings("((documents.owner)::text = ?)") == owner_index);
  CHECK(generic_findings("((owner = ?) AND (made_at > ?))") ==
        "missing_index create index concurrently on documents (owner, made_at)\n");
  CHECK(generic_findings("(\"Shelf\" IS NULL)") ==
        "missing_index create index concurrently on documents (\"Shelf\")\n");
}

TEST_CASE("a range, a list, or a value that may be common, shows none", "[unknown_values]") {
  CHECK(generic_findings("(made_at > ?)") == "");
  CHECK(generic_findings("((made_at >= ?) AND (made_at <= ?))") == "");
  CHECK(generic_findings("(owner = ANY (ARRAY[?, ?, ?]))") == "");
  CHECK(generic_findings("(body = ?)") == "");
  for (const char* test : {"(? = ?)", "(?::text <> ?::text)", "(? IS NULL)", "?"}) {
    const std::string condition = "(" + std::string{test} + " OR (lower(owner) = ?))";
    INFO(condition);
    CHECK(generic_findings(condition, 5, 5) == "");
  }
  CHECK(generic_findings("((lower(owner) = ?) AND (? || body = owner))", 5, 5)
            .starts_with("seq_scan"));
  CHECK(generic_findings("(body ~~ ?)") == "");
  CHECK(generic_findings("(lower(owner) = ?)") == "");
}

TEST_CASE("the rows that came show what the values were", "[unknown_values]") {
  CHECK(generic_findings("(body = ?)", 5, 5) ==
        "missing_index create index concurrently on documents (body)\n");
  CHECK(generic_findings("(body = ?)", 5, 6'000) == "");
  CHECK(generic_findings("((made_at >= ?) AND (made_at <= ?))", 100, 90) ==
        "missing_index create index concurrently on documents (made_at)\n");
  CHECK(generic_findings("(lower(owner) = ?)", 5, 5) != "");
}

TEST_CASE("an index that may serve for the values of the call shows none", "[unknown_values]") {
  CHECK(generic_findings("((state = ?) AND (owner = ?))", 5, 5) == "");  // a partial one
  CHECK(generic_findings("((tags ->> ?) = ?)", 5, 5) == "");             // of an expression
  CHECK(generic_findings("((documents.tags ->> ?) = ?)", 5, 5) == "");
  CHECK(generic_findings("((tags ->> ?) = ?)::text", 5, 5) == "");
  CHECK(generic_findings("((id > ?) AND (id < ?))", 100, 90) == "");  // of the column
}

TEST_CASE("an estimate of a generic plan is bad only where no value decides", "[unknown_values]") {
  const auto is_bad = [](std::string condition, double expected, std::uint64_t rows) {
    return generic_findings(std::move(condition), expected, rows).find("bad_estimate") !=
           std::string::npos;
  };
  CHECK(is_bad("(owner = ?)", 5, 9'000));
  CHECK(is_bad("(owner IS NULL)", 5, 9'000));
  CHECK_FALSE(is_bad("(id < ?)", 6'667, 9));
  CHECK_FALSE(is_bad("(owner = ANY (?))", 50, 8'000));
  CHECK_FALSE(is_bad("((owner = ?) AND (made_at > ?))", 2, 9'000));
  CHECK_FALSE(is_bad("(state = ?)", 6'667, 10));
  CHECK_FALSE(is_bad("(body = ?)", 40, 6'000));
  CHECK_FALSE(is_bad("((owner)::int = ?)", 5, 9'000));
}

TEST_CASE("a sort of as many rows as the values let through is not foreseen", "[unknown_values]") {
  const auto spills = [](std::string condition, bool is_generic) {
    query_plan plan{.root = {.operation = "Sort",
                             .estimated_rows = 100'000,
                             .row_width = 76,
                             .inputs = {scan_plan(std::move(condition), 100'000).root}}};
    plan.is_generic = is_generic;
    const call_report call = slow_call("postgresql", "select a from b order by c", 100'000);
    return !plan_findings(plan, call, facts_of_values()).empty();
  };
  CHECK(spills("(id < ?)", false));
  CHECK_FALSE(spills("(id < ?)", true));
  CHECK(spills("", true));
}

TEST_CASE("partitions are one table, and those that the values choose are not known",
          "[unknown_values]") {
  server_facts facts = facts_of_values();
  facts.tables[0].partition_of = "papers";
  facts.tables[0].partition_key = "RANGE (made_at)";
  facts.tables.push_back(facts.tables[0]);
  facts.tables.back().name = "documents_2";
  const auto found = [&](const std::string& condition) {
    query_plan plan{.root = {.operation = "Append",
                             .inputs = {scan_plan(condition).root, scan_plan(condition).root}}};
    plan.root.inputs[1].table = "documents_2";
    plan.is_generic = true;
    call_report call = slow_call("postgresql", "select body from papers where x = 1", 5);
    call.rows.reset();
    std::string text;
    for (const finding& finding : plan_findings(plan, call, facts)) {
      text += finding.table + ": " + finding.advice + '\n';
    }
    return text;
  };
  CHECK(found("(owner = ?)") == "papers: create index on papers (owner)\n");
  CHECK(found("((owner = ?) AND (made_at > ?))") == "");
}

TEST_CASE("a plan that assumes its conditions shows nothing of a call without rows",
          "[unknown_values]") {
  const auto found = [](std::string_view system, query_plan plan, std::uint64_t rows) {
    plan.is_generic = true;
    plan.assumes_conditions = true;
    return plan_findings(plan,
                         slow_call(system, "select body from documents where owner = 1", rows),
                         facts_of_values())
        .size();
  };
  const query_plan scan{
      .root = {.operation = "QUERY PLAN", .inputs = {{.operation = "SCAN", .table = "documents"}}}};
  CHECK(found("postgresql", scan_plan("(owner = ?)"), 5) == 1);
  CHECK(found("postgresql", scan_plan("(owner = ?)"), 0) == 0);
  CHECK(found("sqlite", scan, 5) == 1);
  CHECK(found("sqlite", scan, 0) == 0);
}

TEST_CASE("a limit that ends SQLite's scan says nothing of how much of the table is read",
          "[unknown_values]") {
  const auto found = [](std::string_view sql) {
    const query_plan plan{.root = {.operation = "QUERY PLAN",
                                   .inputs = {{.operation = "SCAN", .table = "documents"}}}};
    return plan_findings(plan, slow_call("sqlite", sql, 5), facts_of_values()).size();
  };
  CHECK(found("select body from documents where body like ? limit 5") == 0);
  CHECK(found("select body from documents where made_at > ? limit 5") == 0);
  CHECK(found("select body from documents where owner = ? limit 5") == 1);
}

TEST_CASE("a limit that ends PostgreSQL's scan says nothing of an index", "[unknown_values]") {
  const auto found = [](double limit, std::string between, double expected) {
    query_plan plan{
        .root = {.operation = "Limit",
                 .estimated_rows = limit,
                 .inputs = {{.operation = std::move(between),
                             .inputs = {scan_plan("(lower(owner) = 'x')", expected).root}}}}};
    const call_report call = slow_call("postgresql", "select body from documents where x = 1", 5);
    return plan_findings(plan, call, facts_of_values()).size();
  };
  CHECK(found(5, "LockRows", 100) == 0);
  CHECK(found(5, "LockRows", 10) == 1);  // half of the table
  CHECK(found(5, "Sort", 100) == 1);
}

TEST_CASE("SQLite's scan for unknown values shows nothing where they decide", "[unknown_values]") {
  const auto found = [](std::string_view sql, std::uint64_t rows = 5) {
    query_plan plan{.root = {.operation = "QUERY PLAN",
                             .inputs = {{.operation = "SCAN", .table = "documents"}}}};
    plan.is_generic = true;
    return plan_findings(plan, slow_call("sqlite", sql, rows), facts_of_values()).size();
  };
  CHECK(found("select body from documents where owner = 'x'") == 1);
  CHECK(found("select body from documents where made_at > 5") == 1);  // five rows of all
  CHECK(found("select body from documents where made_at > 5 limit 5") == 0);
  CHECK(found("select count(*) from documents where made_at > 5", 1) == 0);
  CHECK(found("select count(*) from documents where owner = 'x'", 1) == 1);
  CHECK(found("select body from documents where state = 'open' and owner = 'x'") == 0);
  CHECK(found("select body from documents where tags ->> 'lang' = 'x'") == 0);
  CHECK(found("select body from documents where id like 'x%'") == 0);
}
