#pragma once

#include <querytap/analysis/plans/plan_findings.hpp>
#include <unit/runtime/slow_call.hpp>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace querytap::testing {

[[nodiscard]] inline call_report slow_call(std::string_view system, std::string_view sql,
                                           std::uint64_t rows) {
  call_report call = slow_call(system, sql);
  call.rows = rows;
  call.site = {"store.cpp", 42, "find"};
  call.request = "POST /chat";
  return call;
}

/// A table of 20,000 documents with two indexes.
[[nodiscard]] inline server_facts documents_facts() {
  server_facts facts;
  facts.tables.push_back(
      {.name = "documents",
       .rows = 20'000,
       .bytes = 4'000'000,
       .columns = {"id", "owner", "state", "made_at", "tags", "body", "\"Shelf\""},
       .indexes = {
           {.name = "documents_pkey", .method = "btree", .columns = {"id"}},
           {.name = "by_state", .method = "btree", .columns = {"state"}, .is_partial = true}}});
  facts.tables.push_back({.name = "owners", .rows = 50, .columns = {"id", "name"}});
  facts.sort_memory = 4 << 20;
  facts.hash_memory = 8 << 20;
  return facts;
}

/// PostgreSQL's plan that reads all of `documents` for some rows.
[[nodiscard]] inline query_plan scan_plan(std::string condition, double rows = 5) {
  return {.root = {.operation = "Seq Scan",
                   .table = "documents",
                   .condition = std::move(condition),
                   .estimated_rows = rows}};
}

[[nodiscard]] inline std::vector<finding> findings_of_scan(std::string condition, double rows = 5) {
  return plan_findings(scan_plan(std::move(condition), rows),
                       slow_call("postgresql", "select body from documents where x = 1", 5),
                       documents_facts());
}

/// The findings about this statement with one step of a plan by SQLite.
[[nodiscard]] inline std::vector<finding> sqlite_findings(std::string_view sql, plan_node step,
                                                          std::uint64_t rows = 5) {
  const query_plan plan{.root = {.operation = "QUERY PLAN", .inputs = {std::move(step)}}};
  return plan_findings(plan, slow_call("sqlite", sql, rows), documents_facts());
}

}  // namespace querytap::testing
