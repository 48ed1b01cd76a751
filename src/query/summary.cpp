#include "summary.hpp"

#include <array>
#include <cstddef>
#include <cstring>
#include <initializer_list>

namespace querytap::detail {
namespace {

using enum keyword;

/// How a statement goes on after its first word.
enum class shape : std::uint8_t { unknown, query, write, names, object, prefix, silent, bare };

struct statement_rule {
  statement_kind kind = statement_kind::other;
  shape rest = shape::unknown;
};

struct statement_group {
  statement_rule rule;
  std::initializer_list<keyword> first_words;
};

using effect = statement_kind;

constexpr statement_group groups[] = {
    {{effect::read, shape::query}, {select}},
    {{effect::read, shape::silent}, {with}},
    {{effect::read, shape::prefix}, {values, declare}},
    {{effect::read, shape::names}, {table, copy}},
    {{effect::read, shape::bare}, {fetch}},
    {{effect::write, shape::write}, {insert, replace, update, delete_word, merge}},
    {{effect::write, shape::names}, {truncate}},
    {{effect::definition, shape::object}, {create, alter, drop, refresh, reindex}},
    {{effect::definition, shape::bare}, {comment, grant, revoke}},
    {{effect::transaction, shape::names}, {start}},
    {{effect::transaction, shape::bare}, {abort, begin, commit, end, release, rollback, savepoint}},
    {{effect::other, shape::names}, {analyze, call, execute, listen, lock, notify}},
    {{effect::other, shape::names}, {pragma, reset, set, show, unlisten, vacuum}},
    {{effect::other, shape::prefix}, {explain, prepare}},
    {{effect::other, shape::bare},
     {attach, close, deallocate, detach, discard, do_word, load, move}},
};

constexpr auto make_rules() {
  std::array<statement_rule, static_cast<std::size_t>(window) + 1> rules{};
  for (const statement_group& group : groups) {
    for (const keyword first : group.first_words) {
      rules[static_cast<std::size_t>(first)] = group.rule;
    }
  }
  return rules;
}

/// By first word.
constexpr auto rules = make_rules();

/// Of several statements sent at once the one that does most gives the kind.
int weight(statement_kind kind) noexcept {
  switch (kind) {
    case statement_kind::other: return 0;
    case statement_kind::transaction: return 1;
    case statement_kind::read: return 2;
    case statement_kind::write: return 3;
    case statement_kind::definition: return 4;
  }
  return 0;
}

bool ends_tables(keyword id) noexcept {
  switch (id) {
    case except:
    case fetch:
    case for_word:
    case group:
    case having:
    case intersect:
    case limit:
    case offset:
    case order:
    case returning:
    case union_word:
    case values:
    case where:
    case window: return true;
    default: return false;
  }
}

}  // namespace

void summary_builder::add(const token& t) noexcept {
  switch (t.kind) {
    case token_kind::word: add_word(t); break;
    case token_kind::quoted_name: add_name(t); break;
    case token_kind::string: add_string(t); break;
    case token_kind::symbol: add_symbol(t); break;
    case token_kind::number:
    case token_kind::parameter:
    case token_kind::end:
      part_ = name_part::none;
      if (!is_too_deep()) here() = {here().in};
      break;
  }
  previous_ = t.word.id;
  previous_symbol_ = t.symbol;
}

void summary_builder::add_word(const token& t) noexcept {
  if (part_ == name_part::after_dot) return add_name(t);
  part_ = name_part::none;
  if (!is_statement_begun_) return begin_statement(t);
  if (is_opaque_) {
    is_in_body_ = is_in_body_ || t.is(begin);
    return;
  }
  if (is_too_deep()) return;
  if (here().in == clause::object) return add_object(t);
  if (here().is_name_next && takes_name(t)) return;
  if (t.is(none)) return;
  if (!t.is(as)) here().is_list_of_names = false;
  add_keyword(t);
}

void summary_builder::add_name(const token& t) noexcept {
  if (part_ == name_part::after_dot) {
    put_part('.', t.text);
    part_ = name_part::after_name;
    return;
  }
  part_ = name_part::none;
  is_statement_begun_ = true;
  if (!is_too_deep() && here().is_name_next) add_target(t.text);
}

// SQLite takes 'artists' for a name where only a name can stand, and so does the convention. To be
// sure that it is no value it must stand in a list of tables as plain as can be.
void summary_builder::add_string(const token& t) noexcept {
  part_ = name_part::none;
  if (is_too_deep()) return;
  const bool is_name = here().is_name_next && here().is_list_of_names;
  const bool is_plain = t.text.size() > 1 && t.text.front() == '\'' && t.text.back() == '\'';
  here() = {here().in, false, is_name && is_plain};
  if (is_name && is_plain) add_target(t.text);
}

void summary_builder::add_symbol(const token& t) noexcept {
  const bool continues_name = t.is_symbol('.') && part_ == name_part::after_name;
  part_ = continues_name ? name_part::after_dot : name_part::none;
  switch (t.symbol) {
    case '(': return open();
    case ')': return close();
    case ',': return comma();
    case ';': return end_statement();
    case '.': return;
    default: break;
  }
  leave_names();
  if (!is_too_deep()) here().is_list_of_names = false;
}

// What stands in parentheses where a table may stand is a join or a subquery. Anything else says
// nothing until a SELECT makes it a subquery.
void summary_builder::open() noexcept {
  level inner;
  if (!is_too_deep() && here().in == clause::tables && here().is_name_next) {
    inner = {clause::tables, true};
  }
  if (!is_too_deep()) here() = {here().in, here().in == clause::names && here().is_name_next};
  if (++depth_ < deepest) levels_[depth_] = inner;
}

void summary_builder::close() noexcept {
  if (depth_ != 0) --depth_;
}

void summary_builder::comma() noexcept {
  if (is_too_deep()) return;
  here().is_name_next = here().in == clause::tables || here().in == clause::names;
}

void summary_builder::end_statement() noexcept {
  if (is_in_body_) return;
  if (weight(current_) > weight(kind_)) kind_ = current_;
  depth_ = 0;
  levels_[0] = {};
  part_ = name_part::none;
  is_statement_begun_ = false;
  is_opaque_ = false;
  verb_ = keyword::none;
  object_ = keyword::none;
  current_ = statement_kind::other;
}

void summary_builder::begin_statement(const token& t) noexcept {
  const statement_rule rule = rules[static_cast<std::size_t>(t.word.id)];
  is_statement_begun_ = true;
  verb_ = t.word.id;
  current_ = rule.kind;
  is_opaque_ = rule.rest == shape::unknown || rule.rest == shape::bare;
  if (rule.rest != shape::unknown && rule.rest != shape::silent) put(t.text);
  if (is_too_deep()) return;
  switch (rule.rest) {
    case shape::query: here() = {clause::select, false}; break;
    case shape::write: add_write(t); break;
    case shape::names: here() = {clause::names, true}; break;
    case shape::object: here() = {clause::object, false}; break;
    default: break;
  }
}

/// Words that may stand between an operation and its target.
bool summary_builder::skips(const token& t) const noexcept {
  const clause in = levels_[depth_].in;
  if (t.is(only) || t.is(lateral)) return true;
  if (in == clause::update) return t.is(or_word) || previous_ == or_word;
  if (in == clause::select) return t.is(table) || t.is(temporary) || t.is(unlogged);
  return in == clause::names && skips_in_names(t.word.id);
}

bool summary_builder::skips_in_names(keyword id) const noexcept {
  switch (id) {
    case table:
    case if_word:
    case not_word:
    case exists:
    case concurrently:
    case freeze:
    case full:
    case verbose:
    case analyze: return true;
    case session:
    case local: return verb_ == set;
    case on: return object_ == index;
    default: return false;
  }
}

/// Whether the word is the target that was waited for, or something on the way to it.
bool summary_builder::takes_name(const token& t) noexcept {
  if (skips(t)) return true;
  here().is_name_next = false;
  if (t.word.reserved) return false;
  add_target(t.text);
  return true;
}

void summary_builder::add_target(std::string_view name) noexcept {
  put(name);
  here().is_name_next = false;
  part_ = name_part::after_name;
  if (here().in != clause::names || object_ == keyword::none || verb_ == drop) return;
  here().in = clause::none;
  is_opaque_ = verb_ != create || (object_ != table && object_ != view);
}

void summary_builder::leave_names() noexcept {
  if (is_too_deep() || here().in != clause::names) return;
  here() = {};
}

void summary_builder::add_keyword(const token& t) noexcept {
  switch (t.word.id) {
    case select:
      put(t.text);
      here() = {clause::select, false};
      break;
    case insert:
    case replace:
    case update:
    case delete_word:
    case merge:
      if (!may_begin_write(t.word.id)) break;
      put(t.text);
      add_write(t);
      break;
    case from: see_from(); break;
    case into: see_into(); break;
    case join: here().is_name_next = here().in == clause::tables; break;
    case using_word:
      if (here().in == clause::remove) here() = {clause::tables, true};
      break;
    case as:
    case to: leave_names(); break;
    default:
      if (ends_tables(t.word.id)) leave_tables();
  }
}

void summary_builder::add_object(const token& t) noexcept {
  switch (t.word.id) {
    case or_word:
    case replace:
    case temporary:
    case unlogged:
    case global:
    case local:
    case unique:
    case virtual_word:
    case materialized:
    case recursive:
    case foreign: return;
    case table:
    case index:
    case view:
    case function:
    case trigger:
    case object:
      put(t.text);
      object_ = t.word.id;
      here() = {clause::names, true};
      return;
    default: is_opaque_ = true;
  }
}

void summary_builder::add_write(const token& t) noexcept {
  if (current_ == statement_kind::read) current_ = statement_kind::write;
  switch (t.word.id) {
    case update: here() = {clause::update, true}; break;
    case delete_word: here() = {clause::remove, false}; break;
    default: here() = {clause::insert, false}; break;
  }
}

// These words have other uses: FOR UPDATE, ON DELETE, DO UPDATE, `replace(…)`.
bool summary_builder::may_begin_write(keyword id) const noexcept {
  if (previous_symbol_ == ')') return true;
  if (previous_symbol_ == '(') return id != replace;
  switch (previous_) {
    case explain:
    case analyze:
    case verbose:
    case plan: return verb_ == explain;
    case as: return verb_ == prepare;
    default: return false;
  }
}

// FROM also stands in `extract(year from x)` and `is distinct from x`, and in COPY means "write".
void summary_builder::see_from() noexcept {
  switch (here().in) {
    case clause::select:
    case clause::update:
      if (previous_ != distinct) here() = {clause::tables, true, true};
      break;
    case clause::remove: here().is_name_next = true; break;
    case clause::names:
      if (verb_ == copy) current_ = statement_kind::write;
      here() = {};
      break;
    default: break;
  }
}

void summary_builder::see_into() noexcept {
  switch (here().in) {
    case clause::insert:
      here().is_name_next = true;
      here().in = verb_ == merge ? clause::remove : clause::none;
      break;
    case clause::select:
      here().is_name_next = true;
      current_ = statement_kind::write;
      break;
    default: leave_names(); break;
  }
}

void summary_builder::leave_tables() noexcept {
  if (here().in == clause::tables || here().in == clause::names) here() = {};
}

void summary_builder::put(std::string_view piece) noexcept {
  piece_ = size_;
  if (size_ == 0) {
    put_part('\0', piece);
  } else {
    put_part(' ', piece);
  }
}

/// A piece that does not fit goes as a whole, and all that follows with it.
void summary_builder::put_part(char before, std::string_view piece) noexcept {
  const std::size_t gap = before == '\0' ? 0 : 1;
  if (is_full_) return;
  if (piece.size() + gap > size_limit - size_) {
    is_full_ = true;
    size_ = piece_;
    return;
  }
  buffer_[size_] = before;
  std::memcpy(buffer_.data() + size_ + gap, piece.data(), piece.size());
  size_ += gap + piece.size();
}

}  // namespace querytap::detail
