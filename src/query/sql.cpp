#include "sql.hpp"

#include "lexer.hpp"
#include "normaliser.hpp"
#include "summary.hpp"

#include <algorithm>

namespace querytap::detail {
namespace {

std::string_view between(const char* from, const char* to) noexcept {
  return {from, static_cast<std::size_t>(to - from)};
}

/// Goes through a text once and tells normaliser and summary what it finds. Every `read_…` takes
/// where its token begins and gives where the next one may.
class sql_reader {
 public:
  sql_reader(std::string_view sql, sql_rules rules) noexcept
      : lexer_{sql, rules}, characters_{characters_of(rules)}, end_{lexer_.end()} {
    const char* at = sql.data();
    while (at != end_) at = read(at);
    normal_.finish();
    summary_.finish();
  }

  [[nodiscard]] statement_identity identity() {
    return {normal_.hash(), normal_.text(), summary_.text(), summary_.tables(), summary_.kind()};
  }

 private:
  /// What the words of a statement that are no keywords may be.
  enum class data_names : std::uint8_t {
    unknown,  ///< the statement has not begun
    none,
    all,        ///< values, as the names of savepoints, which programs make up as they go
    of_pragma,  ///< what a pragma is set to, which may be a key in double quotes
  };

  [[nodiscard]] const char* read(const char* at) noexcept;
  [[nodiscard]] const char* read_word(const char* at) noexcept;
  [[nodiscard]] const char* read_word_slow(const char* at, const char* stop) noexcept;
  [[nodiscard]] const char* read_prefixed(const char* at) noexcept;
  [[nodiscard]] const char* read_string(const char* at, const char* quote, bool escapes) noexcept;
  [[nodiscard]] const char* read_name(const char* at, const char* quote) noexcept;
  [[nodiscard]] const char* read_dollar(const char* at) noexcept;
  [[nodiscard]] const char* read_question_mark(const char* at) noexcept;
  [[nodiscard]] const char* read_parameter(const char* at) noexcept;
  [[nodiscard]] const char* read_user_variable(const char* at) noexcept;
  [[nodiscard]] const char* read_dot(const char* at) noexcept;
  [[nodiscard]] const char* read_sign(const char* at) noexcept;
  [[nodiscard]] const char* read_slash(const char* at) noexcept;
  [[nodiscard]] const char* read_operator(const char* at, const char* stop) noexcept;

  [[nodiscard]] const char* value(const char* stop) noexcept;
  void add_keyword(const word& found) noexcept;
  void add_name(const word& name) noexcept;
  void begin_statement(keyword first) noexcept;
  [[nodiscard]] bool is_after_dot() const noexcept { return normal_.last() == layout::dot; }
  [[nodiscard]] bool may_be_value(const char* at, const char* stop) const noexcept;
  [[nodiscard]] bool stands_where_values_do() const noexcept;
  [[nodiscard]] std::uint64_t hash_of_name(std::string_view quoted) const noexcept;

  lexer lexer_;
  const character_table& characters_;
  const char* end_;
  normaliser normal_;
  summary_builder summary_;
  data_names data_ = data_names::unknown;
  bool is_in_code_comment_ = false;  ///< of MySQL: /*! … */
  bool is_after_between_ = false;
  bool is_and_of_between_ = false;
};

inline const char* sql_reader::read(const char* at) noexcept {
  switch (characters_[static_cast<unsigned char>(*at)]) {
    case character::blank: return at + 1;
    case character::letter: return read_word(at);
    case character::digit: return value(lexer_.past_number(at));
    case character::dot: return read_dot(at);
    case character::comma:
      if (data_ == data_names::unknown) [[unlikely]]
        begin_statement(keyword::none);
      normal_.comma();
      summary_.comma();
      return at + 1;
    case character::open:
      if (data_ == data_names::unknown) [[unlikely]]
        begin_statement(keyword::none);
      normal_.open();
      summary_.open();
      return at + 1;
    case character::close:
      if (data_ == data_names::unknown) [[unlikely]]
        begin_statement(keyword::none);
      normal_.close();
      summary_.close();
      return at + 1;
    case character::semicolon:
      normal_.end_statement();
      summary_.end_statement();
      data_ = data_names::unknown;
      return at + 1;
    case character::string: return read_string(at, at, false);
    case character::escaped_string: return read_string(at, at, true);
    case character::quoted_name:
    case character::bracketed_name: return read_name(at, at);
    case character::question_mark: return read_question_mark(at);
    case character::dollar: return read_dollar(at);
    case character::dash: {
      const char* comment = lexer_.past_comment(at);
      return comment != nullptr ? comment : read_sign(at);
    }
    case character::slash: return read_slash(at);
    case character::operation:
      return *at == '+' ? read_sign(at) : read_operator(at, lexer_.past_operator(at));
    case character::parameter: return read_parameter(at);
    case character::user_variable: return read_user_variable(at);
    case character::line_comment: return lexer_.past_line(at);
    case character::colon:
      return read_operator(at, at + (is_one_of(lexer_.peek(at, 1), ":=") ? 2 : 1));
    case character::open_bracket:
      if (data_ == data_names::unknown) begin_statement(keyword::none);
      normal_.open_bracket();
      summary_.operation();
      return at + 1;
    case character::close_bracket:
      if (data_ == data_names::unknown) begin_statement(keyword::none);
      normal_.close(']');
      summary_.operation();
      return at + 1;
    case character::other: break;
  }
  return read_operator(at, at + 1);
}

inline const char* sql_reader::read_word(const char* at) noexcept {
  const chunk bytes = load_before(at, end_);
  const std::size_t size = run_of(bytes.word_parts());
  if (size == chunk::size) [[unlikely]]
    return read_word_slow(at, lexer_.past_word(at));
  if (size == 1) {
    const char* stop = read_prefixed(at);
    if (stop != nullptr) return stop;
  }
  const std::uint64_t hash = hash_of_word(bytes, size);
  const bool is_dotted = is_after_dot();
  const keyword_traits traits = is_dotted ? keyword_traits{} : keywords[hash];
  if (traits.id == keyword::none && data_ == data_names::none && !summary_.is_attentive()) {
    normal_.add(bytes, size, hash);
    return at + size;
  }
  const word found{{at, size}, hash, traits};
  if (traits.id != keyword::none) {
    add_keyword(found);
  } else {
    add_name(found);
  }
  return at + size;
}

const char* sql_reader::read_word_slow(const char* at, const char* stop) noexcept {
  const std::string_view text = between(at, stop);
  add_name({text, hash_of<letter_case::folded_word>(text)});
  return stop;
}

void sql_reader::add_keyword(const word& found) noexcept {
  if (data_ == data_names::unknown) [[unlikely]]
    begin_statement(found.traits.id);
  if (found.traits.structural || summary_.is_attentive()) {
    const layout last = normal_.last();
    const char bracket = last == layout::open ? '(' : last == layout::close ? ')' : '\0';
    summary_.add_keyword(found, normal_.previous(), bracket);
  }
  if (found.is(keyword::and_word)) is_and_of_between_ = is_after_between_;
  if (found.is(keyword::and_word) || found.is(keyword::between)) {
    is_after_between_ = found.is(keyword::between);
  }
  normal_.add_keyword(found);
}

void sql_reader::add_name(const word& name) noexcept {
  if (data_ == data_names::unknown) [[unlikely]]
    begin_statement(keyword::none);
  if (data_ == data_names::all) {
    (void)value(nullptr);
    return;
  }
  if (summary_.is_attentive()) summary_.add_name(name);
  normal_.add(name);
}

void sql_reader::begin_statement(keyword first) noexcept {
  normal_.begin_statement();
  switch (first) {
    case keyword::savepoint:
    case keyword::release:
    case keyword::rollback: data_ = data_names::all; break;
    case keyword::pragma: data_ = data_names::of_pragma; break;
    default: data_ = data_names::none;
  }
}

inline const char* sql_reader::value(const char* stop) noexcept {
  if (data_ == data_names::unknown) [[unlikely]]
    begin_statement(keyword::none);
  normal_.value();
  summary_.value();
  return stop;
}

/// A single letter may say how to read the quotes behind it; null where it does not.
const char* sql_reader::read_prefixed(const char* at) noexcept {
  const char quote = lexer_.peek(at, 1);
  if (quote != '\'' && quote != '&') return nullptr;
  const char letter = small(*at);
  if (lexer_.is(dialect::sqlite)) {
    return quote == '\'' && letter == 'x' ? read_string(at, at + 1, false) : nullptr;
  }
  const bool escapes = lexer_.rules().backslash_escapes;
  if (lexer_.is(dialect::mysql)) {
    const bool is_string = quote == '\'' && is_one_of(letter, "bxn");
    return is_string ? read_string(at, at + 1, escapes) : nullptr;
  }
  if (quote == '\'' && is_one_of(letter, "ebxn")) {
    return read_string(at, at + 1, letter == 'e' || (letter == 'n' && escapes));
  }
  if (quote == '&' && letter == 'u') {
    if (lexer_.peek(at, 2) == '\'') return read_string(at, at + 2, false);
    if (lexer_.peek(at, 2) == '"') return read_name(at, at + 2);
  }
  return nullptr;
}

const char* sql_reader::read_string(const char* at, const char* quote, bool escapes) noexcept {
  const char* stop = lexer_.past_string(quote + 1, *quote, escapes);
  if (lexer_.is(dialect::sqlite) && summary_.expects_name()) {
    if (data_ == data_names::unknown) begin_statement(keyword::none);
    summary_.add_string(between(at, stop));
    normal_.value();
    return stop;
  }
  return value(stop);
}

const char* sql_reader::read_name(const char* at, const char* quote) noexcept {
  const char closing = *quote == '[' ? ']' : *quote;
  const char* stop = lexer_.past_name(quote + 1, closing);
  if (stop == nullptr) return value(end_);
  if (*quote == '"' && may_be_value(at, stop)) return value(stop);
  const std::string_view text = between(at, stop);
  add_name({text, hash_of_name(text)});
  return stop;
}

/// Of the name itself, so that "a" is the same as a; but no "select" is the keyword.
std::uint64_t sql_reader::hash_of_name(std::string_view quoted) const noexcept {
  const std::string_view name = quoted.substr(1, quoted.size() - 2);
  const bool is_plain = quoted.front() != 'U' && quoted.front() != 'u' && !name.empty() &&
                        lexer_.past_word(name.data()) >= name.data() + name.size();
  std::uint64_t hash = 0;
  if (!is_plain) {
    hash = hash_of<letter_case::kept>(quoted);
  } else if (lexer_.is(dialect::postgresql)) {
    hash = hash_of<letter_case::kept>(name);
  } else {
    hash = hash_of<letter_case::folded_word>(name);
  }
  const bool is_keyword = keywords[hash].id != keyword::none;
  return is_keyword ? mixed(hash, 0x510E527FADE682D1u) : hash;
}

// In SQLite "x" is a string where no column has that name, which only the server can tell. It is
// held for one where values stand rather than columns, and where no column would have such a name.
bool sql_reader::may_be_value(const char* at, const char* stop) const noexcept {
  const bool is_either = lexer_.is(dialect::sqlite) && !lexer_.rules().double_quoted_names;
  if (!is_either || summary_.expects_name() || !normal_.is_before_operand()) return false;
  const char* next = lexer_.next_token(stop);
  if (is_after_dot() || lexer_.peek(next, 0) == '.') return false;
  const bool is_like_name =
      stop - at > 2 && !is_digit(at[1]) &&
      std::all_of(at + 1, stop - 1, [](char c) { return is_name_part(c) || c == ' '; });
  return !is_like_name || stands_where_values_do();
}

bool sql_reader::stands_where_values_do() const noexcept {
  switch (normal_.last()) {
    case layout::operation: return true;
    case layout::open: return data_ == data_names::of_pragma || normal_.is_in_values();
    case layout::separator: return normal_.is_in_values() || summary_.is_in_arguments();
    default: break;
  }
  switch (normal_.previous()) {
    case keyword::before_value:
    case keyword::between:
    case keyword::default_word:
    case keyword::limit:
    case keyword::offset: return true;
    case keyword::and_word: return is_and_of_between_;
    default: return false;
  }
}

const char* sql_reader::read_dollar(const char* at) noexcept {
  if (is_digit(lexer_.peek(at, 1))) return value(lexer_.past_digits(at + 1));
  const char* stop = lexer_.past_dollar_quote(at);
  return stop != nullptr ? value(stop) : read_operator(at, at + 1);
}

// `?` is a parameter, and the text's own sign for a value. Of PostgreSQL's operators that begin
// with it only those that no `?||'x'` can be mistaken for are kept whole.
const char* sql_reader::read_question_mark(const char* at) noexcept {
  if (lexer_.is(dialect::postgresql) && is_one_of(lexer_.peek(at, 1), "|&") &&
      !is_one_of(lexer_.peek(at, 2), "+-*/<>=~!@#%^&|`")) {
    return read_operator(at, at + 2);
  }
  return value(lexer_.past_digits(at + 1));
}

const char* sql_reader::read_parameter(const char* at) noexcept {
  const char* stop = lexer_.past_word(at + 1);
  return stop == at + 1 ? read_operator(at, stop) : value(stop);
}

/// `@name` and `@@global.name`: settings and variables are no values, but they may be in quotes.
const char* sql_reader::read_user_variable(const char* at) noexcept {
  const char* name = at + (lexer_.peek(at, 1) == '@' ? 2 : 1);
  const char* stop = lexer_.past_word(name);
  while (stop != end_ && *stop == '.') stop = lexer_.past_word(stop + 1);
  if (stop == name) return read_operator(at, name);
  const std::string_view text = between(at, stop);
  if (data_ == data_names::unknown) begin_statement(keyword::none);
  summary_.value();
  normal_.add({text, hash_of<letter_case::folded>(text)});
  return stop;
}

inline const char* sql_reader::read_dot(const char* at) noexcept {
  if (is_digit(lexer_.peek(at, 1)) && normal_.last() != layout::word) {
    return value(lexer_.past_number(at));
  }
  if (data_ == data_names::unknown) [[unlikely]]
    begin_statement(keyword::none);
  normal_.dot();
  summary_.dot();
  return at + 1;
}

const char* sql_reader::read_sign(const char* at) noexcept {
  const bool is_of_number =
      normal_.is_before_operand() && lexer_.is_number(lexer_.next_token(at + 1));
  if (is_of_number) return at + 1;
  return read_operator(at, lexer_.past_operator(at));
}

const char* sql_reader::read_slash(const char* at) noexcept {
  const char* comment = lexer_.past_comment(at);
  return comment != nullptr ? comment : read_operator(at, lexer_.past_operator(at));
}

inline const char* sql_reader::read_operator(const char* at, const char* stop) noexcept {
  if (data_ == data_names::unknown) [[unlikely]]
    begin_statement(keyword::none);
  summary_.operation();
  if (stop - at == 1) {
    normal_.symbol(*at, *at == '*' ? layout::star : layout::operation);
  } else {
    normal_.operation(between(at, stop));
  }
  return stop;
}

}  // namespace

statement_identity identify_sql(std::string_view sql, sql_rules rules) {
  return sql_reader{sql, rules}.identity();
}

}  // namespace querytap::detail
