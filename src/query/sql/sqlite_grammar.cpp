#include "sqlite_grammar.hpp"

#include "sqlite_pragmas.hpp"

namespace querytap::detail {

sqlite_grammar::place sqlite_grammar::place_of(const char* at, const char* stop) noexcept {
  advance(at);
  if (at_ != at || depth_ >= deepest || level_.items == list::module_arguments) return place::value;
  const char* next = lexer_.next_token(stop);
  if (has(sqlite_word::attach)) return is_name_of_attached(next) ? place::name : place::value;
  if (is_in_value_ && value_of_pragma(pragma_) != pragma_value::name) return place::value;
  const char sign = lexer_.peek(next, 0);
  if (is_after_dot_ || sign == '.') return place::name;
  switch (expected_) {
    case expected::name: return place::name;
    case expected::operation: return level_.has_aliases ? place::name : place::value;
    case expected::operand: break;
    case expected::statement: return place::value;
  }
  if (is_in_value_ || sign == '(') return place::name;  // of a function
  const bool is_column = level_.has_columns && last_ != sqlite_word::default_word;
  return is_column ? place::operand : place::value;
}

// `attach 'file' as "name" key 'secret'`: all three are expressions to SQLite.
bool sqlite_grammar::is_name_of_attached(const char* next) const noexcept {
  const char sign = lexer_.peek(next, 0);
  return last_ == sqlite_word::as && (next == lexer_.end() || sign == ';' || is_name_part(sign));
}

void sqlite_grammar::advance(const char* stop) noexcept {
  while ((at_ = lexer_.next_token(at_)) < stop) at_ = read_token(at_);
}

const char* sqlite_grammar::read_token(const char* at) noexcept {
  switch (*at) {
    case '(': open(); return at + 1;
    case ')': close(); return at + 1;
    case ',': add_comma(); return at + 1;
    case ';': begin_statement(); return at + 1;
    case '\'': add_operand(); return lexer_.past_string(at, false);
    case '"':
    case '`': add_operand(); return past_closing(at, *at);
    case '[': add_operand(); return past_closing(at, ']');
    case '?':
    case ':':
    case '@':
    case '$':
    case '#': return read_parameter(at);
    case '.':
      if (is_ascii_digit(lexer_.peek(at, 1)) && expected_ != expected::operation) break;
      note(sqlite_word::other);
      is_after_dot_ = true;
      return at + 1;
    default: break;
  }
  if (lexer_.is_number(at)) {
    add_operand();
    return lexer_.past_number(at);
  }
  if (is_name_part(*at)) return read_bare_word(at);
  add_sign(*at);
  return at + 1;
}

const char* sqlite_grammar::past_closing(const char* at, char closing) const noexcept {
  const char* stop = lexer_.past_name(at + 1, closing);
  return stop == nullptr ? lexer_.end() : stop;
}

const char* sqlite_grammar::read_parameter(const char* at) noexcept {
  const char* stop = lexer_.past_word(at + 1);
  if (stop == at + 1 && *at != '?') {
    add_sign(*at);
  } else {
    add_operand();
  }
  return stop;
}

const char* sqlite_grammar::read_bare_word(const char* at) noexcept {
  const char* stop = lexer_.past_word(at);
  const std::string_view text = text_between(at, stop);
  if (lexer_.peek(stop, 0) == '\'' && (text == "x" || text == "X")) {
    add_operand();
    return lexer_.past_string(stop, false);
  }
  if (has(sqlite_word::pragma)) {
    if (!is_in_value_) pragma_ = text;
    add_operand();
    return stop;
  }
  const sqlite_word word = is_after_dot_ ? sqlite_word::other : sqlite_word_of(text);
  if (word == sqlite_word::other && expected_ != expected::statement) {
    add_operand();
  } else {
    add_word(word, is_before_name(stop));
  }
  return stop;
}

bool sqlite_grammar::is_before_name(const char* at) const noexcept {
  const char next = lexer_.peek(lexer_.next_token(at), 0);
  return is_name_part(next) || is_char_of(next, "\"`['");
}

/// A name, a value, or a word that means nothing here.
void sqlite_grammar::add_operand() noexcept {
  const bool was_for_name = in_brackets_ == list::tables || in_brackets_ == list::assignments;
  expected_ = expected::operation;
  if (was_for_name) in_brackets_ = list::expressions;
  note(sqlite_word::other);
}

void sqlite_grammar::add_sign(char sign) noexcept {
  if (sign == '*' && expected_ == expected::operand) return add_operand();
  if (has(sqlite_word::pragma)) is_in_value_ = true;
  expect(expected::operand);
  note(sqlite_word::other);
}

void sqlite_grammar::add_comma() noexcept {
  switch (level_.items) {
    case list::module_arguments: break;
    case list::expressions:
    case list::rows: expect(expected::operand); break;
    case list::tables:
      level_.has_aliases = true;
      expect(expected::name, list::tables);
      break;
    case list::assignments: expect(expected::name, list::assignments); break;
    case list::queries: expect(expected::name, list::names); break;
    case list::names:
    case list::definitions:
    case list::windows: expect(expected::name); break;
  }
  note(sqlite_word::other);
}

void sqlite_grammar::open() noexcept {
  const list items = in_brackets_;
  const bool has_columns = level_.has_columns && last_ != sqlite_word::default_word;
  end_header();
  if (has(sqlite_word::pragma)) is_in_value_ = true;
  if (depth_ < deepest) levels_[depth_] = level_;
  ++depth_;
  switch (items) {
    case list::tables:
      enter(list::tables, expected::name, true);
      in_brackets_ = list::tables;
      break;
    case list::names:
    case list::assignments: enter(list::names, expected::name); break;
    case list::definitions: enter(list::definitions, expected::name, true); break;
    case list::windows: enter(list::expressions, expected::name); break;
    case list::module_arguments: enter(list::module_arguments, expected::operand); break;
    default: enter(list::expressions, expected::operand); level_.has_columns = has_columns;
  }
  note(sqlite_word::other);
  is_after_bracket_ = true;
}

void sqlite_grammar::close() noexcept {
  if (depth_ != 0 && --depth_ < deepest) level_ = levels_[depth_];
  expect(expected::operation);
  note(sqlite_word::other);
}

void sqlite_grammar::begin_statement() noexcept {
  depth_ = 0;
  verb_ = sqlite_word::other;
  object_ = sqlite_word::other;
  is_in_value_ = false;
  pragma_ = {};
  enter(list::expressions, expected::statement);
  note(sqlite_word::other);
}

void sqlite_grammar::add_word(sqlite_word word, bool is_before_name) noexcept {
  const bool is_known = expected_ == expected::statement ? begin_with(word)
                        : has(sqlite_word::attach)
                            ? add_word_of_attach(word)
                            : add_clause(word) || add_part_of_clause(word, is_before_name) ||
                                  add_word_of_definition(word);
  if (!is_known) add_operand();
  last_ = word;
  is_after_dot_ = false;
}

bool sqlite_grammar::begin_with(sqlite_word first) noexcept {
  using enum sqlite_word;
  verb_ = first;
  note(first);
  switch (first) {
    case explain:
    case query:
    case plan: return true;
    case attach: level_.has_columns = false; break;
    case detach:
    case pragma:
    case vacuum:
    case update:
    case before_object: expect(expected::name); return true;
    case with:
      enter(list::queries, expected::name);
      in_brackets_ = list::names;
      return true;
    case abort: verb_ = insert; break;  // REPLACE
    case select:
    case values: return add_clause(first);
    default: break;
  }
  expect(expected::operand);
  return true;
}

bool sqlite_grammar::add_word_of_attach(sqlite_word word) noexcept {
  switch (word) {
    case sqlite_word::database:
    case sqlite_word::key:
    case sqlite_word::as: note(word); return true;
    default: return false;
  }
}

/// Words that begin a clause, wherever they stand.
bool sqlite_grammar::add_clause(sqlite_word word) noexcept {
  using enum sqlite_word;
  const sqlite_word before = last_;
  switch (word) {
    case select: enter(list::expressions, expected::operand, true); break;
    case returning: enter(list::expressions, expected::operand, true); break;
    case where: enter(list::expressions, expected::operand); break;
    case from: add_from(); break;
    case join:
      level_.has_aliases = true;
      expect(expected::name, list::tables);
      break;
    case into: add_into(); break;
    case values: add_values(); break;
    case set:
      if (level_.items == list::definitions) return false;  // ON DELETE SET NULL
      enter(list::assignments, expected::name);
      in_brackets_ = list::assignments;
      break;
    case limit:
      enter(list::expressions, expected::operand);
      level_.has_columns = false;
      break;
    case by:
      if (before == indexed) {
        expect(expected::name);
      } else {
        enter(list::expressions, expected::operand);
      }
      break;
    case on: add_on(); break;
    case as: add_as(); break;
    case insert:
      if (has(trigger)) return false;  // AFTER INSERT
      verb_ = insert;
      expect(expected::operation);
      break;
    default: return false;
  }
  note(word);
  return true;
}

bool sqlite_grammar::add_part_of_clause(sqlite_word word, bool is_before_name) noexcept {
  using enum sqlite_word;
  const bool is_complete = expected_ == expected::operation;
  switch (word) {
    case before_operand:
    case distinct:
    case not_word:
    case or_word: expect(expected::operand); break;
    case in:
    case update:
    case before_name: expect(expected::name); break;
    case with:
      if (!is_before_name) return false;
      if (!is_after_bracket_ && last_ != as && !(is_complete && has(insert))) return false;
      enter(list::queries, expected::name);
      in_brackets_ = list::names;
      break;
    case recursive:
      if (last_ != with) return false;
      break;
    case database:
      if (last_ != detach) return false;
      break;
    case window:
      if (!is_complete || !is_before_name) return false;
      enter(list::windows, expected::name);
      break;
    case over:
      if (!is_complete) return false;
      expect(expected::name, list::windows);
      break;
    case abort:  // UPDATE OR IGNORE t
      if (last_ != or_word || before_last_ != update) return false;
      expect(expected::name);
      break;
    case conflict:
      if (last_ != on) return false;
      expect(expected::name, list::names);
      break;
    case of:  // UPDATE OF a, b
      if (last_ != update) return false;
      enter(list::names, expected::name);
      break;
    default: return false;
  }
  note(word);
  return true;
}

bool sqlite_grammar::add_word_of_definition(sqlite_word word) noexcept {
  using enum sqlite_word;
  switch (word) {
    case table:
    case index:
    case view:
    case trigger: return add_object(word);
    case exists: expect(expected::name, brackets_of_object()); break;
    case check:
    case default_word: expect(expected::operand); break;
    case references: expect(expected::name, list::names); break;
    case unique: expect(expected::operation, list::names); break;
    case key:
      if (last_ != primary && last_ != foreign) return false;
      expect(expected::operation, list::names);
      break;
    case using_word:
      expect(expected::name, object_ == table ? list::module_arguments : list::names);
      break;
    case begin:
      if (!has(trigger) || depth_ != 0) return false;
      begin_statement();
      break;
    default: return false;
  }
  note(word);
  return true;
}

bool sqlite_grammar::add_object(sqlite_word word) noexcept {
  using enum sqlite_word;
  const bool is_definition = has(create) || has(drop) || has(alter);
  if (!is_definition || depth_ != 0 || object_ != other) return false;
  object_ = word;
  if (word == trigger) verb_ = trigger;
  if (has(alter)) enter(list::definitions, expected::name, true);
  expect(expected::name, brackets_of_object());
  note(word);
  return true;
}

sqlite_grammar::list sqlite_grammar::brackets_of_object() const noexcept {
  switch (object_) {
    case sqlite_word::table: return list::definitions;
    case sqlite_word::view: return list::names;
    default: return list::expressions;
  }
}

void sqlite_grammar::end_header() noexcept {
  if (object_ == sqlite_word::table || object_ == sqlite_word::view) object_ = sqlite_word::other;
}

// Behind AS stands an alias, a type, or the brackets of a query or a window.
void sqlite_grammar::add_as() noexcept {
  const bool is_of_target = level_.items == list::names && has(sqlite_word::insert);
  end_header();
  expect(expected::name, is_of_target                    ? list::names
                         : level_.items == list::windows ? list::windows
                                                         : list::expressions);
}

void sqlite_grammar::add_from() noexcept {
  if (last_ == sqlite_word::distinct) return expect(expected::operand);  // IS DISTINCT FROM
  enter(list::tables, expected::name, true);
  in_brackets_ = list::tables;
}

void sqlite_grammar::add_into() noexcept {
  if (has(sqlite_word::vacuum)) {
    level_.has_columns = false;
    return expect(expected::operand);
  }
  enter(list::names, expected::name);
  in_brackets_ = list::names;
}

void sqlite_grammar::add_on() noexcept {
  if (object_ == sqlite_word::index || object_ == sqlite_word::trigger) {
    object_ = sqlite_word::other;
    return expect(expected::name);
  }
  if (level_.items == list::tables) level_.has_aliases = false;
  expect(expected::operand);
}

// Only in a subquery may a row have columns, those of the query around it.
void sqlite_grammar::add_values() noexcept {
  enter(list::rows, expected::operand);
  level_.has_columns = depth_ != 0;
}

}  // namespace querytap::detail
