#include "table_references.hpp"

#include <algorithm>
#include <array>

namespace querytap::detail {
namespace {

// Words that end a list of tables or a condition, and never are an alias.
constexpr std::array<std::string_view, 27> clause_words{
    "where",  "on",        "group",     "order",  "limit", "having",  "union", "except", "set",
    "window", "intersect", "returning", "join",   "left",  "right",   "inner", "cross",  "natural",
    "full",   "outer",     "using",     "offset", "fetch", "indexed", "not",   "values", "select"};

bool begins_clause(const sql_token& token) {
  return std::ranges::any_of(clause_words, [&](std::string_view word) { return token.is(word); });
}

bool begins_tables(const sql_token& token) {
  return token.is("from") || token.is("join") || token.is("update") || token.is("into");
}

/// Adds the table that begins at `at`, and returns the place behind it.
std::size_t read_table(token_span text, std::size_t at, std::vector<table_alias>& tables) {
  if (at >= text.size() || !text[at].is_name()) return at;
  std::string_view table = text[at++].text;
  while (at + 1 < text.size() && text[at].kind == sql_token::sort::dot && text[at + 1].is_name()) {
    table = text[at + 1].text;
    at += 2;
  }
  std::string_view alias = table;
  if (at < text.size() && text[at].is("as")) ++at;
  if (at < text.size() && text[at].is_name() && !begins_clause(text[at])) alias = text[at++].text;
  tables.push_back({alias, table});
  return at;
}

void read_tables(token_span text, std::size_t at, std::vector<table_alias>& tables) {
  at = read_table(text, at, tables);
  while (at < text.size() && text[at].kind == sql_token::sort::comma) {
    const std::size_t past = read_table(text, at + 1, tables);
    if (past == at + 1) return;
    at = past;
  }
}

/// The end of the condition that begins at `at`.
std::size_t end_of_condition(token_span text, std::size_t at) {
  while (at < text.size() && text[at].kind != sql_token::sort::close) {
    const bool is_operator = text[at].is("not");
    if (begins_clause(text[at]) && !is_operator) break;
    at = text[at].kind == sql_token::sort::open ? past_brackets(text, at) : at + 1;
  }
  return at;
}

/// `using (a, b)` tests these columns of both tables.
void add_using_columns(token_span names, std::vector<column_test>& tests) {
  for (const sql_token& name : names) {
    if (name.is_name()) tests.push_back({.column = name.text, .is_join = true});
  }
}

}  // namespace

std::vector<table_alias> tables_in(token_span statement) {
  std::vector<table_alias> found;
  for (std::size_t at = 0; at < statement.size(); ++at) {
    if (begins_tables(statement[at])) read_tables(statement, at + 1, found);
  }
  return found;
}

std::vector<sql_token> conditions_in(token_span statement) {
  std::vector<sql_token> found;
  for (std::size_t at = 0; at + 1 < statement.size(); ++at) {
    if (!statement[at].is("where") && !statement[at].is("on")) continue;
    const auto condition = statement.subspan(at + 1, end_of_condition(statement, at + 1) - at - 1);
    found.insert(found.end(), condition.begin(), condition.end());
  }
  return found;
}

std::vector<column_test> tests_in(token_span statement) {
  std::vector<column_test> found;
  for (std::size_t at = 0; at + 1 < statement.size(); ++at) {
    if (statement[at].is("where") || statement[at].is("on")) {
      const std::size_t end = end_of_condition(statement, at + 1);
      const auto tests = tests_of(statement.subspan(at + 1, end - at - 1));
      found.insert(found.end(), tests.begin(), tests.end());
    } else if (statement[at].is("using") && statement[at + 1].kind == sql_token::sort::open) {
      add_using_columns(statement.subspan(at + 2, past_brackets(statement, at + 1) - at - 2),
                        found);
    }
  }
  return found;
}

}  // namespace querytap::detail
