#include "explained_text.hpp"

#include "../../query/text/sanitised_tokens.hpp"
#include "equal_expressions.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <span>

namespace querytap::detail {
namespace {

using token_kind = sql_token::sort;

template <std::size_t Size>
bool is_one_of(const sql_token& token, const std::array<std::string_view, Size>& words) {
  return std::ranges::any_of(words, [&](std::string_view word) { return token.is(word); });
}

// Types that may stand before a literal: `date '2026-01-01'`.
constexpr std::array<std::string_view, 58> literal_types{
    "date",      "interval",  "time",     "timestamp", "timestamptz", "timetz",    "json",
    "jsonb",     "jsonpath",  "uuid",     "inet",      "cidr",        "macaddr",   "bytea",
    "bit",       "varbit",    "numeric",  "decimal",   "xml",         "point",     "box",
    "circle",    "line",      "lseg",     "path",      "polygon",     "money",     "boolean",
    "bool",      "text",      "varchar",  "bpchar",    "char",        "character", "int",
    "integer",   "bigint",    "smallint", "int2",      "int4",        "int8",      "real",
    "float",     "float4",    "float8",   "oid",       "regclass",    "tsquery",   "tsvector",
    "int4range", "int8range", "numrange", "tsrange",   "tstzrange",   "daterange", "ltree",
    "citext",    "vector"};

// What the name of a type may have behind its first word.
constexpr std::array<std::string_view, 2> words_of_types{"precision", "varying"};

// Types that take a size: `as t(a varchar(20), b numeric(10, 2))`.
constexpr std::array<std::string_view, 14> sized_types{
    "numeric", "decimal", "varchar",     "character", "char",     "bit",   "varbit",
    "time",    "timetz",  "timestamptz", "timestamp", "interval", "float", "vector"};
constexpr std::array<std::string_view, 4> words_before_expression{"select", "distinct", "case",
                                                                  "not"};

// Behind these stands a condition, or a part of one that AND joins.
constexpr std::array<std::string_view, 4> words_before_condition{"where", "and", "on", "having"};
constexpr std::array<std::string_view, 12> words_after_condition{
    "and",   "group",     "order",  "limit",  "offset",    "union",
    "fetch", "intersect", "except", "having", "returning", "for"};

// A list of unknown length is planned as one of three.
constexpr std::size_t assumed_list_size = 3;
// A limit of unknown size is planned as that of a page.
constexpr std::uint64_t assumed_page_size = 10;

class explained_text_maker {
 public:
  explained_text_maker(std::string_view sanitised, dialect dialect,
                       std::optional<std::uint64_t> returned_rows)
      : tokens_{sanitised_tokens(sanitised, dialect)},
        first_equal_{first_equal_tokens(tokens_)},
        returned_rows_{returned_rows},
        is_postgresql_{dialect == dialect::postgresql} {
    while (at_ < tokens_.size()) add_next();
  }

  [[nodiscard]] explained_text made() && { return std::move(made_); }

 private:
  [[nodiscard]] bool is(std::size_t at, token_kind kind) const {
    return at < tokens_.size() && tokens_[at].kind == kind;
  }
  [[nodiscard]] bool is(std::size_t at, std::string_view word) const {
    return at < tokens_.size() && tokens_[at].is(word);
  }
  [[nodiscard]] bool is_before(std::size_t at, std::string_view word) const {
    return at > 0 && tokens_[at - 1].is(word);
  }

  /// Behind `?, ?, …` and the token that closes them; 0 where there is anything else.
  [[nodiscard]] std::size_t past_values(std::size_t at, std::string_view closing) const {
    while (is(at, token_kind::value)) {
      ++at;
      if (at < tokens_.size() && tokens_[at].text == closing) return at + 1;
      if (!is(at, token_kind::comma)) return 0;
      ++at;
    }
    return 0;
  }

  /// `data ? ?`: two values never follow each other, so that the first of them is PostgreSQL's
  /// operator.
  [[nodiscard]] bool is_question_operator(std::size_t at) const {
    return is_postgresql_ && is(at, token_kind::value) && is(at + 1, token_kind::value);
  }
  [[nodiscard]] bool is_value(std::size_t at) const {
    return is(at, token_kind::value) && !is_question_operator(at);
  }

  void add_next() {
    const sql_token& token = tokens_[at_];
    if (token.kind == token_kind::open) ++depth_;
    if (token.kind == token_kind::close) --depth_;
    if (token.kind == token_kind::cast || token.is("as")) return add_type();
    if (token.is("in") && add_list()) return;
    if (token.is("values") && add_rows()) return;
    if (token.is("limit") || token.is("offset")) return add_limit();
    if (token.is("fetch") && (is(at_ + 1, "first") || is(at_ + 1, "next"))) return add_fetch();
    if (is_postgresql_ && token.kind == token_kind::word && add_for_postgresql()) return;
    if (token.kind != token_kind::value) return copy(1);
    if (is_question_operator(at_)) return add_question_operator();
    if (add_constant_condition()) return;
    add_parameter(at_++);
  }

  void copy(std::size_t count) {
    for (; count > 0 && at_ < tokens_.size(); --count, ++at_) add(std::string{tokens_[at_].text});
  }
  /// In place of the token here.
  void add(std::string text) {
    made_.tokens.push_back({.text = std::move(text), .is_after_blank = is_after_blank()});
  }
  [[nodiscard]] bool is_after_blank() const {
    if (at_ == 0 || at_ >= tokens_.size()) return at_ != 0;
    const std::string_view before = tokens_[at_ - 1].text;
    return before.data() + before.size() != tokens_[at_].text.data();
  }

  /// The parameters that stand for the value at this token, of which there may be several.
  const std::vector<std::size_t>& parameters_of(std::size_t value, std::size_t count) {
    std::vector<std::size_t>& known = by_value_[first_equal_[value]];
    while (known.size() < count) {
      known.push_back(made_.parameters.size());
      made_.parameters.emplace_back();
    }
    return known;
  }
  explained_parameter& add_parameter(std::size_t value) {
    const std::size_t parameter = parameters_of(value, 1).front();
    const std::string_view before = value == 0 ? std::string_view{} : tokens_[value - 1].text;
    const bool is_glued = before.data() + before.size() == tokens_[value].text.data();
    made_.tokens.push_back({.parameter = parameter, .is_after_blank = !is_glued});
    return made_.parameters[parameter];
  }

  /// `in (?)`: the list may have been of any length.
  bool add_list() {
    if (!is(at_ + 1, token_kind::open)) return false;
    const bool is_of_rows = is(at_ + 2, token_kind::open);
    const std::size_t first = at_ + (is_of_rows ? 3 : 2);
    const std::size_t past = past_values(first, ")");
    if (past == 0 || (is_of_rows && !is(past, token_kind::close))) return false;
    const std::size_t width = (past - first) / 2;
    if (!is_of_rows && width != 1) return false;
    copy(2);
    for (std::size_t row = 0; row < assumed_list_size; ++row) {
      if (row != 0) add_text(",");
      if (is_of_rows) made_.tokens.push_back({.text = "(", .is_after_blank = row != 0});
      for (std::size_t i = 0; i < width; ++i) {
        if (i != 0) add_text(",");
        const auto& known = parameters_of(first + 2 * i, assumed_list_size);
        const bool is_first = is_of_rows ? i == 0 : row == 0;
        made_.tokens.push_back({.parameter = known[row], .is_after_blank = !is_first});
      }
      if (is_of_rows) add_text(")");
    }
    add_text(")");
    at_ = past + (is_of_rows ? 1 : 0);
    return true;
  }

  /// `(values (?, ?)) as t`: a table of one row is seldom written.
  bool add_rows() {
    const bool is_table = at_ == 0 || is(at_ - 1, token_kind::open);
    if (!is_table || !is(at_ + 1, token_kind::open)) return false;
    const std::size_t first = at_ + 2;
    const std::size_t past = past_values(first, ")");
    if (past == 0 || (at_ != 0 && !is(past, token_kind::close))) return false;
    copy(1);
    for (std::size_t row = 0; row < 2; ++row) {
      if (row != 0) add_text(",");
      made_.tokens.push_back({.text = "("});
      for (std::size_t value = first; value < past; value += 2) {
        if (value != first) add_text(",");
        const auto& known = parameters_of(value, 2);
        made_.tokens.push_back({.parameter = known[row], .is_after_blank = value != first});
      }
      add_text(")");
    }
    at_ = past;
    return true;
  }
  void add_text(std::string text) {
    made_.tokens.push_back({.text = std::move(text), .is_after_blank = false});
  }

  /// Behind the `(?, …)` that begins at this token; the same token where there is none.
  [[nodiscard]] std::size_t past_size(std::size_t at) const {
    return is(at, token_kind::open) ? std::max(at, past_values(at + 1, ")")) : at;
  }

  /// The size of a type, which no parameter can be: `::numeric(?, ?)`, `cast(a as varchar(?))`.
  void add_type() {
    copy(1);
    if (!is(at_, token_kind::word)) return;
    copy(1);
    while (is(at_, token_kind::dot) && is(at_ + 1, token_kind::word)) copy(2);
    while (at_ < tokens_.size() && is_one_of(tokens_[at_], words_of_types)) copy(1);
    at_ = past_size(at_);
    if (at_ + 2 < tokens_.size() && tokens_[at_].text == "[" && is(at_ + 1, token_kind::value) &&
        tokens_[at_ + 2].text == "]") {
      add_text("[]");
      at_ += 3;
    }
  }

  [[nodiscard]] std::string limit_of_rows() {
    const bool is_of_statement = depth_ == 0;
    const std::uint64_t rows =
        is_of_statement && returned_rows_.value_or(0) > 0 ? *returned_rows_ : assumed_page_size;
    if (is_of_statement || made_.assumed_limit == 0) made_.assumed_limit = rows;
    return fmt::format("{}", rows);
  }
  /// A row's limit decides between sorting all rows and reading the first ones by an index.
  void add_limit() {
    const bool is_limit = tokens_[at_].is("limit");
    copy(1);
    const std::size_t past = past_constant(at_);
    if (past == at_) return;
    const bool begins_with_offset = is_limit && is(past, token_kind::comma);
    if (!begins_with_offset && is_limit) return add_number_of_rows();
    made_.assumes_no_offset = true;
    add("0");
    at_ = past;
    if (!begins_with_offset) return;
    copy(1);
    add_number_of_rows();
  }
  void add_fetch() {
    copy(2);
    add_number_of_rows();
  }
  void add_number_of_rows() {
    const std::size_t past = past_constant(at_);
    if (past == at_) return;
    made_.tokens.push_back({.text = limit_of_rows()});
    at_ = past;
  }
  /// Behind an expression of values alone, as `(? - ?) * ?`; the same token where there is none.
  [[nodiscard]] std::size_t past_constant(std::size_t at) const {
    const std::size_t begin = at;
    int depth = 0;
    for (bool has_operand = false; at < tokens_.size(); ++at) {
      const token_kind kind = tokens_[at].kind;
      const bool is_end =
          has_operand && depth == 0 && kind != token_kind::operation && kind != token_kind::cast;
      if (is_end) return at;
      if (kind == token_kind::cast && has_operand && is(at + 1, token_kind::word)) {
        ++at;
      } else if (kind == token_kind::open && !has_operand) {
        ++depth;
      } else if (kind == token_kind::close && has_operand && depth > 0) {
        --depth;
      } else if (kind == token_kind::operation || (kind == token_kind::value && !has_operand)) {
        has_operand = kind == token_kind::value;
      } else {
        return begin;
      }
    }
    return depth == 0 ? at : begin;
  }

  bool add_for_postgresql() {
    if (tokens_[at_].is("array")) return add_array();
    if (tokens_[at_].is("uescape") && is_value(at_ + 1)) return at_ += 2, true;
    if (tokens_[at_].is("extract") && is(at_ + 1, token_kind::open) && is_value(at_ + 2) &&
        is(at_ + 3, "from")) {
      copy(2);
      add("epoch");  // the field is a name there, in quotes or not
      return ++at_, true;
    }
    return add_typed_literal() || add_sized_type();
  }

  /// The size of a column's type, or of a part of an interval: `as t(a varchar(?))`,
  /// `interval ? day to second(?)`.
  bool add_sized_type() {
    const std::size_t past = past_size(at_ + 1);
    if (past == at_ + 1 || at_ < 2) return false;
    const bool is_column =
        is_one_of(tokens_[at_], sized_types) && tokens_[at_ - 1].is_name() &&
        !is_one_of(tokens_[at_ - 1], words_before_expression) &&
        (is(at_ - 2, token_kind::open) || is(at_ - 2, token_kind::comma) || is(at_ - 2, "columns"));
    const bool is_seconds =
        is(at_, "second") && (is_before(at_, "interval") || is_before(at_, "to") ||
                              (is(at_ - 1, token_kind::value) && is(at_ - 2, "interval")));
    if (!is_column && !is_seconds && !is(at_, "varying")) return false;
    copy(1);
    at_ = past;
    return true;
  }

  bool add_array() {
    if (at_ + 1 >= tokens_.size() || tokens_[at_ + 1].text != "[") return false;
    const std::size_t past = past_values(at_ + 2, "]");
    if (past == 0) return false;
    const std::size_t parameter = parameters_of(at_ + 2, 1).front();
    made_.parameters[parameter].is_array = true;
    made_.tokens.push_back({.parameter = parameter, .is_after_blank = is_after_blank()});
    at_ = past;
    return true;
  }

  /// `date ?` as `$1::date`: a parameter cannot stand behind the name of its type.
  bool add_typed_literal() {
    const std::size_t size = size_of_type(at_);
    if (size == 0 || !is_value(at_ + size)) return false;
    const bool is_name = at_ > 0 && (is(at_ - 1, token_kind::dot) || is_before(at_, "as"));
    if (is_name || is_path_of_column()) return false;
    const std::size_t type = at_;
    made_.tokens.push_back(
        {.parameter = parameters_of(at_ + size, 1).front(), .is_after_blank = is_after_blank()});
    add_text("::");
    for (std::size_t i = type; i < type + size; ++i) {
      i = past_size(i);
      if (i == type + size) break;
      made_.tokens.push_back({.text = std::string{tokens_[i].text}, .is_after_blank = i != type});
    }
    at_ += size + 1;
    return true;
  }
  /// `xmltable(… columns a text path ?)`.
  [[nodiscard]] bool is_path_of_column() const {
    if (at_ == 0 || !is(at_, "path") || is_before(at_, "select")) return false;
    return tokens_[at_ - 1].is_name() || is(at_ - 1, token_kind::close);
  }
  /// How many tokens name a type that may stand before a literal.
  [[nodiscard]] std::size_t size_of_type(std::size_t at) const {
    if (is(at, "double") && is(at + 1, "precision")) return 2;
    if (!is_one_of(tokens_[at], literal_types)) return 0;
    const bool is_varying = is(at + 1, "varying") && (is(at, "character") || is(at, "bit"));
    const std::size_t past = past_size(at + (is_varying ? 2 : 1));
    const bool has_zone = (is(at, "time") || is(at, "timestamp")) &&
                          (is(past, "with") || is(past, "without")) && is(past + 1, "time") &&
                          is(past + 2, "zone");
    return past + (has_zone ? 3 : 0) - at;
  }

  /// The sanitised text may have a blank in `@?`.
  void add_question_operator() {
    const bool is_jsonpath = at_ > 0 && tokens_[at_ - 1].text == "@";
    made_.tokens.push_back({.text = "?", .is_after_blank = !is_jsonpath});
    ++at_;
  }

  /// `and 1 = 1`, which the server leaves out, and `and true`.
  bool add_constant_condition() {
    static constexpr std::array<std::string_view, 4> comparisons{"=", "==", "<>", "!="};
    const bool is_comparison =
        is(at_ + 1, token_kind::operation) && is_value(at_ + 2) &&
        std::ranges::find(comparisons, tokens_[at_ + 1].text) != comparisons.end();
    std::size_t begin = at_;
    std::size_t past = at_ + (is_comparison ? 3 : 1);
    const bool is_in_brackets = is_comparison && begin > 0 && is(begin - 1, token_kind::open) &&
                                is(past, token_kind::close);
    if (is_in_brackets) {
      --begin;
      ++past;
    }
    if (begin == 0 || !is_one_of(tokens_[begin - 1], words_before_condition)) return false;
    if (is_and_of_between(begin - 1)) return false;
    const bool is_whole = past == tokens_.size() || is(past, token_kind::close) ||
                          is_one_of(tokens_[past], words_after_condition);
    if (!is_whole) return false;
    add(is_postgresql_ ? "true" : "1");
    made_.assumes_conditions = true;
    at_ = is_in_brackets ? past - 1 : past;
    return true;
  }
  [[nodiscard]] bool is_and_of_between(std::size_t at) const {
    if (!tokens_[at].is("and")) return false;
    while (at-- > 0) {
      if (tokens_[at].is("between")) return true;
      if (is_one_of(tokens_[at], words_before_condition) || tokens_[at].is("or")) return false;
    }
    return false;
  }

  const std::vector<sql_token> tokens_;
  const std::vector<std::size_t> first_equal_;
  const std::optional<std::uint64_t> returned_rows_;
  const bool is_postgresql_;
  std::map<std::size_t, std::vector<std::size_t>> by_value_;
  explained_text made_;
  std::size_t at_ = 0;
  int depth_ = 0;
};

}  // namespace

std::string explained_text::written(const explained_token& token, char sign) const {
  if (token.parameter == explained_token::no_parameter) return token.text;
  const std::string& type = parameters[token.parameter].type;
  return fmt::format("{}{}{}{}", sign, token.parameter + 1, type.empty() ? "" : "::", type);
}

std::string explained_text::written(char sign) const {
  std::string text;
  for (const explained_token& token : tokens) {
    if (token.is_after_blank && !text.empty()) text += ' ';
    text += written(token, sign);
  }
  return text;
}

std::size_t explained_text::token_at(std::size_t character, char sign) const {
  const auto is_first_byte = [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; };
  std::size_t passed = 0;
  for (std::size_t at = 0; at < tokens.size(); ++at) {
    if (tokens[at].is_after_blank && at != 0) ++passed;
    passed +=
        static_cast<std::size_t>(std::ranges::count_if(written(tokens[at], sign), is_first_byte));
    if (passed > character) return at;
  }
  return tokens.size();
}

bool explained_text::remove_conflict_clauses() {
  const auto is = [&](std::size_t at, std::string_view word) {
    return at < tokens.size() && same_word(tokens[at].text, word);
  };
  // Behind the clause: in a common table expression a bracket ends it.
  const auto end_of_clause = [&](std::size_t at) {
    for (int depth = 0; at < tokens.size(); ++at) {
      if (is(at, "(")) ++depth;
      if (is(at, ")") && depth-- == 0) break;
      if (depth == 0 && is(at, "returning")) break;
    }
    return at;
  };
  bool is_changed = false;
  for (std::size_t at = 0; at + 1 < tokens.size(); ++at) {
    if (!is(at, "on") || !is(at + 1, "conflict")) continue;
    const auto place = [&](std::size_t index) {
      return tokens.begin() + static_cast<std::ptrdiff_t>(index);
    };
    tokens.erase(place(at), place(end_of_clause(at + 2)));
    is_changed = true;
  }
  if (is_changed) remove_unused_parameters();
  return is_changed;
}

// A server gives no type to a parameter that stands nowhere.
void explained_text::remove_unused_parameters() {
  std::vector<std::size_t> places(parameters.size(), explained_token::no_parameter);
  std::vector<explained_parameter> used;
  for (explained_token& token : tokens) {
    if (token.parameter == explained_token::no_parameter) continue;
    std::size_t& place = places[token.parameter];
    if (place == explained_token::no_parameter) {
      place = used.size();
      used.push_back(std::move(parameters[token.parameter]));
    }
    token.parameter = place;
  }
  parameters = std::move(used);
}

explained_text explained_text_of(std::string_view sanitised, dialect dialect,
                                 std::optional<std::uint64_t> returned_rows) {
  return explained_text_maker{sanitised, dialect, returned_rows}.made();
}

}  // namespace querytap::detail
