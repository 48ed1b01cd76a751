#include <querytap/query/nearest_neighbours.hpp>

#include "../../base/ascii.hpp"
#include "../../base/numbers.hpp"
#include "../text/sanitised_tokens.hpp"
#include "token_walk.hpp"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

namespace querytap {
namespace {

using detail::sql_token;

struct metric_name {
  std::string_view sign;
  std::string_view metric;
};

constexpr std::array<metric_name, 6> pgvector_operators{{{"<->", "l2"},
                                                         {"<=>", "cosine"},
                                                         {"<#>", "inner_product"},
                                                         {"<+>", "l1"},
                                                         {"<~>", "hamming"},
                                                         {"<%>", "jaccard"}}};

constexpr std::array<metric_name, 5> distance_functions{{{"vec_distance_l2", "l2"},
                                                         {"vec_distance_l1", "l1"},
                                                         {"vec_distance_cosine", "cosine"},
                                                         {"vec_distance_hamming", "hamming"},
                                                         {"vec_distance_euclidean", "l2"}}};

std::optional<std::string_view> metric_of_token(const sql_token& token, dialect dialect) noexcept {
  if (token.kind == sql_token::sort::operation && dialect == dialect::postgresql) {
    const auto found = std::ranges::find(pgvector_operators, token.text, &metric_name::sign);
    if (found != pgvector_operators.end()) return found->metric;
  }
  if (token.kind == sql_token::sort::word) {
    const auto found = std::ranges::find_if(distance_functions, [&](const metric_name& known) {
      return detail::same_word(known.sign, token.text);
    });
    if (found != distance_functions.end()) return found->metric;
  }
  return std::nullopt;
}

// Most statements are none: their tokens need not be made.
bool may_look_for_neighbours(std::string_view text, dialect dialect) noexcept {
  const auto has = [text](std::string_view word) {
    const auto same = [](char a, char b) { return detail::ascii_lower(a) == b; };
    return std::search(text.begin(), text.end(), word.begin(), word.end(), same) != text.end();
  };
  if (dialect == dialect::postgresql && text.find('<') != text.npos) return true;
  return has("vec_distance_") || (dialect == dialect::sqlite && has("match"));
}

// The tokens of the ORDER BY that stands outside of brackets, up to the end.
detail::token_span order_of(detail::token_span tokens) noexcept {
  for (std::size_t at = 0; at + 1 < tokens.size();) {
    if (tokens[at].kind == sql_token::sort::open) {
      at = detail::past_brackets(tokens, at);
    } else if (tokens[at].is("order") && tokens[at + 1].is("by")) {
      return tokens.subspan(at + 2);
    } else {
      ++at;
    }
  }
  return {};
}

// MATCH alone may be a search for words: only vec0 has a `k` that is compared.
bool is_search_of_vec0(detail::token_span tokens) noexcept {
  const bool has_match =
      std::ranges::any_of(tokens, [](const sql_token& token) { return token.is("match"); });
  if (!has_match) return false;
  for (std::size_t at = 0; at + 1 < tokens.size(); ++at) {
    if (tokens[at].is("k") && tokens[at + 1].text == "=") return true;
  }
  return false;
}

}  // namespace

std::optional<nearest_neighbours> find_nearest_neighbours(const statement_identity& statement,
                                                          dialect dialect) {
  if (statement.kind != statement_kind::read || statement.is_named) return std::nullopt;
  if (dialect != dialect::postgresql && dialect != dialect::sqlite) return std::nullopt;
  if (!may_look_for_neighbours(statement.text, dialect)) return std::nullopt;
  const std::vector<sql_token> tokens = detail::sanitised_tokens(statement.text, dialect);
  const std::string table = statement.tables.empty() ? std::string{} : statement.tables.front();
  if (dialect == dialect::sqlite && is_search_of_vec0(tokens)) return nearest_neighbours{{}, table};
  for (const sql_token& token : order_of(tokens)) {
    if (const auto metric = metric_of_token(token, dialect)) {
      return nearest_neighbours{std::string{*metric}, table};
    }
  }
  return std::nullopt;
}

namespace {

/// Goes through a text as it is sent, and counts its parameters.
class limit_reader {
 public:
  limit_reader(std::string_view sql, dialect dialect) noexcept
      : text_{sql},
        dialect_{dialect},
        lexer_{text_, detail::sql_rules{dialect, detail::setting::off, detail::setting::on}} {}

  [[nodiscard]] search_limit read() noexcept {
    const detail::token_walk walk{lexer_, {}};
    for (const char* at = lexer_.next_token(text_.begin()); at < lexer_.end();) {
      const char* const stop = walk.past_token(at);
      if (stop == nullptr || stop <= at) break;
      const char* const end = end_of_number(at, stop);
      take(detail::text_between(at, end));
      at = lexer_.next_token(end);
    }
    return found_;
  }

 private:
  // A parameter's sign and its number are one token.
  [[nodiscard]] const char* end_of_number(const char* at, const char* stop) const noexcept {
    return *at == '$' || *at == '?' ? lexer_.past_digits(at + 1) : stop;
  }

  void take(std::string_view token) noexcept {
    const bool is_parameter = token.starts_with('?') || (token.size() > 1 && token[0] == '$');
    if (token == "?") ++parameters_;
    switch (expects_) {
      case expected::number: take_number(token, is_parameter); break;
      case expected::equals: expects_ = token == "=" ? expected::number : expected::nothing; break;
      case expected::comma_or_nothing:
        expects_ =
            token == "," && dialect_ == dialect::sqlite ? expected::number : expected::nothing;
        break;
      case expected::nothing: break;
    }
    if (is_word(token, "limit") || is_word(token, "first") || is_word(token, "next")) {
      expects_ = expected::number;
    } else if (is_word(token, "k") && dialect_ == dialect::sqlite) {
      expects_ = expected::equals;
    }
  }

  void take_number(std::string_view token, bool is_parameter) noexcept {
    if (is_parameter) {
      const auto number = detail::whole_number<std::uint32_t>(token.substr(1));
      found_ = {.parameter = number.value_or(token == "?" ? parameters_ : 0)};
      expects_ = expected::comma_or_nothing;
    } else if (const auto number = detail::whole_number<std::uint64_t>(token)) {
      found_ = {.literal = *number};
      expects_ = expected::comma_or_nothing;
    } else {
      expects_ = expected::nothing;
    }
  }

  [[nodiscard]] static bool is_word(std::string_view token, std::string_view word) noexcept {
    return detail::equal_ignoring_case(token, word);
  }

  enum class expected : std::uint8_t { nothing, equals, number, comma_or_nothing };

  const detail::overread_text text_;
  const dialect dialect_;
  const detail::sql_lexer lexer_;
  search_limit found_;
  expected expects_ = expected::nothing;
  std::uint32_t parameters_ = 0;
};

}  // namespace

search_limit find_search_limit(std::string_view sql, dialect dialect) noexcept {
  return limit_reader{sql, dialect}.read();
}

}  // namespace querytap
