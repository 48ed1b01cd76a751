#include "plan_rows.hpp"

#include "../../base/numbers.hpp"

#include <querytap/query/identify.hpp>

#include <map>
#include <utility>

namespace querytap::detail {
namespace {

/// What stands before the words, or all of it where they do not stand; the rest stays behind.
std::string_view take_until(std::string_view& text, std::string_view words) {
  const std::size_t end = text.find(words);
  const std::string_view taken = text.substr(0, end);
  text = end == text.npos ? std::string_view{} : text.substr(end + words.size());
  return taken;
}

/// `SCAN TABLE documents AS d` of SQLite before 3.36 is `SCAN d` since.
std::string_view table_of(std::string_view text) {
  if (text.starts_with("TABLE ")) text.remove_prefix(6);
  const std::size_t alias = text.find(" AS ");
  return alias == text.npos ? text : text.substr(alias + 4);
}

std::string_view index_of(std::string_view text) {
  for (const std::string_view words : {"COVERING INDEX ", "INDEX "}) {
    if (text.starts_with(words)) return text.substr(words.size());
  }
  return text;
}

}  // namespace

plan_node sqlite_step(std::string_view detail) {
  for (const std::string_view verb : {"SCAN", "SEARCH"}) {
    if (!detail.starts_with(verb) || detail.substr(verb.size(), 1) != " ") continue;
    std::string_view rest = detail.substr(verb.size() + 1);
    plan_node node{.operation = std::string{verb}};
    node.table = table_of(take_until(rest, " USING "));
    node.index = index_of(take_until(rest, " ("));
    if (rest.ends_with(')')) {
      node.condition = identify(rest.substr(0, rest.size() - 1), dialect::sqlite).text;
    }
    return node;
  }
  return {.operation = std::string{detail}};
}

// Its rows come parents first, each with its number and that of its parent; 0 is the root.
plan_node sqlite_plan(const sqlite_session& session, const std::string& statement) {
  struct step {
    long parent;
    plan_node node;
  };
  std::map<long, step> steps;
  session.query("explain query plan " + statement, {}, [&](const sqlite_session::row& row) {
    steps.insert(
        {leading_number<long>(row(0)), {leading_number<long>(row(1)), sqlite_step(row(3))}});
  });
  plan_node root{.operation = "QUERY PLAN"};
  // A child's number is higher than its parent's, so that each is whole when its turn comes.
  while (!steps.empty()) {
    auto last = steps.extract(std::prev(steps.end()));
    const auto parent = steps.find(last.mapped().parent);
    plan_node& above = parent == steps.end() ? root : parent->second.node;
    above.inputs.insert(above.inputs.begin(), std::move(last.mapped().node));
  }
  return root;
}

}  // namespace querytap::detail
