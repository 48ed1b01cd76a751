#include "index_advice.hpp"
#include "plan_rules.hpp"
#include "table_references.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <ranges>

namespace querytap::detail {
namespace {

struct scan {
  const table_facts& table;
  std::optional<double> rows;  // that come out of it, where that is known
  advised_index index;
};

dialect dialect_of(const call_report& call) {
  return call.system == "sqlite" ? dialect::sqlite : dialect::postgresql;
}

void tell_scan(const plan_evidence& in, const scan& what, std::vector<finding>& to) {
  const table_facts& table = what.table;
  const index_facts* const unused =
      what.index.columns.empty() ? nullptr : existing_index(what.index, table);
  const bool is_missing = !what.index.columns.empty() && unused == nullptr;
  finding result =
      about(in.call, is_missing ? finding_kind::missing_index : finding_kind::seq_scan, table.name);
  result.message =
      fmt::format("reads all of {}, some {} rows, {}", table.name, whole(table.rows),
                  what.rows ? fmt::format("for {} of them", whole(*what.rows))
                            : std::string{"to aggregate those that pass its condition"});
  if (is_missing) {
    result.advice = create_statement(in.call.system, table.name, what.index);
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
  if (what.rows) result.evidence.set({"rows", *what.rows});
  if (table.bytes > 0) result.evidence.set({"table_bytes", table.bytes});
  to.push_back(std::move(result));
}

bool is_worth_telling(const scan& what) {
  const double all = what.table.rows;
  if (all < large_table) return false;
  return what.rows ? *what.rows <= few_of_all * all : !what.index.columns.empty();
}

/// Of a table that a plan calls by its alias; null where nothing is known of it.
const table_facts* table_called(std::string_view name, const std::vector<table_alias>& aliases,
                                const server_facts& facts) {
  const auto known_as = [&](std::string_view table) -> const table_facts* {
    for (const table_facts& one : facts.tables) {
      if (same_name(one.name, table)) return &one;
    }
    return nullptr;
  };
  for (const table_alias& one : aliases) {
    if (same_name(one.name, name)) return known_as(one.table);
  }
  return known_as(name);
}

/// The tests of the statement that may be of that table: unqualified ones are if it has the column.
std::vector<column_test> tests_on(std::string_view name, const std::vector<column_test>& all) {
  std::vector<column_test> found;
  for (const column_test& one : all) {
    if (one.qualifier.empty() || same_name(one.qualifier, name)) found.push_back(one);
  }
  return found;
}

/// Whether what it returns says nothing of how many rows it needed.
bool is_aggregate(tokens statement) {
  static constexpr std::array<std::string_view, 8> functions{
      "count", "sum", "total", "avg", "min", "max", "group_concat", "distinct"};
  for (std::size_t at = 0; at + 1 < statement.size(); ++at) {
    if (statement[at].is("group") && statement[at + 1].is("by")) return true;
    const bool is_one = std::ranges::any_of(
        functions, [&](std::string_view name) { return statement[at].is(name); });
    if (is_one && (statement[at + 1].kind == sql_token::sort::open || statement[at].is("distinct")))
      return true;
  }
  return false;
}

bool has_condition(tokens statement) {
  return std::ranges::any_of(statement, [](const sql_token& one) { return one.is("where"); });
}

/// How many rows the statement needed, if it returned them all.
std::optional<double> rows_needed(const call_report& call, tokens statement) {
  if (is_aggregate(statement)) return std::nullopt;
  return call.rows ? static_cast<double>(*call.rows) : 0;
}

bool is_automatic(const plan_node& node) {
  return node.index.find("AUTOMATIC") != std::string::npos;
}

finding automatic_index(const plan_evidence& in, std::string table) {
  finding result = about(in.call, finding_kind::automatic_index, std::move(table));
  result.message = fmt::format(
      "SQLite made an index{} for this one call, of {} rows, and threw it away",
      result.table.empty() ? std::string{} : " on " + result.table,
      in.call.automatic_index_rows == 0 ? std::string{"all its"}
                                        : whole(static_cast<double>(in.call.automatic_index_rows)));
  result.advice = "index the columns that the join compares";
  result.evidence.set(
      {"automatic_index_rows", static_cast<std::int64_t>(in.call.automatic_index_rows)});
  return result;
}

}  // namespace

void find_scans(const plan_evidence& in, std::vector<finding>& to) {
  for_each_step(in.plan.root, [&](const plan_node& node, const plan_node* above) {
    if (!node.operation.ends_with("Seq Scan")) return;
    // It reads no further than it must.
    if (above != nullptr && above->operation == "Limit" && node.condition.empty()) return;
    const table_facts* const table = in.facts.find(node.table);
    if (table == nullptr) return;
    const auto condition = sanitised_tokens(node.condition, dialect::postgresql);
    const scan found{*table, node.estimated_rows, advise(tests_of(condition), *table)};
    if (is_worth_telling(found)) tell_scan(in, found, to);
  });
}

// SQLite tells neither conditions nor estimates in its plan: the statement and what came of it do.
void find_sqlite_scans(const plan_evidence& in, std::vector<finding>& to) {
  const auto text = sanitised_tokens(in.call.statement->text, dialect_of(in.call));
  const std::vector<table_alias> aliases = tables_in(text);
  // The outermost loop of a join reads all rows that its own tests let through.
  std::vector<column_test> tests = tests_in(text);
  std::erase_if(tests, [](const column_test& one) { return one.is_join; });
  const std::optional<double> rows = rows_needed(in.call, text);
  for_each_step(in.plan.root, [&](const plan_node& node, const plan_node*) {
    if (node.operation != "SCAN" || !node.index.empty()) return;
    const table_facts* const table = table_called(node.table, aliases, in.facts);
    if (table == nullptr) return;
    const scan found{*table, rows, advise(tests_on(node.table, tests), *table)};
    const bool tests_something =
        !found.index.columns.empty() || (aliases.size() == 1 && has_condition(text));
    if (tests_something && is_worth_telling(found)) tell_scan(in, found, to);
  });
}

void find_automatic_indexes(const plan_evidence& in, std::vector<finding>& to) {
  const auto text = sanitised_tokens(in.call.statement->text, dialect_of(in.call));
  const std::vector<table_alias> aliases = tables_in(text);
  bool is_in_plan = false;
  for_each_step(in.plan.root, [&](const plan_node& node, const plan_node*) {
    if (!is_automatic(node)) return;
    is_in_plan = true;
    const table_facts* const table = table_called(node.table, aliases, in.facts);
    finding result = automatic_index(in, table == nullptr ? node.table : table->name);
    if (table != nullptr) {
      const auto condition = sanitised_tokens(node.condition, dialect::sqlite);
      const advised_index index = advise(tests_of(condition), *table);
      if (!index.columns.empty()) {
        result.advice = create_statement(in.call.system, table->name, index);
      }
    }
    to.push_back(std::move(result));
  });
  if (!is_in_plan && in.call.automatic_index_rows > 0) to.push_back(automatic_index(in, {}));
}

}  // namespace querytap::detail
