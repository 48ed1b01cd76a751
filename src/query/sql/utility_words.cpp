#include "utility_words.hpp"

#include "../text/sanitised_tokens.hpp"

#include <algorithm>

namespace querytap::detail {
namespace {

bool is_any_word(std::string_view word, std::initializer_list<std::string_view> listed) noexcept {
  return std::any_of(listed.begin(), listed.end(),
                     [word](std::string_view name) { return same_word(word, name); });
}

}  // namespace

void utility_words::begin_statement(keyword first, dialect language) noexcept {
  using enum keyword;
  *this = {};
  language_ = language;
  verb_ = first;
  switch (first) {
    case begin:
    case commit:
    case end:  // elsewhere transactions have no names
      if (language == dialect::sqlite) enter(form::names, part::grammar);
      return;
    case rollback:
    case close:
    case deallocate:
    case fetch:
    case move: return enter(form::names, part::grammar);
    case release: return enter(form::names, part::savepoint);
    case listen:
    case notify:
    case savepoint:
    case unlisten:
    case use: return enter(form::names, part::name);
    case kill: return enter(form::kill, part::grammar);
    case prepare: return enter(form::prepare, part::name);
    case declare: return enter(form::declare, part::name);
    case execute: return enter(form::execute, part::name);
    case batch:
    case explain: return enter(form::explain, part::grammar);
    case set: return enter(form::setting, part::setting);
    case grant:
      if (language == dialect::mysql) enter(form::definition, part::grammar);
      return;
    case alter:
    case create:
      if (language != dialect::sqlite) enter(form::definition, part::object);
      return;
    case drop:
      if (language == dialect::mysql) enter(form::drop, part::grammar);
      return;
    default: return;
  }
}

utility_words::role utility_words::role_of(const sql_word& word, lookahead ahead,
                                           bool is_operand) noexcept {
  role found = role::grammar;
  switch (form_) {
    case form::names:
    case form::kill: found = role_among_names(word); break;
    case form::prepare: found = role_in_prepare(word, ahead); break;
    case form::declare: found = role_in_declare(word); break;
    case form::execute: found = role_in_execute(word); break;
    case form::explain: found = role_in_explain(word); break;
    case form::setting: found = role_in_setting(word, ahead, is_operand); break;
    case form::definition: found = role_in_definition(word, ahead); break;
    case form::cursor: found = role_in_cursor(word); break;
    case form::drop: found = role_in_drop(word); break;
    case form::none: break;
  }
  is_after_dot_ = false;
  return found;
}

void utility_words::value() noexcept {
  is_after_dot_ = false;
  switch (part_) {
    case part::name: part_ = form_ == form::names ? part::grammar : part::behind_name; return;
    case part::savepoint:
    case part::secret: part_ = part::grammar; return;
    case part::value:
      if (form_ == form::definition || form_ == form::setting) part_ = part::behind_value;
      return;
    default: return;
  }
}

void utility_words::symbol(char sign) noexcept {
  is_after_dot_ = sign == '.';
  const bool is_outside = depth_ == 0;
  if (sign == '(' || sign == '[') ++depth_;
  if ((sign == ')' || sign == ']') && depth_ != 0) --depth_;
  const bool ends = (form_ == form::execute && sign == '(') || form_ == form::cursor;
  if (ends) return finish();
  if (part_ == part::secret && sign == '(') part_ = part::grammar;
  if (!is_outside || (form_ != form::setting && form_ != form::definition)) return;
  if (sign == '=' && (part_ == part::setting || part_ == part::account)) {
    begin_value(subject::setting);
  } else if (sign == ',' && (part_ == part::value || part_ == part::behind_value)) {
    const bool is_next_setting = is_mysql() && subject_ != subject::account;
    part_ = is_next_setting ? part::setting : part::value;
    previous_ = {};
  }
}

// The values of one setting are a list; only MySQL has several settings in one statement.
void utility_words::begin_value(subject as) noexcept {
  part_ = part::value;
  subject_ = as;
  begins_list_ = !is_mysql() || as == subject::account;
}

bool utility_words::is_grammar_of_names(std::string_view word) const noexcept {
  using enum keyword;
  switch (verb_) {
    case begin:
      return is_any_word(word, {"concurrent", "deferred", "exclusive", "immediate", "transaction"});
    case commit:
    case end: return same_word(word, "transaction");
    case rollback:
      return is_any_word(word, {"and", "chain", "no", "prepared", "release", "savepoint", "to",
                                "transaction", "work"});
    case close: return same_word(word, "all");
    case deallocate: return is_any_word(word, {"all", "prepare"});
    case fetch:
    case move:
      return is_any_word(word, {"absolute", "all", "backward", "first", "forward", "from", "in",
                                "last", "next", "prior", "relative"});
    case kill: return is_any_word(word, {"connection", "hard", "id", "query", "soft", "user"});
    default: return false;
  }
}

utility_words::role utility_words::role_among_names(const sql_word& word) noexcept {
  if (part_ == part::name) return role::data;
  const bool is_savepoint = word.is(keyword::savepoint);
  if (part_ == part::savepoint) {
    if (is_savepoint) part_ = part::name;
    return is_savepoint ? role::grammar : role::data;
  }
  if (!is_grammar_of_names(word.text)) return role::data;
  if (word.is(keyword::to)) part_ = part::savepoint;
  if (word.is(keyword::from) || word.is(keyword::in)) part_ = part::name;
  return role::grammar;
}

utility_words::role utility_words::role_in_prepare(const sql_word& word, lookahead ahead) noexcept {
  const bool is_begin = word.is(keyword::as) || word.is(keyword::from);
  if (is_begin) finish();
  if (is_begin || part_ != part::name) return role::grammar;
  const bool is_name =
      ahead.first == '(' || ahead.word == keyword::as || ahead.word == keyword::from;
  if (!word.is(keyword::transaction) || is_name) return role::data;
  enter(form::names, part::name);
  return role::transaction;
}

utility_words::role utility_words::role_in_declare(const sql_word& word) noexcept {
  if (part_ == part::name && !word.traits.is_reserved()) return role::data;
  if (word.is(keyword::for_word)) finish();
  return role::grammar;
}

utility_words::role utility_words::role_in_execute(const sql_word& word) noexcept {
  const bool is_immediate = is_mysql() && same_word(word.text, "immediate");
  if (part_ == part::name && !is_immediate && !word.traits.is_reserved()) return role::data;
  finish();
  return role::grammar;
}

utility_words::role utility_words::role_in_explain(const sql_word& word) noexcept {
  if (depth_ == 0 && !is_any_word(word.text, {"analyse", "analyze", "plan", "query", "verbose"})) {
    begin_statement(word.traits.id, language_);
  }
  return role::grammar;
}

utility_words::role utility_words::role_in_setting(const sql_word& word, lookahead ahead,
                                                   bool is_operand) noexcept {
  switch (part_) {
    case part::setting: return role_in_name_of_setting(word, ahead);
    case part::account:
      if (!word.is(keyword::to)) return role::data;
      begin_value(subject::account);
      return role::grammar;
    default: return role_in_value(word, ahead, is_operand);
  }
}

// Some settings have a phrase instead of a name: SET ROLE alice, SET TIME ZONE 'x', SET NAMES x.
utility_words::role utility_words::role_in_name_of_setting(const sql_word& word,
                                                           lookahead ahead) noexcept {
  const std::string_view previous = previous_;
  if (is_after_dot_ || ahead.first == '.') return role::grammar;
  previous_ = word.text;
  if (word.is(keyword::to)) {
    begin_value(subject::setting);
    return role::assignment;
  }
  if (word.is(keyword::for_word)) {
    part_ = part::account;
  } else if (same_word(word.text, "statement")) {
    is_prefix_ = is_mysql();
  } else if (same_word(word.text, "role") || same_word(word.text, "authorization")) {
    begin_value(subject::account);
  } else if (same_word(word.text, "zone") && same_word(previous, "time")) {
    begin_value(subject::zone);
  } else if (is_any_word(word.text, {"catalog", "charset", "names", "schema"}) ||
             (word.is(keyword::set) && same_word(previous, "character"))) {
    begin_value(subject::single);
  }
  return role::grammar;
}

utility_words::role utility_words::role_in_value(const sql_word& word, lookahead ahead,
                                                 bool is_operand) noexcept {
  if (is_prefix_ && depth_ == 0 && word.is(keyword::for_word)) {
    finish();
    return role::prefix_end;
  }
  const bool is_default = word.is(keyword::default_word);
  const bool is_phrase = (subject_ == subject::zone &&
                          is_any_word(word.text, {"day", "hour", "interval", "local", "minute",
                                                  "month", "second", "to", "year"})) ||
                         (subject_ == subject::account &&
                          is_any_word(word.text, {"all", "except", "for", "none", "to"})) ||
                         (part_ == part::value && word.is(keyword::to));
  if (is_default) part_ = part::behind_value;
  if (is_default || is_phrase) return role::grammar;
  if (!is_mysql()) return role::data;
  if (same_word(word.text, "collate")) return role::grammar;
  return subject_ == subject::setting ? role_in_expression(word, ahead, is_operand) : role::data;
}

// MySQL's values are expressions. What is a name there is a variable of a procedure at best.
utility_words::role utility_words::role_in_expression(const sql_word& word, lookahead ahead,
                                                      bool is_operand) const noexcept {
  if (depth_ != 0 || ahead.first == '(') return role::grammar;
  if (!is_operand) return word.is(keyword::none) ? role::data : role::grammar;
  const bool begins_expression = is_any_word(
      word.text,
      {"case", "else", "exists", "false", "interval", "not", "null", "then", "true", "when"});
  return begins_expression ? role::grammar : role::data;
}

utility_words::role utility_words::role_in_definition(const sql_word& word,
                                                      lookahead ahead) noexcept {
  switch (part_) {
    case part::object: return role_of_object(word);
    case part::secret: return role_of_secret(word, ahead);
    case part::setting:
      if (is_any_word(word.text, {"from", "schema", "tablespace"})) part_ = part::grammar;
      return part_ == part::setting ? role_in_name_of_setting(word, ahead) : role::grammar;
    case part::value: return role_in_value(word, ahead, true);
    case part::behind_value:
      ends_list_ = true;
      part_ = part::grammar;
      return role_of_clause(word);
    default: return depth_ == 0 ? role_of_clause(word) : role::grammar;
  }
}

utility_words::role utility_words::role_of_object(const sql_word& word) noexcept {
  if (word.is(keyword::or_word) || word.is(keyword::replace)) return role::grammar;
  const bool is_account = is_any_word(word.text, {"group", "role", "user"});
  const bool has_settings =
      language_ == dialect::postgresql &&
      is_any_word(word.text, {"database", "function", "procedure", "routine", "system"});
  part_ = part::grammar;
  if (!is_account && !has_settings) finish();
  return role::grammar;
}

// The body of a function may be SQL.
utility_words::role utility_words::role_of_clause(const sql_word& word) noexcept {
  const bool is_body = word.is(keyword::begin) || same_word(word.text, "return");
  if (is_body) {
    finish();
  } else if (word.is(keyword::set) && language_ == dialect::postgresql) {
    part_ = part::setting;
    previous_ = {};
  } else if (same_word(word.text, "password")) {
    part_ = part::secret;
  } else if (same_word(word.text, "identified")) {
    is_identified_ = true;
  } else if (is_identified_ && is_any_word(word.text, {"as", "by", "using"})) {
    part_ = part::secret;
  }
  return role::grammar;
}

utility_words::role utility_words::role_of_secret(const sql_word& word, lookahead ahead) noexcept {
  if (same_word(word.text, "password")) return role::grammar;
  const bool is_clause =
      is_any_word(word.text, {"expire", "history", "null", "random", "require", "reuse", "values"});
  if (!is_clause && ahead.first != '(') return role::data;
  part_ = part::grammar;
  return role::grammar;
}

utility_words::role utility_words::role_in_cursor(const sql_word& word) noexcept {
  if (part_ == part::name) return role::data;
  if (same_word(word.text, "of")) {
    part_ = part::name;
  } else {
    finish();
  }
  return role::grammar;
}

// Of DROP PREPARE.
utility_words::role utility_words::role_in_drop(const sql_word& word) noexcept {
  if (word.is(keyword::prepare)) {
    enter(form::names, part::name);
  } else {
    finish();
  }
  return role::grammar;
}

}  // namespace querytap::detail
