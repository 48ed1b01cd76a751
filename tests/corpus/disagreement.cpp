#include "disagreement.hpp"

#include <querytap/query/identify.hpp>

#include <regex>

namespace querytap::testing {
namespace {

std::string text_of(const std::string& sql) { return identify(sql, dialect::postgresql).text; }

template <const char* Pattern>
bool both_match(const std::string& one, const std::string& other) {
  static const std::regex pattern{Pattern, std::regex::icase};
  return std::regex_search(text_of(one), pattern) && std::regex_search(text_of(other), pattern);
}

constexpr char function[] = "^create (or replace )?function ";
constexpr char setting[] = "^set ";

/// As libpg_query sees a list of constants: not at all.
std::string without_values(const std::string& sql) {
  static const std::regex value{R"((, )?\?)"};
  return std::regex_replace(text_of(sql), value, "");
}

bool differ_in_number_of_values(const std::string& one, const std::string& other) {
  return without_values(one) == without_values(other);
}

bool differ_in_values_of_no_query(const std::string& one, const std::string& other) {
  const statement_kind kind = identify(one, dialect::postgresql).kind;
  const bool is_query = kind == statement_kind::read || kind == statement_kind::write;
  return !is_query && text_of(one) == text_of(other);
}

using enum disagreement::side;

constexpr disagreement all[] = {
    {judge, both_match<function>,
     "libpg_query leaves out the attributes of a new function, as PARALLEL SAFE: to a person two "
     "functions are two statements"},
    {judge, both_match<setting>,
     "libpg_query leaves out what a setting is set to, even if it is the name of a schema: to a "
     "person that is another setting"},
    {judge, differ_in_number_of_values,
     "libpg_query does not count constants, so that f() is f(1): to a person f has other "
     "arguments"},
    {ours, differ_in_values_of_no_query,
     "libpg_query keeps the literals of a definition that stand in no expression, as the text of a "
     "comment or the number of an operator: to its own scanner they are literals like any other"},
};

}  // namespace

std::span<const disagreement> disagreements() { return all; }

std::string_view reason_of(disagreement::side says_same, const std::string& one,
                           const std::string& other) {
  for (const disagreement& kind : all) {
    if (kind.says_same == says_same && kind.applies(one, other)) return kind.reason;
  }
  return {};
}

}  // namespace querytap::testing
