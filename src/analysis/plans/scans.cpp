#include "index_advice.hpp"
#include "plan_rules.hpp"
#include "table_references.hpp"

#include <querytap/base/database_system.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <ranges>

namespace querytap::detail {
namespace {

struct table_scan {
  const table_facts& table;
  std::optional<double> rows;  // that come out of it, where that is known
  advised_index index;
};

std::string scan_message(const table_scan& scan) {
  return fmt::format("reads all of {}, some {} rows, {}", scan.table.name,
                     grouped_digits(scan.table.rows),
                     scan.rows ? fmt::format("for {} of them", grouped_digits(*scan.rows))
                               : std::string{"to aggregate those that pass its condition"});
}

void report_scan(const plan_evidence& evidence, const table_scan& scan,
                 std::vector<finding>& findings) {
  const table_facts& table = scan.table;
  const index_facts* const unused =
      scan.index.columns.empty() ? nullptr : existing_index(scan.index, table);
  const bool is_missing = !scan.index.columns.empty() && unused == nullptr;
  finding result = finding_about_call(
      evidence.call, is_missing ? finding_kind::missing_index : finding_kind::seq_scan, table.name);
  result.message = scan_message(scan);
  if (is_missing) {
    result.advice =
        create_index_statement(find_database_system(evidence.call.system), table.name, scan.index);
  } else if (unused != nullptr) {
    result.advice = fmt::format(
        "{} begins with a column of the condition and is not used: analyze {}, and compare the "
        "column as it is stored, without a function or another type around it",
        unused->name, table.name);
  } else {
    result.advice = fmt::format(
        "no plain index serves this condition: index the expression that it tests, or keep what it "
        "asks for in a column of {}",
        table.name);
  }
  result.evidence.set({"table_rows", table.rows});
  if (scan.rows) result.evidence.set({"rows", *scan.rows});
  if (table.bytes > 0) result.evidence.set({"table_bytes", table.bytes});
  findings.push_back(std::move(result));
}

bool is_reportable(const table_scan& scan) {
  const double all = scan.table.rows;
  if (all < fewest_rows_of_large_table) return false;
  return scan.rows ? *scan.rows <= largest_share_of_few_rows * all : !scan.index.columns.empty();
}

/// The facts of a table that a plan names by its alias; null where nothing is known of the table.
const table_facts* facts_by_alias(std::string_view name, const std::vector<table_alias>& aliases,
                                  const server_facts& facts) {
  const auto facts_of = [&](std::string_view wanted) -> const table_facts* {
    for (const table_facts& table : facts.tables) {
      if (same_name(table.name, wanted)) return &table;
    }
    return nullptr;
  };
  for (const table_alias& alias : aliases) {
    if (same_name(alias.name, name)) return facts_of(alias.table);
  }
  return facts_of(name);
}

/// The tests of the statement that may be of this table: every unqualified test, and those that
/// are qualified with its name.
std::vector<column_test> tests_on(std::string_view table, const std::vector<column_test>& all) {
  std::vector<column_test> found;
  for (const column_test& test : all) {
    if (test.qualifier.empty() || same_name(test.qualifier, table)) found.push_back(test);
  }
  return found;
}

/// Whether the rows that the statement returns say nothing of how many rows it needed.
bool is_aggregate(token_span statement) {
  static constexpr std::array<std::string_view, 8> functions{
      "count", "sum", "total", "avg", "min", "max", "group_concat", "distinct"};
  for (std::size_t at = 0; at + 1 < statement.size(); ++at) {
    if (statement[at].is("group") && statement[at + 1].is("by")) return true;
    const bool is_function = std::ranges::any_of(
        functions, [&](std::string_view name) { return statement[at].is(name); });
    const bool is_call = statement[at + 1].kind == sql_token::sort::open;
    if (is_function && (is_call || statement[at].is("distinct"))) return true;
  }
  return false;
}

bool has_condition(token_span statement) {
  return std::ranges::any_of(statement, [](const sql_token& token) { return token.is("where"); });
}

/// How many rows the statement needed, if it returned them all.
std::optional<double> rows_needed(const call_report& call, token_span statement) {
  if (is_aggregate(statement)) return std::nullopt;
  return call.rows ? static_cast<double>(*call.rows) : 0;
}

bool uses_automatic_index(const plan_node& node) {
  return node.index.find("AUTOMATIC") != std::string::npos;
}

finding automatic_index_finding(const call_report& call, std::string table) {
  finding result = finding_about_call(call, finding_kind::automatic_index, std::move(table));
  const auto rows = static_cast<double>(call.automatic_index_rows);
  result.message =
      fmt::format("SQLite made an index{} for this one call, of {} rows, and threw it away",
                  result.table.empty() ? std::string{} : " on " + result.table,
                  rows == 0 ? std::string{"all its"} : grouped_digits(rows));
  result.advice = "index the columns that the join compares";
  result.evidence.set(
      {"automatic_index_rows", static_cast<std::int64_t>(call.automatic_index_rows)});
  return result;
}

}  // namespace

void find_scans(const plan_evidence& evidence, std::vector<finding>& findings) {
  const dialect dialect = find_database_system(evidence.call.system).dialect;
  for_each_step(evidence.plan.root, [&](const plan_node& node, const plan_node* above) {
    if (!node.operation.ends_with("Seq Scan")) return;
    // It reads no further than it must.
    if (above != nullptr && above->operation == "Limit" && node.condition.empty()) return;
    const table_facts* const table = evidence.facts.find(node.table);
    if (table == nullptr) return;
    const auto condition = sanitised_tokens(node.condition, dialect);
    const table_scan scan{*table, node.estimated_rows, advise_index(tests_of(condition), *table)};
    if (is_reportable(scan)) report_scan(evidence, scan, findings);
  });
}

// SQLite's plan names neither conditions nor estimates: the statement and the rows that it returned
// do.
void find_scans_by_statement(const plan_evidence& evidence, std::vector<finding>& findings) {
  const auto text = sanitised_tokens(evidence.call.statement->text,
                                     find_database_system(evidence.call.system).dialect);
  const std::vector<table_alias> aliases = tables_in(text);
  // The outermost loop of a join reads all rows that its own tests let through.
  std::vector<column_test> tests = tests_in(text);
  std::erase_if(tests, [](const column_test& test) { return test.is_join; });
  const std::optional<double> rows = rows_needed(evidence.call, text);
  for_each_step(evidence.plan.root, [&](const plan_node& node, const plan_node*) {
    if (node.operation != "SCAN" || !node.index.empty()) return;
    const table_facts* const table = facts_by_alias(node.table, aliases, evidence.facts);
    if (table == nullptr) return;
    const table_scan scan{*table, rows, advise_index(tests_on(node.table, tests), *table)};
    const bool tests_something =
        !scan.index.columns.empty() || (aliases.size() == 1 && has_condition(text));
    if (tests_something && is_reportable(scan)) report_scan(evidence, scan, findings);
  });
}

void find_automatic_indexes(const plan_evidence& evidence, std::vector<finding>& findings) {
  const call_report& call = evidence.call;
  const database_system& system = find_database_system(call.system);
  const auto text = sanitised_tokens(call.statement->text, system.dialect);
  const std::vector<table_alias> aliases = tables_in(text);
  bool is_in_plan = false;
  for_each_step(evidence.plan.root, [&](const plan_node& node, const plan_node*) {
    if (!uses_automatic_index(node)) return;
    is_in_plan = true;
    const table_facts* const table = facts_by_alias(node.table, aliases, evidence.facts);
    finding result = automatic_index_finding(call, table == nullptr ? node.table : table->name);
    if (table != nullptr) {
      const auto condition = sanitised_tokens(node.condition, system.dialect);
      const advised_index index = advise_index(tests_of(condition), *table);
      if (!index.columns.empty()) {
        result.advice = create_index_statement(system, table->name, index);
      }
    }
    findings.push_back(std::move(result));
  });
  if (!is_in_plan && call.automatic_index_rows > 0) {
    findings.push_back(automatic_index_finding(call, {}));
  }
}

}  // namespace querytap::detail
