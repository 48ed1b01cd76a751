#include "summary.hpp"

#include <cstring>

namespace querytap::detail {
namespace {

using enum keyword;

/// What the first word of a statement says about the rest.
enum class shape : std::uint8_t { unknown, query, write, names, object, prefix, silent, bare };

struct statement_rule {
  statement_kind kind = statement_kind::other;
  shape rest = shape::unknown;
};

statement_rule rule_of(keyword first) noexcept {
  using enum statement_kind;
  switch (first) {
    case select: return {read, shape::query};
    case with: return {read, shape::silent};
    case values:
    case declare: return {read, shape::prefix};
    case table: return {read, shape::names};
    case fetch: return {read, shape::bare};
    case insert:
    case replace:
    case update:
    case delete_:
    case merge: return {write, shape::write};
    case truncate: return {write, shape::names};
    case copy: return {read, shape::names};
    case create:
    case alter:
    case drop:
    case refresh:
    case reindex: return {definition, shape::object};
    case comment:
    case grant:
    case revoke: return {definition, shape::bare};
    case start: return {transaction, shape::names};
    case abort:
    case begin:
    case commit:
    case end:
    case release:
    case rollback:
    case savepoint: return {transaction, shape::bare};
    case analyze:
    case call:
    case execute:
    case listen:
    case lock:
    case notify:
    case pragma:
    case reset:
    case set:
    case show:
    case unlisten:
    case vacuum: return {other, shape::names};
    case explain:
    case prepare: return {other, shape::prefix};
    case attach:
    case close:
    case deallocate:
    case detach:
    case discard:
    case do_:
    case move: return {other, shape::bare};
    default: return {other, shape::unknown};
  }
}

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
      if (!is_too_deep()) here().is_name_next = false;
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
  if (is_too_deep() || previous_symbol_ == '.') return;
  if (here().in == clause::object) return add_object(t);
  if (here().is_name_next && takes_name(t)) return;
  if (!t.is(none)) add_keyword(t);
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

// SQLite takes 'artists' for a name where only a name can stand, and so does the convention.
void summary_builder::add_string(const token& t) noexcept {
  part_ = name_part::none;
  if (is_too_deep() || !here().is_name_next) return;
  here().is_name_next = false;
  const bool is_plain = t.text.size() > 1 && t.text.front() == '\'' && t.text.back() == '\'';
  if (is_plain && here().in == clause::tables) add_target(t.text);
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
    default: return leave_names();
  }
}

// What stands in parentheses where a table may stand is a join or a subquery. Anything else says
// nothing until a SELECT makes it a subquery.
void summary_builder::open() noexcept {
  level inner;
  if (!is_too_deep() && here().in == clause::tables && here().is_name_next) {
    inner = here();
    here().is_name_next = false;
  }
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
  const statement_rule rule = rule_of(t.word.id);
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
  if (in == clause::update) return t.is(or_) || previous_ == or_;
  if (in == clause::select) return t.is(table) || t.is(temporary) || t.is(unlogged);
  return in == clause::names && skips_in_names(t.word.id);
}

bool summary_builder::skips_in_names(keyword id) const noexcept {
  switch (id) {
    case table:
    case if_:
    case not_:
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
    case delete_:
    case merge:
      if (!may_begin_write(t.word.id)) break;
      put(t.text);
      add_write(t);
      break;
    case from: see_from(); break;
    case into: see_into(); break;
    case join: here().is_name_next = here().in == clause::tables; break;
    case using_:
      if (here().in == clause::remove) here() = {clause::tables, true};
      break;
    case as:
    case to: leave_names(); break;
    case except:
    case fetch:
    case for_:
    case group:
    case having:
    case intersect:
    case limit:
    case offset:
    case order:
    case returning:
    case union_:
    case where:
    case window: leave_tables(); break;
    default: break;
  }
}

void summary_builder::add_object(const token& t) noexcept {
  switch (t.word.id) {
    case or_:
    case replace:
    case temporary:
    case unlogged:
    case global:
    case local:
    case unique:
    case virtual_:
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
    case delete_: here() = {clause::remove, false}; break;
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
      if (previous_ != distinct) here() = {clause::tables, true};
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
