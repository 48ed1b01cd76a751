#include "mysql_digest_text.hpp"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

namespace querytap::detail {
namespace {

using digest_tokens = std::vector<std::string>;

// Stands for one more value at least: of `?, ...` and of `(...)`.
constexpr std::string_view more_values = "...";
// A number of values that nothing tells.
constexpr std::size_t unknown_number = 0;

/// Splits at blanks outside backquotes, and parentheses with values in them into their parts.
digest_tokens tokens_of_digest(std::string_view text) {
  digest_tokens tokens;
  bool is_in_comment = false;
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = at;
    bool is_quoted = false;
    for (; end < text.size() && (is_quoted || text[end] != ' '); ++end) {
      if (text[end] == '`') is_quoted = !is_quoted;
    }
    const std::string_view token = text.substr(at, end - at);
    at = end + 1;
    if (token.empty()) continue;
    if (token == "/*" || token == "*/") {
      is_in_comment = token == "/*";
    } else if (is_in_comment) {
      continue;  // `/* , ... */` behind the first of several rows
    } else if (token == "(?)") {
      tokens.insert(tokens.end(), {"(", "?", ")"});
    } else if (token == "(...)") {
      tokens.insert(tokens.end(), {"(", "?", std::string{more_values}, ")"});
    } else if (token == "?,") {
      tokens.emplace_back("?");  // `...` follows
    } else {
      tokens.emplace_back(token);
    }
  }
  return tokens;
}

struct digest_word {
  std::string_view printed;
  std::string_view usual;
};

constexpr digest_word usual_words[] = {
    {"DISTINCTROW", "DISTINCT"}, {"RLIKE", "REGEXP"}, {"VARCHARACTER", "VARCHAR"},
    {"INTEGER", "INT"},          {"INT8", "BIGINT"},  {"SYSTEM_USER", "USER"},
    {"(_charset)", "_utf8mb4"},
};

constexpr std::string_view interval_prefix = "SQL_TSI_";

std::string usual_word(const digest_tokens& tokens, std::size_t at) {
  const std::string& token = tokens[at];
  const std::string_view next = at + 1 < tokens.size() ? std::string_view{tokens[at + 1]} : "";
  if (token.starts_with(interval_prefix)) return token.substr(interval_prefix.size());
  if (token == "CHARACTER" && next != "SET") return "CHAR";
  if (token == "CURDATE" && next != "(") return "CURRENT_DATE";
  if (token == "NOW" && next != "(") return "CURRENT_TIMESTAMP";
  const bool is_first = at == 1;
  if (token == "SCHEMA") return "DATABASE";
  if (token == "FIELDS" && is_first) return "COLUMNS";
  if (token == "EXPLAIN" && next.starts_with('`')) return "DESCRIBE";
  const auto* const found = std::ranges::find(usual_words, token, &digest_word::printed);
  return found == std::end(usual_words) ? token : std::string{found->usual};
}

/// How many arguments a function has whose values the digest may hide.
std::size_t arguments_of(std::string_view function) {
  if (function == "IF") return 3;
  if (function == "DECIMAL") return 2;
  return unknown_number;
}

/// Whether a minus behind this token is the sign of a value.
bool precedes_sign(std::string_view token) {
  constexpr std::array words{"=",    "!=",      "<",      ">",      "<=",  ">=",    "<=>",
                             "(",    ",",       "+",      "*",      "/",   "%",     "DIV",
                             "MOD",  "AND",     "OR",     "NOT",    "XOR", "THEN",  "ELSE",
                             "WHEN", "BETWEEN", "SELECT", "WHERE",  "BY",  "LIMIT", "IN",
                             "LIKE", "SET",     "CASE",   "HAVING", "ON",  "RETURN"};
  return std::ranges::find(words, token) != words.end();
}

class digest_unfolder {
 public:
  explicit digest_unfolder(digest_tokens tokens) : tokens_{std::move(tokens)} {}

  unfolded_digest unfolded() {
    if (!tokens_.empty()) {
      is_insert_ = tokens_[0] == "INSERT" || tokens_[0] == "REPLACE";
    }
    while (at_ < tokens_.size()) take(unknown_number);
    return std::move(digest_);
  }

 private:
  [[nodiscard]] std::string_view previous() const {
    return at_ == 0 ? std::string_view{} : std::string_view{tokens_[at_ - 1]};
  }
  [[nodiscard]] bool is_at(std::size_t offset, std::string_view token) const {
    return at_ + offset < tokens_.size() && tokens_[at_ + offset] == token;
  }
  void put(std::string_view token) {
    if (!digest_.text.empty()) digest_.text += ' ';
    digest_.text += token;
  }

  /// One token, or a list in parentheses. `inner`: how many values a list within has.
  void take(std::size_t inner) {
    const std::string& token = tokens_[at_];
    if (token == "(") return take_list(inner);
    if (token == "VALUES") in_values_ = previous() == ")" || is_insert_;
    if (token == "VALUES") columns_ = previous() == ")" ? items_ : unknown_number;
    if (token == "ON" || token == "SELECT") in_values_ = false;
    if (token == more_values) return take_more(unknown_number);
    if (token == "-" && is_at(1, "?") && precedes_sign(previous())) {
      ++at_;  // the sign is a part of the value
      return;
    }
    if (token == "?" && previous() == "?") {
      ++at_;  // 'a' 'b' is one text
      return;
    }
    if (token == "BY") place_depth_ = depth_;
    if (token == "LIMIT" || token == "HAVING" || token == "FOR") place_depth_ = no_depth;
    const bool may_be_place = previous() == "BY" || (previous() == "," && place_depth_ == depth_);
    if (token == "?" && may_be_place) return take_place();
    if (token == "@?") digest_.is_certain = false;
    put(usual_word(tokens_, at_));
    ++at_;
  }

  // `order by 2` keeps its number in the identity.
  void take_place() {
    digest_.is_certain = false;
    put("1");
    ++at_;
  }

  void take_more(std::size_t number) {
    for (std::size_t i = 0; i < number; ++i) {
      put(",");
      put("?");
    }
    if (number == unknown_number) {
      put(",");
      put("?");
      digest_.is_certain = digest_.is_certain && is_of_two();
    }
    ++at_;
  }

  // LIMIT has two at most, and in a list behind IN their number does not matter.
  [[nodiscard]] bool is_of_two() const {
    return in_list_of_in_ || (at_ >= 2 && tokens_[at_ - 2] == "LIMIT");
  }

  void take_list(std::size_t expected) {
    const std::string before{previous()};
    const bool is_row = in_values_ && depth_ == 0 && (before == "VALUES" || before == ",");
    if (is_row) expected = columns_;
    if (expected == unknown_number) expected = arguments_of(before);
    const bool is_of_in = before == "IN";
    const std::size_t row =
        is_of_in && at_ >= 2 && tokens_[at_ - 2] == ")" ? items_ : unknown_number;
    const auto [items, groups] = counted_items();
    const std::size_t missing = expected > items && groups == 1 ? expected - items : unknown_number;

    const bool was_in_list = std::exchange(in_list_of_in_, is_of_in && row == unknown_number);
    put("(");
    ++at_;
    ++depth_;
    while (at_ < tokens_.size() && tokens_[at_] != ")") {
      if (tokens_[at_] == more_values) {
        take_more(missing);
      } else {
        take(row);
      }
    }
    if (place_depth_ == depth_) place_depth_ = no_depth;
    --depth_;
    if (at_ < tokens_.size()) {
      put(")");
      ++at_;
    }
    in_list_of_in_ = was_in_list;
    items_ = items + missing;
  }

  /// Items and groups of hidden values of the list that begins here.
  [[nodiscard]] std::pair<std::size_t, std::size_t> counted_items() const {
    std::size_t items = 1;
    std::size_t groups = 0;
    std::size_t depth = 0;
    for (std::size_t i = at_ + 1; i < tokens_.size(); ++i) {
      const std::string& token = tokens_[i];
      if (token == ")" && depth == 0) break;
      if (token == "(") ++depth;
      if (token == ")") --depth;
      if (depth != 0) continue;
      if (token == ",") ++items;
      if (token == more_values) ++groups;
    }
    return {items, groups};
  }

  static constexpr std::size_t no_depth = static_cast<std::size_t>(-1);

  const digest_tokens tokens_;
  std::size_t at_ = 0;
  std::size_t depth_ = 0;
  std::size_t place_depth_ = no_depth;    // of the list behind BY
  std::size_t items_ = unknown_number;    // of the list that was closed last
  std::size_t columns_ = unknown_number;  // of the INSERT
  bool is_insert_ = false;
  bool in_values_ = false;
  bool in_list_of_in_ = false;
  unfolded_digest digest_;
};

}  // namespace

unfolded_digest unfold_digest(std::string_view digest_text) {
  return digest_unfolder{tokens_of_digest(digest_text)}.unfolded();
}

// A token takes two bytes, and a name two more and itself.
bool may_be_cut_off(std::string_view digest_text, std::size_t limit) {
  constexpr std::size_t longest_name = 64 + 4;
  std::size_t bytes = 0;
  for (const std::string& token : tokens_of_digest(digest_text)) {
    bytes += token.starts_with('`') ? 2 + token.size() : 2;
  }
  return bytes + longest_name > limit;
}

}  // namespace querytap::detail
