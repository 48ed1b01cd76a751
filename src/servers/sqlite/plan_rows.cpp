#include "plan_rows.hpp"

#include "../../base/numbers.hpp"

#include <querytap/query/identify.hpp>

#include <map>
#include <utility>

namespace querytap::detail {
namespace {

/// Removes the text before the separator, and the separator, from `text`, and returns the removed
/// text. All of `text` where there is no separator.
std::string_view take_before(std::string_view& text, std::string_view separator) {
  const std::size_t end = text.find(separator);
  const std::string_view taken = text.substr(0, end);
  text = end == text.npos ? std::string_view{} : text.substr(end + separator.size());
  return taken;
}

/// SQLite before 3.36 writes `SCAN TABLE documents AS d`, later versions write `SCAN d`.
std::string_view table_in_step(std::string_view text) {
  if (text.starts_with("TABLE ")) text.remove_prefix(6);
  const std::size_t alias = text.find(" AS ");
  return alias == text.npos ? text : text.substr(alias + 4);
}

std::string_view index_in_step(std::string_view text) {
  for (const std::string_view prefix : {"COVERING INDEX ", "INDEX "}) {
    if (text.starts_with(prefix)) return text.substr(prefix.size());
  }
  return text;
}

/// `f VIRTUAL TABLE INDEX 0:M1`: the table, and how its module reads it. With 0 and nothing behind
/// the colon it reads everything, which is no index.
void read_virtual_table(std::string_view text, plan_node& node) {
  static constexpr std::string_view separator = " VIRTUAL TABLE INDEX ";
  const std::size_t end = text.find(separator);
  node.table = table_in_step(text.substr(0, end));
  const std::string_view access = text.substr(end + separator.size());
  if (access != "0:") node.index = text.substr(end + 1);
}

/// Later versions of SQLite mark the right table of a LEFT JOIN.
std::string_view without_join_mark(std::string_view text) {
  static constexpr std::string_view mark = " LEFT-JOIN";
  if (text.ends_with(mark)) text.remove_suffix(mark.size());
  return text;
}

/// SQLite writes `<expr>` for what an index on an expression compares.
std::string condition_in_step(std::string_view text) {
  static constexpr std::string_view sign = "<expr>";
  std::string condition{text};
  for (std::size_t at = 0; (at = condition.find(sign, at)) != condition.npos;) {
    condition.replace(at, sign.size(), "expression");
  }
  return identify(condition, dialect::sqlite).text;
}

long step_id(std::string_view text) { return leading_number<long>(text); }

}  // namespace

plan_node sqlite_step(std::string_view detail) {
  for (const std::string_view verb : {"SCAN", "SEARCH"}) {
    if (!detail.starts_with(verb) || detail.substr(verb.size(), 1) != " ") continue;
    std::string_view rest = without_join_mark(detail.substr(verb.size() + 1));
    if (rest.ends_with("CONSTANT ROW") || rest.ends_with("CONSTANT ROWS")) break;
    plan_node node{.operation = std::string{verb}};
    if (rest.find(" VIRTUAL TABLE INDEX ") != rest.npos) {
      read_virtual_table(rest, node);
      return node;
    }
    node.table = table_in_step(take_before(rest, " USING "));
    node.index = index_in_step(take_before(rest, " ("));
    if (rest.ends_with(')')) {
      node.condition = condition_in_step(rest.substr(0, rest.size() - 1));
    }
    return node;
  }
  return {.operation = std::string{detail}};
}

// SQLite returns parents before children, each row with its own number and its parent's; 0 is the
// root.
plan_node sqlite_plan(const sqlite_session& session, const std::string& statement) {
  struct step {
    long parent;
    plan_node node;
  };
  std::map<long, step> steps;
  session.query("explain query plan " + statement, {}, [&](const sqlite_session::row& row) {
    steps.insert({step_id(row(0)), {step_id(row(1)), sqlite_step(row(3))}});
  });
  plan_node root{.operation = "QUERY PLAN"};
  // A child's number is higher than its parent's: from the highest down, each step has all its
  // children before it moves into its parent.
  while (!steps.empty()) {
    auto last = steps.extract(std::prev(steps.end()));
    const auto parent = steps.find(last.mapped().parent);
    plan_node& above = parent == steps.end() ? root : parent->second.node;
    above.inputs.insert(above.inputs.begin(), std::move(last.mapped().node));
  }
  return root;
}

}  // namespace querytap::detail
