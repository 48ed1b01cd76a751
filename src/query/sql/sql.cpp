#include "sql.hpp"

#include "../text/overread_text.hpp"
#include "../text/word_hash.hpp"
#include "code_comments.hpp"
#include "copied_rows.hpp"
#include "folded_items.hpp"
#include "lexer.hpp"
#include "normaliser.hpp"
#include "ordinal.hpp"
#include "quoted_names.hpp"
#include "readings.hpp"
#include "sqlite_bare_values.hpp"
#include "sqlite_columns.hpp"
#include "sqlite_grammar.hpp"
#include "summary.hpp"
#include "utility_words.hpp"
#include "word_map.hpp"

#include <algorithm>

namespace querytap::detail {
namespace {

constexpr keyword_traits values_word{
    .id = keyword::values,
    .as = spacing::operand_keyword,
    .flags = keyword_traits::any | keyword_traits::reserved | keyword_traits::structural};

/// Reads a text once and writes the sanitised text, the fingerprint and the summary as it goes.
///
/// Most tokens are plain: they are read in one loop that has the writer's state in registers. Every `read_…` takes the
/// place where its token begins and returns the place where the next token may begin.
class sql_reader {
 public:
  /// Without `columns`, a word in double quotes that SQLite may take for a string is a value.
  sql_reader(const overread_text& sql, sql_rules rules, const sqlite_columns* columns) noexcept
      : text_{sql},
        lexer_{sql, rules},
        columns_{columns},
        grammar_{sql.begin(), lexer_},
        characters_{characters_of(rules)},
        end_{sql.end()},
        normal_{sql.readable_end()},
        writer_{normal_.begin()} {
    const char* at = sql.begin();
    while ((at = begin_statement(at)) != end_) {
      const char* stop = read_statement(at);
      at = read_copied_rows(at, stop);
    }
    summary_.finish();
  }

  [[nodiscard]] statement_identity identity() {
    return {writer_.hash.value(), normal_.text(writer_), summary_.text(), summary_.tables(),
            summary_.kind()};
  }

  /// Whether a word in double quotes was taken for a value that may be a name.
  [[nodiscard]] bool has_doubtful_words() const noexcept { return has_doubtful_words_; }

 private:
  [[nodiscard]] const char* begin_statement(const char* at) noexcept;
  [[nodiscard]] const char* past_byte_order_mark(const char* at) const noexcept;
  [[nodiscard]] const char* read_statement(const char* at) noexcept;
  [[nodiscard]] const char* read_copied_rows(const char* begin, const char* stop) noexcept;
  [[nodiscard]] const char* read_plain_tokens(const char* at) noexcept;
  [[nodiscard]] const char* plain_stop(const char* at, const short_writer& writer) noexcept;
  [[nodiscard]] bool read_plain_word(const char*& at, short_writer& writer) noexcept;
  [[nodiscard]] bool read_plain(const char*& at, character_class first,
                                short_writer& writer) noexcept;
  /// Whether this is directly behind the dot of a name.
  [[nodiscard]] static bool is_dotted(const short_writer& writer, const char* at) noexcept {
    return writer.last == spacing::dot && at[-1] == '.';
  }
  [[nodiscard]] const char* past_plain_string(const char* at, char quote) const noexcept;

  [[nodiscard]] const char* read(const char* at, character_class first) noexcept;
  [[nodiscard]] const char* read_word(const char* at) noexcept;
  [[nodiscard]] const char* read_comma(const char* at) noexcept;
  [[nodiscard]] const char* read_open(const char* at) noexcept;
  [[nodiscard]] const char* read_close(const char* at) noexcept;
  [[nodiscard]] const char* past_symbol(const char* at) noexcept;
  void see_sign(char sign) noexcept;
  void forget_folded() noexcept;
  [[nodiscard]] keyword keyword_at(const char* at) const noexcept;
  [[nodiscard]] const char* read_prefixed(const char* at) noexcept;
  [[nodiscard]] const char* read_string(const char* at, const char* quote, bool escapes) noexcept;
  [[nodiscard]] const char* read_doubtful_string(const char* at) noexcept;
  [[nodiscard]] const char* read_name(const char* at, const char* quote) noexcept;
  [[nodiscard]] const char* read_dot(const char* at) noexcept;
  [[nodiscard]] const char* read_dollar(const char* at) noexcept;
  [[nodiscard]] const char* read_question_mark(const char* at) noexcept;
  [[nodiscard]] const char* read_parameter(const char* at) noexcept;
  [[nodiscard]] const char* read_user_variable(const char* at) noexcept;
  [[nodiscard]] const char* read_sign(const char* at) noexcept;
  [[nodiscard]] const char* read_colon(const char* at) noexcept;
  [[nodiscard]] const char* read_bracket(const char* at) noexcept;
  [[nodiscard]] const char* read_operator(const char* at, const char* stop) noexcept;

  [[nodiscard]] const char* read_number(const char* at) noexcept;
  [[nodiscard]] bool may_be_ordinal(const short_writer& writer) const noexcept;
  [[nodiscard]] bool is_ordinal(const char* at, const char* stop) noexcept;

  [[nodiscard]] const char* value(const char* stop) noexcept;
  void see_bare_values(keyword word) noexcept;
  void begin_utility(keyword first) noexcept;
  void add_utility_word(const sql_word& found, const char* stop) noexcept;
  void follow_utility() noexcept;
  void add_word(const sql_word& found, const char* stop) noexcept;
  [[nodiscard]] bool is_for_values(const char* stop) const noexcept;
  [[nodiscard]] const char* add_quoted(const char* at, const char* stop) noexcept;
  [[nodiscard]] bool is_name_in_string(const char* stop) const noexcept;
  void add_keyword(const sql_word& found) noexcept;
  void add_to_summary(const sql_word& found, keyword previous, spacing last) noexcept;
  void add_name(const sql_word& name) noexcept;
  [[nodiscard]] bool is_value_of_sqlite(const char* at, const char* stop) noexcept;
  [[nodiscard]] bool is_bare_value(const sql_word& found) noexcept;

  const overread_text& text_;
  sql_lexer lexer_;
  const sqlite_columns* columns_;
  sqlite_grammar grammar_;  // looks at nothing but what stands before a word in double quotes
  const character_table& characters_;
  word_map words_;  // up to the end of the plain tokens
  const char* end_;
  sql_normaliser normal_;
  summary_builder summary_;
  writer_state writer_;
  folded_items items_{lexer_};
  code_comments comments_{lexer_};
  sqlite_bare_values bare_values_;
  utility_words utility_;
  const char* plain_end_ = nullptr;  ///< tokens may be plain that begin before it
  bool has_by_ = false;              ///< GROUP BY or ORDER BY has been read in this statement
  bool has_doubtful_words_ = false;
};

/// The first token of the next statement, or the end.
const char* sql_reader::begin_statement(const char* at) noexcept {
  while ((at = lexer_.next_token(past_byte_order_mark(at))) != end_) {
    const char* mark = *at == ';' ? at + 1 : comments_.past_mark(at);
    if (mark == nullptr && past_byte_order_mark(at) == at) break;
    if (mark != nullptr) at = mark;
  }
  if (at == end_) return at;
  normal_.begin_statement(writer_);
  bare_values_.begin_statement();
  has_by_ = false;
  utility_.finish();
  plain_end_ = text_.plain_end();
  return at;
}

/// Scripts that were joined may have such a mark at the begin of any statement.
const char* sql_reader::past_byte_order_mark(const char* at) const noexcept {
  return text_between(at, end_).starts_with(byte_order_mark) ? at + byte_order_mark.size() : at;
}

const char* sql_reader::read_statement(const char* at) noexcept {
  for (at = read_plain_tokens(at); at != end_; at = read_plain_tokens(at)) {
    const character_class first = characters_[static_cast<unsigned char>(*at)];
    if (first == character_class::semicolon) break;
    at = first == character_class::blank ? at + 1 : read(at, first);
  }
  normal_.end_statement(writer_);
  forget_folded();
  summary_.end_statement();
  return at;
}

/// Up to a token that is not plain.
const char* sql_reader::read_plain_tokens(const char* at) noexcept {
  const character_table& characters = characters_;
  short_writer writer = writer_;
  bool is_plain = true;
  while (is_plain) {
    const char* stop = plain_stop(at, writer);
    if (at == stop) break;
    while (at < stop) {
      const character_class first = characters[static_cast<unsigned char>(*at)];
      if (first == character_class::letter) {
        is_plain = read_plain_word(at, writer);
      } else if (first == character_class::blank) {
        ++at;
        continue;
      } else {
        is_plain = read_plain(at, first, writer);
      }
      if (!is_plain) break;
    }
  }
  static_cast<short_writer&>(writer_) = writer;
  return at;
}

/// Plain tokens that begin before this surely fit into the text: none is longer there by more than a blank.
inline const char* sql_reader::plain_stop(const char* at, const short_writer& writer) noexcept {
  return at < plain_end_ ? at + std::min(plain_end_ - at, normal_.room(writer) / 2) : at;
}

/// The rows are one value. The server refuses such a text, which is then reported.
const char* sql_reader::read_copied_rows(const char* begin, const char* stop) noexcept {
  if (stop == end_) return stop;
  const char* past_rows = past_copied_rows(lexer_, begin, stop);
  if (past_rows == nullptr) return stop;
  normal_.begin_statement(writer_);
  (void)value(nullptr);
  normal_.end_statement(writer_);
  summary_.end_statement();
  return past_rows;
}

inline bool sql_reader::read_plain_word(const char*& at, short_writer& writer) noexcept {
  const std::size_t size = words_.run_at(at);
  if (size >= simd16::size) return false;
  const char next = at[size];
  // `$` continues the word, `'` and `&` may make a prefix of it.
  static_assert('$' < '&' && '&' < '\'' && '\'' - '$' == 3);
  if (static_cast<unsigned char>(next - '$') <= 3) return false;
  const std::uint64_t hash = hash_of_word(at, size);
  const std::uint8_t place = writer.last == spacing::dot ? 0 : keywords.first_at(hash);
  if ((place | summary_.attention()) == 0) {
    normal_.add_short(writer, at, size, hash);
  } else {
    const keyword_traits& traits = keywords.traits_from(place, hash);
    if (traits.id == keyword::by) has_by_ = true;
    if (traits.is_special() || (traits.begins_utility() && summary_.is_at_begin())) return false;
    if (traits.is_structural() || summary_.is_attentive()) {
      add_to_summary({{at, size}, hash, traits}, writer.previous, writer.last);
    }
    normal_.add_short_keyword(writer, at, size, hash, traits);
  }
  at += size;
  if (next == ' ') {
    ++at;
  } else if (next == '.' && writer.last == spacing::word) {
    normal_.symbol_short(writer, '.', spacing::dot);
    if (summary_.is_attentive()) summary_.dot();
    ++at;
  }
  return true;
}

inline bool sql_reader::read_plain(const char*& at, character_class first,
                                   short_writer& writer) noexcept {
  const char next = at[1];
  switch (first) {
    case character_class::comma:
      if (!normal_.is_comma_plain()) return false;
      normal_.symbol_short(writer, ',', spacing::separator);
      summary_.comma();
      break;
    case character_class::operation:
      if (is_operator_part(next) || *at == '+' || (*at == '@' && next == '?')) return false;
      normal_.symbol_short(writer, *at, *at == '*' ? spacing::star : spacing::operation);
      summary_.operation();
      break;
    case character_class::open:
      if (normal_.may_open_list(writer)) return false;
      normal_.open_short(writer);
      summary_.open();
      break;
    case character_class::close:
      if (normal_.is_folding()) return false;
      normal_.close_short(writer);
      summary_.close();
      break;
    case character_class::digit:
    case character_class::digit_or_name: {
      const std::size_t size = words_.run_at(at);
      const char behind = at[size];
      const bool may_be_name = first == character_class::digit_or_name;
      if (may_be_name && (is_dotted(writer, at) || lexer_.past_digits(at) != at + size)) {
        return false;
      }
      if (size >= simd16::size || behind == '.' || behind == '$' || is_operator_part(behind)) {
        return false;
      }
      if (may_be_ordinal(writer)) return false;
      normal_.value_short(writer);
      summary_.value();
      at += size;
      return true;
    }
    case character_class::doubtful_string:
      if (simd16::load(at).equal_to('\\') != 0) return false;
      [[fallthrough]];
    case character_class::string: {
      const char* stop = past_plain_string(at + 1, *at);
      if (stop == nullptr || summary_.is_attentive() || writer.last == spacing::dot) return false;
      normal_.value_short(writer);
      at = stop;
      return true;
    }
    default: return false;
  }
  at += next == ' ' ? 2 : 1;
  return true;
}

/// Behind a short string; null for a longer one, and where another string may continue it.
inline const char* sql_reader::past_plain_string(const char* at, char quote) const noexcept {
  const unsigned quotes = simd16::load(at).equal_to(quote);
  if (quotes == 0) return nullptr;
  const char* stop = at + std::countr_zero(quotes) + 1;
  const char next = stop[0];
  if (next == ',' || next == ')') return stop;
  const char further = stop[1];
  const bool is_end = next == ' ' && !is_blank(further) && !is_char_of(further, "-/#'\".");
  return is_end ? stop : nullptr;
}

const char* sql_reader::read(const char* at, character_class first) noexcept {
  switch (first) {
    case character_class::letter: return read_word(at);
    case character_class::digit: return read_number(at);
    case character_class::digit_or_name: {
      const bool may_be_table = summary_.expects_name() && lexer_.is_name_with_digits(at);
      const bool is_name = writer_.last == spacing::dot ? is_dotted(writer_, at)
                                                        : may_be_table || !lexer_.is_number(at);
      return is_name ? read_word(at) : read_number(at);
    }
    case character_class::dot: return read_dot(at);
    case character_class::comma: return read_comma(at);
    case character_class::open: return read_open(at);
    case character_class::close: return read_close(at);
    case character_class::string: return read_string(at, at, false);
    case character_class::escaped_string: return read_string(at, at, true);
    case character_class::doubtful_string: return read_doubtful_string(at);
    case character_class::quoted_name:
    case character_class::bracketed_name: return read_name(at, at);
    case character_class::question_mark: return read_question_mark(at);
    case character_class::dollar: return read_dollar(at);
    case character_class::dash:
    case character_class::slash: {
      if (comments_.is_odd(at)) return value(end_);
      const char* comment = lexer_.past_comment(at);
      if (comment == nullptr) comment = comments_.past_mark(at);
      return comment != nullptr ? comment : read_sign(at);
    }
    case character_class::operation: {
      const char* mark = comments_.past_mark(at);
      return mark != nullptr ? mark : read_sign(at);
    }
    case character_class::parameter: return read_parameter(at);
    case character_class::user_variable: return read_user_variable(at);
    case character_class::line_comment: return lexer_.past_line(at);
    case character_class::colon: return read_colon(at);
    case character_class::open_bracket:
    case character_class::close_bracket: return read_bracket(at);
    default: return read_operator(at, at + 1);
  }
}

const char* sql_reader::read_comma(const char* at) noexcept {
  const char* skipped = at;
  if (normal_.is_value_of_list(writer_)) skipped = items_.past_values(at);
  if (normal_.is_between_rows(writer_)) skipped = items_.past_rows(at, normal_);
  if (skipped != at) return skipped;
  normal_.comma(writer_, summary_.count_of_targets());
  forget_folded();
  summary_.comma();
  return past_symbol(at);
}

const char* sql_reader::read_open(const char* at) noexcept {
  if (utility_.opens_list()) {
    normal_.open_list(writer_);
  } else {
    normal_.open(writer_, keyword_at(at + 1));
  }
  forget_folded();
  summary_.open();
  return past_symbol(at);
}

const char* sql_reader::read_close(const char* at) noexcept {
  normal_.close(writer_);
  forget_folded();
  summary_.close();
  return past_symbol(at);
}

const char* sql_reader::past_symbol(const char* at) noexcept {
  if (utility_.is_active()) see_sign(*at);
  return at + 1;
}

void sql_reader::see_sign(char sign) noexcept {
  utility_.symbol(sign);
  follow_utility();
}

/// The summary has no targets of rows and items that were taken back.
void sql_reader::forget_folded() noexcept {
  const std::size_t before = normal_.take_folded();
  if (before != list_folding::nothing_folded) summary_.forget_targets_from(before);
}

/// The keyword that the next word is, if there is one.
keyword sql_reader::keyword_at(const char* at) const noexcept {
  at = lexer_.next_token(at);
  return keyword_of(text_between(at, lexer_.past_word(at)));
}

const char* sql_reader::read_word(const char* at) noexcept {
  const char* stop = lexer_.past_word(at);
  if (stop - at == 1) {
    const char* past = read_prefixed(at);
    if (past != nullptr) return past;
  }
  const std::string_view text = text_between(at, stop);
  const std::uint64_t hash = hash_of_text<letter_case::folded_word>(text);
  const keyword before = writer_.previous;
  const sql_word found{text, hash, writer_.last == spacing::dot ? no_keyword : keywords[hash]};
  if (utility_.is_active() && text != cut_sign) {
    add_utility_word(found, stop);
  } else {
    add_word(found, stop);
  }
  if (!found.is(keyword::default_word) || !lexer_.is(dialect::sqlite)) return stop;
  const char* past = before == keyword::set ? nullptr : past_bare_default(lexer_, stop);
  return past == nullptr ? stop : value(past);
}

void sql_reader::see_bare_values(keyword word) noexcept {
  bare_values_.see(word, writer_.previous, summary_.is_at_begin());
  if (bare_values_.is_active()) plain_end_ = nullptr;
}

bool sql_reader::is_bare_value(const sql_word& found) noexcept {
  return bare_values_.is_value(found, writer_.last, writer_.previous);
}

void sql_reader::begin_utility(keyword first) noexcept {
  utility_.begin_statement(first, lexer_.rules().language);
  if (utility_.is_active()) plain_end_ = nullptr;
}

void sql_reader::add_utility_word(const sql_word& found, const char* stop) noexcept {
  using role = utility_words::role;
  const role is =
      utility_.role_of(found, {lexer_.peek(lexer_.next_token(stop), 0), keyword_at(stop)},
                       normal_.is_before_operand(writer_));
  if (utility_.ends_list()) normal_.end_list(writer_);
  forget_folded();
  switch (is) {
    case role::data: (void)value(nullptr); break;
    case role::assignment:
      add_word({found.text, sql_normaliser::hash_of_symbol('='), found.traits}, stop);
      break;
    case role::transaction:
      summary_.prepares_transaction(found.text);
      normal_.add_keyword(writer_, found);
      break;
    case role::prefix_end:
      add_word(found, stop);
      summary_.begin_inner();
      break;
    case role::grammar: add_word(found, stop);
  }
  follow_utility();
}

/// While a word may be data, each token is read by itself.
void sql_reader::follow_utility() noexcept {
  if (utility_.begins_list()) normal_.begin_list(writer_);
  const bool may_be_data = utility_.is_active() || bare_values_.is_active();
  plain_end_ = may_be_data ? nullptr : text_.plain_end();
}

void sql_reader::add_word(const sql_word& found, const char* stop) noexcept {
  if (is_bare_value(found)) return (void)value(nullptr);
  switch (found.traits.id) {
    case keyword::none: return add_name(found);
    case keyword::value_word:
      if (!is_for_values(stop)) return add_name({found.text, found.hash});
      return add_keyword(
          {found.text, hash_of_text<letter_case::folded_word>("values"), values_word});
    case keyword::current:
      if (writer_.previous != keyword::where) return add_name({found.text, found.hash});
      utility_.begin_cursor();
      follow_utility();
      break;
    case keyword::execute:  // of `create table t as execute q(1)`
      if (writer_.previous == keyword::as && lexer_.is(dialect::postgresql)) {
        begin_utility(keyword::execute);
      }
      break;
    default: break;
  }
  if (lexer_.is(dialect::sqlite)) see_bare_values(found.traits.id);
  if (found.traits.begins_utility() && summary_.is_at_begin()) begin_utility(found.traits.id);
  if (normal_.is_value(writer_, found.traits.id)) return (void)value(nullptr);
  add_keyword(found);
}

/// MySQL's `insert into t value (…)`: any other `value` is a name.
bool sql_reader::is_for_values(const char* stop) const noexcept {
  const bool is_behind_target =
      writer_.last == spacing::close ||
      (writer_.last == spacing::word && writer_.previous == keyword::none);
  return is_behind_target && lexer_.is(dialect::mysql) && summary_.is_in_target() &&
         lexer_.peek(lexer_.next_token(stop), 0) == '(';
}

void sql_reader::add_keyword(const sql_word& found) noexcept {
  if (found.is(keyword::by)) has_by_ = true;
  if (found.traits.is_structural() || summary_.is_attentive()) {
    add_to_summary(found, writer_.previous, writer_.last);
  }
  normal_.add_keyword(writer_, found);
}

void sql_reader::add_to_summary(const sql_word& found, keyword previous, spacing last) noexcept {
  if (found.is(keyword::none)) return summary_.add_name(found);
  const char bracket = last == spacing::open ? '(' : last == spacing::close ? ')' : '\0';
  summary_.add_keyword(found, previous, bracket);
}

void sql_reader::add_name(const sql_word& name) noexcept {
  if (summary_.is_attentive()) summary_.add_name(name);
  normal_.add(writer_, name);
}

const char* sql_reader::value(const char* stop) noexcept {
  normal_.value(writer_);
  summary_.value();
  if (utility_.is_active()) utility_.value();
  return stop;
}

/// A single letter may decide how the quotes behind it are read; null where it does not.
const char* sql_reader::read_prefixed(const char* at) noexcept {
  const char quote = lexer_.peek(at, 1);
  if (quote != '\'' && quote != '&') return nullptr;
  const char letter = ascii_lower(*at);
  if (lexer_.is(dialect::sqlite)) {
    return quote == '\'' && letter == 'x' ? read_string(at, at + 1, false) : nullptr;
  }
  // Where the setting decides, the string is read as it would be without the letter.
  const bool is_of_setting = lexer_.is(dialect::mysql) ? is_char_of(letter, "bxn") : letter == 'n';
  if (quote == '\'' && is_of_setting) {
    return read(at + 1, characters_[static_cast<unsigned char>(quote)]);
  }
  if (lexer_.is(dialect::mysql)) return nullptr;
  if (quote == '\'' && is_char_of(letter, "ebx")) return read_string(at, at + 1, letter == 'e');
  if (quote == '&' && letter == 'u') {
    if (lexer_.peek(at, 2) == '\'') return read_string(at, at + 2, false);
    if (lexer_.peek(at, 2) == '"') return read_name(at, at + 2);
  }
  return nullptr;
}

const char* sql_reader::read_string(const char* at, const char* quote, bool escapes) noexcept {
  if (lexer_.is(dialect::sqlite) && at == quote && !utility_.is_active()) {
    const char* stop = lexer_.past_name(at + 1, *at);
    if (stop != nullptr && is_name_in_string(stop)) return add_quoted(at, stop);
  }
  return value(lexer_.past_string(quote, escapes));
}

/// SQLite takes 'artists' for a name where nothing else can stand.
bool sql_reader::is_name_in_string(const char* stop) const noexcept {
  if (summary_.expects_table() || writer_.last == spacing::dot) return true;
  const char* next = lexer_.next_token(stop);
  return lexer_.peek(next, 0) == '.' && !is_ascii_digit(lexer_.peek(next, 1));
}

const char* sql_reader::read_doubtful_string(const char* at) noexcept {
  return value(past_doubtful_string(lexer_, at));
}

const char* sql_reader::read_name(const char* at, const char* quote) noexcept {
  const char* stop = lexer_.past_name(quote + 1, *quote == '[' ? ']' : *quote);
  if (stop == nullptr) return value(end_);
  if (utility_.is_active()) {
    add_utility_word({text_between(at, stop), hash_of_quoted(lexer_, text_between(at, stop))},
                     stop);
    return stop;
  }
  const bool is_doubtful = *quote == '"' && lexer_.is(dialect::sqlite);
  if (is_doubtful && is_value_of_sqlite(at, stop)) return value(stop);
  return add_quoted(at, stop);
}

const char* sql_reader::add_quoted(const char* at, const char* stop) noexcept {
  const std::string_view text = text_between(at, stop);
  const sql_word name{text, hash_of_quoted(lexer_, text)};
  if (is_bare_value(name)) return value(stop);
  add_name(name);
  return stop;
}

/// Whether the word in double quotes may be a string to SQLite.
bool sql_reader::is_value_of_sqlite(const char* at, const char* stop) noexcept {
  switch (grammar_.place_of(at, stop)) {
    case sqlite_grammar::place::name: return false;
    case sqlite_grammar::place::value: return true;
    case sqlite_grammar::place::operand: break;
  }
  if (lexer_.rules().has_quoted_names()) return false;
  has_doubtful_words_ = true;
  return columns_ == nullptr || !columns_->is_name(text_between(at, stop));
}

// `order by 2`: the place of a column is no value. Whoever sorts by another column makes another
// query.
const char* sql_reader::read_number(const char* at) noexcept {
  const char* stop = lexer_.past_number(at);
  if (!may_be_ordinal(writer_) || !is_ordinal(at, stop)) return value(stop);
  const std::string_view digits = text_between(at, stop);
  summary_.value();
  normal_.add(writer_, {digits, hash_of_text<letter_case::exact>(digits)});
  return stop;
}

bool sql_reader::may_be_ordinal(const short_writer& writer) const noexcept {
  return has_by_ && (writer.previous == keyword::by || writer.last == spacing::separator ||
                     writer.last == spacing::open);
}

/// Whether the number is a whole item of a list behind BY.
bool sql_reader::is_ordinal(const char* at, const char* stop) noexcept {
  if (!is_place_of_column(text_between(at, stop))) return false;
  while (at != text_.begin() && is_blank(at[-1])) --at;
  const bool is_signed = at != text_.begin() && (at[-1] == '-' || at[-1] == '+');
  const char* next = lexer_.next_token(stop);
  const bool is_item = next == end_ || is_char_of(*next, ",);") ||
                       may_follow_by_item(text_between(next, lexer_.past_word(next)));
  if (is_signed || !is_item) return false;
  const std::string_view written = normal_.written(writer_);
  if (written.empty()) return false;
  return writer_.previous == keyword::by || ends_in_by_list(written);
}

const char* sql_reader::read_dot(const char* at) noexcept {
  if (is_ascii_digit(lexer_.peek(at, 1)) && writer_.last != spacing::word) {
    return value(lexer_.past_number(at));
  }
  normal_.symbol(writer_, '.', spacing::dot);
  summary_.dot();
  return past_symbol(at);
}

const char* sql_reader::read_dollar(const char* at) noexcept {
  if (is_ascii_digit(lexer_.peek(at, 1))) return value(lexer_.past_digits(at + 1));
  const char* stop = lexer_.past_dollar_quote(at);
  return stop != nullptr ? value(stop) : read_operator(at, at + 1);
}

// `?` is a parameter, and the sign for a value in a sanitised text. Of PostgreSQL's operators that
// begin with `?`, only those are read as operators that cannot be the begin of `?||'x'`.
const char* sql_reader::read_question_mark(const char* at) noexcept {
  const bool is_operator = lexer_.is(dialect::postgresql) && is_char_of(lexer_.peek(at, 1), "|&") &&
                           !is_operator_part(lexer_.peek(at, 2));
  if (is_operator) return read_operator(at, at + 2);
  return value(lexer_.past_digits(at + 1));
}

const char* sql_reader::read_parameter(const char* at) noexcept {
  const char* stop = lexer_.past_parameter(at);
  return stop == nullptr ? read_operator(at, at + 1) : value(stop);
}

/// `@name` and `@@global.name`: the names of settings and variables stay, except those in quotes.
const char* sql_reader::read_user_variable(const char* at) noexcept {
  const char* name = at + (lexer_.peek(at, 1) == '@' ? 2 : 1);
  const char* stop = lexer_.past_word(name);
  if (stop == name || utility_.is_in_account()) return read_operator(at, at + 1);
  const std::string_view text = text_between(at, stop);
  summary_.value();
  normal_.add(writer_, {text, hash_of_text<letter_case::folded>(text)});
  return stop;
}

const char* sql_reader::read_sign(const char* at) noexcept {
  const bool is_before_number = normal_.is_before_operand(writer_) || utility_.is_before_number();
  const bool is_of_number =
      (*at == '-' || *at == '+') && is_before_number && lexer_.is_number(lexer_.next_token(at + 1));
  return is_of_number ? at + 1 : read_operator(at, lexer_.past_operator(at));
}

const char* sql_reader::read_colon(const char* at) noexcept {
  return read_operator(at, at + (is_char_of(lexer_.peek(at, 1), ":=") ? 2 : 1));
}

const char* sql_reader::read_bracket(const char* at) noexcept {
  if (*at == '[') {
    normal_.open_bracket(writer_);
  } else {
    normal_.close(writer_, ']');
  }
  forget_folded();
  summary_.operation();
  return past_symbol(at);
}

const char* sql_reader::read_operator(const char* at, const char* stop) noexcept {
  if (stop - at == 1) {
    normal_.symbol(writer_, *at, *at == '*' ? spacing::star : spacing::operation);
  } else {
    normal_.operation(writer_, text_between(at, stop));
  }
  summary_.operation();
  if (utility_.is_active()) see_sign(text_between(at, stop) == ":=" ? '=' : *at);
  return stop;
}

}  // namespace

statement_identity identify_sql(std::string_view sql, sql_rules rules,
                                const known_columns* columns) {
  const overread_text text{sql};
  sql_reader reader{text, rules, nullptr};
  if (columns == nullptr || !reader.has_doubtful_words()) return reader.identity();
  const statement_identity draft = reader.identity();
  const sqlite_columns names{draft, *columns};
  return sql_reader{text, rules, &names}.identity();
}

}  // namespace querytap::detail
