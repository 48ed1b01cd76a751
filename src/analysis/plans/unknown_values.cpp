#include "unknown_values.hpp"

#include "index_advice.hpp"

#include <querytap/base/database_system.hpp>

#include <algorithm>
#include <array>
#include <string_view>

namespace querytap::detail {
namespace {

// Between a value that is as common as the mean and one that is so many times more or less common, a
// planner seldom decides otherwise.
constexpr double largest_skew = 10;

const column_values* values_of_column(std::string_view column, const table_facts* table) {
  if (table == nullptr) return nullptr;
  const auto found = std::ranges::find_if(
      table->values, [&](const column_values& known) { return same_name(known.column, column); });
  return found == table->values.end() || found->distinct <= 0 ? nullptr : &*found;
}

/// Whether all values of the column are about equally common, as far as is known.
bool is_spread_evenly(std::string_view column, const table_facts* table) {
  const column_values* const known = values_of_column(column, table);
  if (known == nullptr || known->largest_share == 0) return true;
  const double others = std::max(known->distinct - 1, 1.0);
  const double mean_of_others = (1 - known->largest_share) / others;
  return known->largest_share * known->distinct <= largest_skew &&
         mean_of_others * known->distinct >= 1 / largest_skew;
}

bool is_equality(const column_test& test) {
  return test.how == column_test::sort::equal && !test.is_list && !test.is_join &&
         cast_keeps_order(test.cast_to);
}

bool has_column_named(token_span text, std::string_view column) {
  return std::ranges::any_of(text, [&](const sql_token& token) {
    return token.is_name() && same_name(token.text, column);
  });
}

/// Without brackets, casts and the tables of columns, which the catalog and a plan write otherwise.
std::vector<sql_token> bare_expression(token_span text) {
  using enum sql_token::sort;
  std::vector<sql_token> bare;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at].kind == open || text[at].kind == close) continue;
    if (text[at].kind == cast) {
      ++at;
      continue;
    }
    if (text[at].kind == dot) {
      if (!bare.empty()) bare.pop_back();
      continue;
    }
    bare.push_back(text[at]);
  }
  return bare;
}

bool contains_expression(token_span condition, token_span expression) {
  const auto is_equal = [](const sql_token& a, const sql_token& b) {
    return a.kind == b.kind && same_word(a.text, b.text);
  };
  const std::vector<sql_token> whole = bare_expression(condition);
  const std::vector<sql_token> part = bare_expression(expression);
  return !part.empty() &&
         std::search(whole.begin(), whole.end(), part.begin(), part.end(), is_equal) != whole.end();
}

bool is_for_some_rows(const index_facts& index, token_span condition, const table_facts& table) {
  if (!index.is_partial || count_of_values(condition) == 0) return false;
  const auto which = sanitised_tokens(index.condition, dialect::postgresql);
  if (which.empty()) return true;  // nothing is known of the condition
  return std::ranges::any_of(table.columns, [&](const std::string& column) {
    return has_column_named(which, column) && has_column_named(condition, column);
  });
}

bool is_for_expression(const index_facts& index, token_span condition) {
  const auto expressions = sanitised_tokens(index.expressions, dialect::postgresql);
  return count_of_values(expressions) > 0 && contains_expression(condition, expressions);
}

bool is_begin_of_test(token_span condition, std::size_t at) {
  if (at == 0 || condition[at - 1].kind == sql_token::sort::open) return true;
  static constexpr std::array<std::string_view, 3> words{"and", "or", "not"};
  return std::ranges::any_of(words,
                             [&](std::string_view word) { return condition[at - 1].is(word); });
}

bool is_for_beginnings(const index_facts& index, const std::vector<column_test>& tests) {
  return std::ranges::any_of(tests, [&](const column_test& test) {
    return test.how == column_test::sort::pattern && !index.columns.empty() &&
           same_name(index.columns.front(), test.column);
  });
}

// A condition of a join, or of an index alone, has no table in its own step.
bool do_values_decide(const plan_node& node, const plan_evidence& evidence) {
  // The expression of a group may have values, too.
  static constexpr std::array<std::string_view, 6> unknown_sizes{
      "Function Scan", "Table Function", "Recursive Union", "ProjectSet", "Aggregate", "Group"};
  const bool has_unknown_size = std::ranges::any_of(unknown_sizes, [&](std::string_view name) {
    return node.operation.find(name) != std::string::npos;
  });
  if (has_unknown_size) return true;
  const table_facts* const table = evidence.facts.find(node.table);
  if (table != nullptr && !table->partition_of.empty()) return true;
  const auto condition =
      sanitised_tokens(node.condition, find_database_system(evidence.call.system).dialect);
  return do_values_decide(condition, table);
}

}  // namespace

bool do_values_decide(token_span condition, const table_facts* table) {
  std::size_t unknown = count_of_values(condition);
  for (const column_test& test : tests_of(condition)) {
    const bool is_even = is_equality(test) && is_spread_evenly(test.column, table);
    if (is_even) unknown -= std::min(unknown, test.values);
  }
  return unknown > 0;
}

bool has_test_of_values(token_span condition) {
  using enum sql_token::sort;
  const auto past_value = [&](std::size_t at) {
    ++at;
    while (at + 1 < condition.size() && condition[at].kind == cast) at += 2;
    return at;
  };
  for (std::size_t at = 0; at < condition.size(); ++at) {
    if (condition[at].kind != value || !is_begin_of_test(condition, at)) continue;
    const std::size_t behind = past_value(at);
    if (behind >= condition.size()) return true;
    if (condition[behind].is("is") || condition[behind].is("or")) return true;
    const bool is_comparison = condition[behind].kind == operation &&
                               behind + 1 < condition.size() && condition[behind + 1].kind == value;
    if (!is_comparison) continue;
    const std::size_t end = past_value(behind + 1);
    if (end >= condition.size() || condition[end].kind != operation) return true;
  }
  return false;
}

bool do_values_decide(const plan_evidence& evidence) {
  if (!evidence.plan.is_generic) return false;
  bool decide = false;
  for_each_step(evidence.plan.root, [&](const plan_node& node, const plan_node*) {
    decide = decide || node.operation == "Limit" || do_values_decide(node, evidence);
  });
  return decide;
}

bool may_have_index_for_values(token_span condition, const std::vector<column_test>& tests,
                               const table_facts& table) {
  return std::ranges::any_of(table.indexes, [&](const index_facts& index) {
    return is_for_some_rows(index, condition, table) || is_for_expression(index, condition) ||
           is_for_beginnings(index, tests);
  });
}

bool do_few_pass_always(const std::vector<column_test>& tests, const table_facts& table) {
  return std::ranges::any_of(tests, [&](const column_test& test) {
    if (!is_equality(test)) return false;
    const column_values* const known = values_of_column(test.column, &table);
    if (known == nullptr) return true;
    return std::max(known->largest_share, 1 / known->distinct) <= largest_share_of_few_rows;
  });
}

}  // namespace querytap::detail
