#include "disagreement.hpp"

#include <querytap/query/identify.hpp>

#include <regex>

namespace querytap::testing {
namespace {

// Backslashes as libpg_query reads them.
statement_identity judged_identity(const std::string& sql) {
  return identify(sql, dialect::postgresql, {.backslash_escapes = false});
}

std::string text_of(const std::string& sql) { return judged_identity(sql).text; }

template <const char* Pattern>
bool both_match(const std::string& left, const std::string& right) {
  static const std::regex pattern{Pattern, std::regex::icase};
  return std::regex_search(text_of(left), pattern) && std::regex_search(text_of(right), pattern);
}

constexpr char create_function[] = "^create (or replace )?function ";

/// The text as libpg_query sees it, which ignores lists of constants.
std::string without_values(const std::string& sql) {
  static const std::regex value{R"((, )?\?)"};
  return std::regex_replace(text_of(sql), value, "");
}

bool differ_in_number_of_values(const std::string& left, const std::string& right) {
  return without_values(left) == without_values(right);
}

bool differ_in_values_of_no_query(const std::string& left, const std::string& right) {
  const statement_kind kind = judged_identity(left).kind;
  const bool is_query = kind == statement_kind::read || kind == statement_kind::write;
  return !is_query && text_of(left) == text_of(right);
}

constexpr disagreement known_disagreements[] = {
    {disagreement::side::judge, both_match<create_function>,
     "libpg_query leaves out the attributes of a new function, as PARALLEL SAFE: to a person two "
     "functions are two statements"},
    {disagreement::side::judge, differ_in_number_of_values,
     "libpg_query does not count constants, so that f() is f(1): to a person f has other "
     "arguments"},
    {disagreement::side::ours, differ_in_values_of_no_query,
     "libpg_query keeps the literals of a definition that stand in no expression, as the text of a "
     "comment or the number of an operator: to its own scanner they are literals like any other"},
};

}  // namespace

std::span<const disagreement> disagreements() { return known_disagreements; }

std::string_view reason_of(disagreement::side says_same, const std::string& left,
                           const std::string& right) {
  for (const disagreement& kind : known_disagreements) {
    if (kind.says_same == says_same && kind.applies(left, right)) return kind.reason;
  }
  return {};
}

}  // namespace querytap::testing
