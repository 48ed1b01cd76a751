#include "index_advice.hpp"
#include "plan_rules.hpp"
#include "table_references.hpp"
#include "unknown_values.hpp"

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

const std::string& name_of_whole_table(const table_facts& table) {
  return table.partition_of.empty() ? table.name : table.partition_of;
}

/// An index that begins with a tested column.
const index_facts* unused_index(const table_scan& scan) {
  return scan.index.columns.empty() ? nullptr : existing_index(scan.index, scan.table);
}

std::string scan_message(const table_scan& scan) {
  return fmt::format("reads all of {}, some {} rows, {}", scan.table.name,
                     grouped_digits(scan.table.rows),
                     scan.rows ? fmt::format("for {} of them", grouped_digits(*scan.rows))
                               : std::string{"to aggregate those that pass its condition"});
}

void report_scan(const plan_evidence& evidence, const table_scan& scan,
                 std::vector<finding>& findings) {
  const table_facts& table = scan.table;
  const index_facts* const unused = unused_index(scan);
  const bool is_missing = !scan.index.columns.empty() && unused == nullptr;
  finding result = finding_about_call(
      evidence.call, is_missing ? finding_kind::missing_index : finding_kind::seq_scan,
      name_of_whole_table(table));
  result.message = scan_message(scan);
  if (is_missing) {
    result.advice =
        create_index_statement(find_database_system(evidence.call.system), table, scan.index);
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
  if (evidence.call.full_scan_steps > 0) {
    result.evidence.set(
        {"full_scan_steps", static_cast<std::int64_t>(evidence.call.full_scan_steps)});
  }
  findings.push_back(std::move(result));
}

bool is_about(const std::vector<finding>& findings, std::string_view table) {
  return std::ranges::find(findings, table, &finding::table) != findings.end();
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

/// Whether a LIMIT ends the reading before all of the table is read.
bool ends_early(const plan_node& root, token_span statement) {
  const bool has_limit =
      std::ranges::any_of(statement, [](const sql_token& token) { return token.is("limit"); });
  bool sorts = false;
  for_each_step(root, [&](const plan_node& node, const plan_node*) {
    sorts = sorts || node.operation.starts_with("USE TEMP B-TREE") ||
            node.operation == "Filesort" || node.operation == "Temporary Table";
  });
  return has_limit && !sorts;
}

/// How many rows came out of the scan, if the call returned them all as they were.
std::optional<double> rows_of_scan(const plan_evidence& evidence, const plan_node& scan) {
  static constexpr std::array<std::string_view, 4> passing{"Sort", "Incremental Sort", "Gather",
                                                           "Gather Merge"};
  if (!evidence.has_rows() || evidence.call.statement->kind != statement_kind::read) return {};
  for (const plan_node* node = &evidence.plan.root; node != &scan; node = &node->inputs.front()) {
    const bool passes = std::ranges::find(passing, node->operation) != passing.end();
    if (!passes || node->inputs.size() != 1) return {};
  }
  return evidence.rows();
}

/// Whether a LIMIT above the scan is expected to end it soon: it lets few of the rows through that
/// would come, and no step between needs them all.
bool is_ended_by_limit(const plan_evidence& evidence, const plan_node& above, const plan_node& scan,
                       std::optional<double> limit = {}) {
  static constexpr std::array<std::string_view, 5> passing{"Gather", "LockRows", "Result",
                                                           "Subquery Scan", "Append"};
  if (&above == &scan) return limit && *limit <= largest_share_of_few_rows * scan.estimated_rows;
  if (above.operation == "Limit") {
    // That of a subquery is not known from the rows that came.
    const bool is_known = !evidence.plan.is_generic || &above == &evidence.plan.root;
    limit = is_known ? above.estimated_rows : 1;
  } else if (std::ranges::find(passing, above.operation) == passing.end()) {
    limit.reset();
  }
  return std::ranges::any_of(above.inputs, [&](const plan_node& input) {
    return is_ended_by_limit(evidence, input, scan, limit);
  });
}

/// Whether the values of the call decide if the table is read at all.
bool do_values_choose_partition(const table_facts& table, token_span condition) {
  const auto key = sanitised_tokens(table.partition_key, dialect::postgresql);
  return std::ranges::any_of(tests_of(condition), [&](const column_test& test) {
    return test.values > 0 && std::ranges::any_of(key, [&](const sql_token& token) {
             return token.is_name() && same_name(token.text, test.column);
           });
  });
}

/// Whether the call, with its own values, may not have read the table like this, or with reason.
bool is_for_unknown_values(const plan_evidence& evidence, const plan_node& node,
                           const table_scan& scan, token_span condition) {
  if (!evidence.plan.is_generic || count_of_values(condition) == 0) return false;
  const auto tests = tests_of(condition);
  if (has_test_of_values(condition)) return true;
  if (may_have_index_for_values(condition, tests, scan.table)) return true;
  if (do_values_choose_partition(scan.table, condition)) return true;
  if (unused_index(scan) != nullptr && do_values_decide(condition, &scan.table)) return true;
  return !rows_of_scan(evidence, node) && !do_few_pass_always(tests, scan.table);
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
    table_scan scan{*table, node.estimated_rows, advise_index(tests_of(condition), *table)};
    if (is_for_unknown_values(evidence, node, scan, condition)) return;
    if (is_ended_by_limit(evidence, evidence.plan.root, node)) return;
    const bool is_known = !table->partition_of.empty() && is_about(findings, table->partition_of);
    if (is_known || !is_reportable(scan)) return;
    if (evidence.plan.is_generic && rows_of_scan(evidence, node)) scan.rows = evidence.rows();
    if (is_reportable(scan)) report_scan(evidence, scan, findings);
  });
}

/// Of SQLite, and of MariaDB or MySQL.
bool is_scan_of_table(const plan_node& node) {
  return (node.operation == "SCAN" && node.index.empty()) || node.operation == "Full Table Scan";
}

// SQLite's plan names neither conditions nor estimates, and what MariaDB expects to pass a condition
// without an index is all: the statement and the rows that it returned say more.
void find_scans_by_statement(const plan_evidence& evidence, std::vector<finding>& findings) {
  const auto text = sanitised_tokens(evidence.call.statement->text,
                                     find_database_system(evidence.call.system).dialect);
  const std::vector<table_alias> aliases = tables_in(text);
  // The outermost loop of a join reads all rows that its own tests let through.
  std::vector<column_test> tests = tests_in(text);
  std::erase_if(tests, [](const column_test& test) { return test.is_join; });
  const std::optional<double> rows = rows_needed(evidence.call, text);
  const std::vector<sql_token> conditions = conditions_in(text);
  const bool is_ended = ends_early(evidence.plan.root, text);
  for_each_step(evidence.plan.root, [&](const plan_node& node, const plan_node*) {
    if (!is_scan_of_table(node)) return;
    const table_facts* const table = facts_by_alias(node.table, aliases, evidence.facts);
    if (table == nullptr) return;
    const auto own_tests = tests_on(node.table, tests);
    const table_scan scan{*table, rows, advise_index(own_tests, *table)};
    const bool is_generic = evidence.plan.is_generic;
    if (is_generic && may_have_index_for_values(conditions, own_tests, *table)) return;
    const bool may_read_less = is_ended || (is_generic && !rows);
    if (may_read_less && !do_few_pass_always(own_tests, *table)) return;
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
        result.advice = create_index_statement(system, *table, index);
      }
    }
    findings.push_back(std::move(result));
  });
  if (!is_in_plan && call.automatic_index_rows > 0) {
    findings.push_back(automatic_index_finding(call, {}));
  }
}

}  // namespace querytap::detail
