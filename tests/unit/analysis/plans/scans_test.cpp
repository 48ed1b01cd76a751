// A scan of a large table for few rows is reported, with the index that would serve where there is
// one.

#include <unit/analysis/plans/plan_samples.hpp>

#include <catch2/catch.hpp>

using namespace querytap;
using namespace querytap::testing;

namespace {

/// The advice, or the kind where it names no index.
std::string advice(const std::vector<finding>& found) {
  if (found.empty()) return "none";
  CHECK(found.size() == 1);
  return found[0].kind == finding_kind::missing_index ? found[0].advice
                                                      : std::string{to_string(found[0].kind)};
}

std::string advised(std::string condition) {
  return advice(findings_of_scan(std::move(condition)));
}

std::string advised_for_sqlite(std::string_view sql, std::string alias = "documents") {
  return advice(sqlite_findings(sql, {.operation = "SCAN", .table = std::move(alias)}));
}

const std::string on_documents = "create index concurrently on documents ";

}  // namespace

TEST_CASE("a missing index is reported with statement, table, line, numbers and what to do",
          "[scans]") {
  const auto found = findings_of_scan("(owner = ?)");
  REQUIRE(found.size() == 1);
  CHECK(found[0].kind == finding_kind::missing_index);
  CHECK(found[0].system == "postgresql");
  CHECK(found[0].statement->summary == "select documents");
  CHECK(found[0].table == "documents");
  CHECK(to_string(found[0].site) == "store.cpp:42");
  CHECK(found[0].request == "POST /chat");
  CHECK(found[0].message == "reads all of documents, some 20,000 rows, for 5 of them");
  CHECK(found[0].advice == on_documents + "(owner)");
  CHECK(found[0].evidence.find("table_rows") != nullptr);
}

TEST_CASE("equal columns come first, then one range", "[scans]") {
  CHECK(advised("((owner = ?) AND (made_at > ?))") == on_documents + "(owner, made_at)");
  CHECK(advised("((made_at > ?) AND (owner = ?))") == on_documents + "(owner, made_at)");
  CHECK(advised("((made_at > ?) AND (made_at < ?) AND (body > ?))") == on_documents + "(made_at)");
  CHECK(advised("(made_at BETWEEN ? AND ?)") == on_documents + "(made_at)");
  CHECK(advised("((owner = ?) AND (owner = ?))") == on_documents + "(owner)");
}

TEST_CASE("conditions are read as PostgreSQL writes them", "[scans]") {
  CHECK(advised("(documents.owner = ?)") == on_documents + "(owner)");
  CHECK(advised("((documents.owner)::text = ?)") == on_documents + "(owner)");
  CHECK(advised("(owner = ANY (?))") == on_documents + "(owner)");
  CHECK(advised("(owner IS NULL)") == on_documents + "(owner)");
  CHECK(advised("(? = owner)") == on_documents + "(owner)");
  CHECK(advised("(\"Shelf\" = ?)") == on_documents + "(\"Shelf\")");
  CHECK(advised("(made_at > (now() - ?))") == on_documents + "(made_at)");
  CHECK(advised("(tags @> ?)") ==
        on_documents.substr(0, on_documents.size() - 1) + " using gin (tags)");
}

TEST_CASE("a condition that no plain index serves names none", "[scans]") {
  CHECK(advised("((owner = ?) OR (state = ?))") == "seq_scan");
  CHECK(advised("(lower(owner) = ?)") == "seq_scan");
  CHECK(advised("(owner <> ?)") == "seq_scan");
  CHECK(advised("(owner <> ALL (?))") == "seq_scan");
  CHECK(advised("((made_at)::date = ?)") == "seq_scan");
  CHECK(advised("(owner ~~ ?)") == "seq_scan");
  CHECK(advised("(owner = body)") == "seq_scan");
  CHECK(advised("(NOT (owner = ?))") == "seq_scan");
  CHECK(advised("(no_column = ?)") == "seq_scan");
}

TEST_CASE("an existing index that is not used is named instead", "[scans]") {
  const auto found = findings_of_scan("(id = ?)");
  REQUIRE(found.size() == 1);
  CHECK(found[0].kind == finding_kind::seq_scan);
  CHECK_THAT(found[0].advice, Catch::StartsWith("documents_pkey begins with a column"));
  // An index that does not cover all rows may not serve.
  CHECK(advised("(state = ?)") == on_documents + "(state)");
}

TEST_CASE("scans of small tables or of many rows are not reported", "[scans]") {
  CHECK(findings_of_scan("(owner = ?)", 1'001).empty());
  CHECK_FALSE(findings_of_scan("(owner = ?)", 1'000).empty());
  server_facts small = documents_facts();
  small.tables[0].rows = 9'999;
  const call_report call =
      slow_call("postgresql", "select body from documents where owner = 'x'", 5);
  CHECK(plan_findings(scan_plan("(owner = ?)"), call, small).empty());
  CHECK(plan_findings(scan_plan("(owner = ?)"), call, {}).empty());
  const query_plan first_rows{.root = {.operation = "Limit", .inputs = {scan_plan("").root}}};
  CHECK(plan_findings(first_rows, call, documents_facts()).empty());
}

TEST_CASE("a scan is found wherever it is in the plan, by several processes too", "[scans]") {
  query_plan plan{.root = {.operation = "Gather", .inputs = {scan_plan("(owner = ?)").root}}};
  plan.root.inputs[0].operation = "Parallel Seq Scan";
  const call_report call =
      slow_call("postgresql", "select body from documents where owner = 'x'", 5);
  CHECK(plan_findings(plan, call, documents_facts()).size() == 1);
}

TEST_CASE("SQLite's conditions are read from the statement", "[scans]") {
  CHECK(advised_for_sqlite("select body from documents where owner = 'x' and made_at > 5") ==
        "create index documents_owner_made_at on documents (owner, made_at)");
  CHECK(advised_for_sqlite("select body from documents where owner in (1, 2)") ==
        "create index documents_owner on documents (owner)");
  CHECK(advised_for_sqlite("select body from documents as d where d.owner = 'x'", "d") ==
        "create index documents_owner on documents (owner)");
  CHECK(advised_for_sqlite("select body from Documents where OWNER = 'x'") ==
        "create index documents_owner on documents (owner)");
  CHECK(advised_for_sqlite("delete from documents where owner = 'x'") ==
        "create index documents_owner on documents (owner)");
  CHECK(advised_for_sqlite("select body from documents where [Shelf] = 1") ==
        "create index documents_Shelf on documents (\"Shelf\")");
  CHECK(advised_for_sqlite("select body from documents where lower(owner) = 'x'") == "seq_scan");
}

TEST_CASE("of a join in SQLite, the tests of the table itself count", "[scans]") {
  CHECK(advised_for_sqlite("select 1 from documents d join owners o on o.id = d.owner "
                           "where d.state = 'x' and o.name = 'y'",
                           "d") == "create index documents_state on documents (state)");
  CHECK(advised_for_sqlite("select 1 from documents d join owners o on o.id = d.owner "
                           "where o.name = 'y'",
                           "d") == "none");
}

TEST_CASE("an aggregate is reported without the number of rows that it needed", "[scans]") {
  const auto found = sqlite_findings("select count(*) from documents where owner = 'x'",
                                     {.operation = "SCAN", .table = "documents"}, 1);
  REQUIRE(found.size() == 1);
  CHECK(found[0].message ==
        "reads all of documents, some 20,000 rows, to aggregate those that pass its condition");
  CHECK(advised_for_sqlite("select count(*) from documents") == "none");
  CHECK(advised_for_sqlite("select state, max(body) from documents group by state") == "none");
}

TEST_CASE("a scan of an index is not a scan of the table", "[scans]") {
  CHECK(sqlite_findings("select id from documents where owner = 'x'",
                        {.operation = "SCAN", .table = "documents", .index = "by_owner"})
            .empty());
  CHECK(sqlite_findings("select id from documents where owner = 'x'",
                        {.operation = "SEARCH", .table = "documents", .index = "by_owner"})
            .empty());
}

TEST_CASE("an automatic index is reported with the index that would replace it", "[scans]") {
  call_report call =
      slow_call("sqlite", "select 1 from owners o join documents d on d.owner = o.id", 5);
  call.automatic_index_rows = 20'000;
  const query_plan plan{.root = {.operation = "QUERY PLAN",
                                 .inputs = {{.operation = "SCAN", .table = "o"},
                                            {.operation = "SEARCH",
                                             .table = "d",
                                             .index = "AUTOMATIC COVERING INDEX",
                                             .condition = "owner = ?"}}}};
  const auto found = plan_findings(plan, call, documents_facts());
  REQUIRE(found.size() == 1);
  CHECK(found[0].kind == finding_kind::automatic_index);
  CHECK(found[0].message ==
        "SQLite made an index on documents for this one call, of 20,000 rows, and threw it away");
  CHECK(found[0].advice == "create index documents_owner on documents (owner)");
}
