#include "summary.hpp"

#include "../text/word_hash.hpp"

#include <initializer_list>

namespace querytap::detail {
namespace {

/// How a statement goes on after its first word.
enum class statement_shape : std::uint8_t {
  unknown,
  query,
  queries,
  write,
  load,
  names,
  object,
  prefix,
  bare
};

struct statement_rule {
  statement_kind kind = statement_kind::other;
  statement_shape rest = statement_shape::unknown;
};

struct statement_group {
  statement_rule rule;
  std::initializer_list<keyword> first_words;
};

/// The rules by first word.
class statement_rules {
 public:
  constexpr statement_rules() {
    for (const statement_group& listed : groups) {
      for (const keyword first : listed.first_words) {
        rules_[static_cast<std::size_t>(first)] = listed.rule;
      }
    }
  }

  [[nodiscard]] constexpr statement_rule operator[](keyword first) const noexcept {
    const auto id = static_cast<std::size_t>(first);
    return id < rules_.size() ? rules_[id] : statement_rule{};
  }

 private:
  using enum keyword;
  using effect = statement_kind;
  using shape = statement_shape;

  static constexpr statement_group groups[] = {
      {{effect::read, shape::query}, {select}},
      {{effect::read, shape::queries}, {with}},
      {{effect::read, shape::prefix}, {values, declare}},
      {{effect::read, shape::names}, {copy, handler, table}},
      {{effect::read, shape::bare}, {fetch}},
      {{effect::write, shape::write}, {delete_word, insert, merge, replace, update}},
      {{effect::write, shape::names}, {truncate}},
      {{effect::definition, shape::object}, {alter, create, drop, refresh, reindex}},
      {{effect::definition, shape::names}, {rename}},
      {{effect::definition, shape::bare}, {comment, grant, revoke}},
      {{effect::transaction, shape::names}, {start}},
      {{effect::transaction, shape::bare},
       {abort, begin, commit, end, release, rollback, savepoint, xa}},
      {{effect::other, shape::names}, {analyze, call, check, describe, execute, listen, lock}},
      {{effect::other, shape::names}, {maintain, notify, pragma, reset, set, show, unlisten}},
      {{effect::other, shape::names}, {use, vacuum}},
      {{effect::other, shape::prefix}, {batch, explain, prepare}},
      {{effect::other, shape::load}, {load}},
      {{effect::other, shape::bare},
       {attach, close, deallocate, detach, discard, do_word, flush, kill, move, unlock}},
  };

  std::array<statement_rule, static_cast<std::size_t>(xa) + 1> rules_{};
};

constexpr statement_rules rules_of_statements;

/// Of several statements sent at once, the one that weighs most gives the kind.
int weight_of_kind(statement_kind kind) noexcept {
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

void summary_builder::add_name(const sql_word& name) noexcept {
  if ((attention_ & after_dot) != 0) {
    targets_.extend(name.text, name.hash);
    attention_ = after_name;
    return;
  }
  const std::uint8_t attention = attention_;
  attention_ = 0;
  if ((attention & at_begin) != 0 || here_.part == clause::object) {
    is_opaque_ = true;
  } else if ((attention & name_next) != 0) {
    add_target(name.text, name.hash);
  }
}

void summary_builder::add_keyword(const sql_word& found, keyword previous, char after) noexcept {
  using enum keyword;
  if ((attention_ & at_begin) != 0) return begin_statement(found);
  if (expects_name()) {
    if (here_.part == clause::object) return add_object(found);
    if (skips(found, previous)) {
      if (found.is(on)) object_ = table;  // of an index without a name
      return;
    }
    if (!found.traits.is_reserved()) return add_target(found.text, found.hash);
  }
  attention_ = 0;
  if (is_opaque_) return add_opaque(found);
  if (found.traits.is_structural() && depth_ < deepest) add_structure(found, previous, after);
}

bool summary_builder::expects_table() const noexcept {
  if (!expects_name()) return false;
  switch (here_.part) {
    case clause::into:
    case clause::owner:
    case clause::queries:
    case clause::remove:
    case clause::tables:
    case clause::update: return true;
    case clause::names:
      return object_ != keyword::none || verb_ == keyword::analyze || verb_ == keyword::vacuum;
    default: return false;
  }
}

// Parentheses where a table may stand hold a join or a subquery; behind a name they make it a
// function. In any other place names in them do not count until a SELECT begins a subquery.
void summary_builder::open() noexcept {
  clause_level inner{};
  std::uint8_t attention = attention_ & at_begin;
  const bool is_from = here_.part == clause::tables || here_.part == clause::update;
  if (is_from && expects_name()) {
    inner.part = clause::tables;
    attention |= name_next;
  }
  if (here_.part == clause::tables && (attention_ & after_name) != 0) targets_.last_is_function();
  here_.is_name_still_next = here_.part == clause::names && expects_name();
  if (depth_ < deepest) levels_[depth_] = here_;
  here_ = ++depth_ < deepest ? inner : clause_level{};
  attention_ = depth_ < deepest ? attention : attention_ & at_begin;
}

void summary_builder::end_statement() noexcept {
  if (is_in_body_) return;
  if (weight_of_kind(current_) > weight_of_kind(kind_)) kind_ = current_;
  depth_ = 0;
  here_ = {};
  attention_ = at_begin;
  is_opaque_ = false;
  verb_ = keyword::none;
  object_ = keyword::none;
  current_ = statement_kind::other;
}

void summary_builder::begin_statement(const sql_word& first) noexcept {
  using shape = statement_shape;
  const statement_rule rule = rules_of_statements[first.traits.id];
  verb_ = first.traits.id;
  current_ = rule.kind;
  attention_ = 0;
  is_opaque_ = rule.rest == shape::unknown || rule.rest == shape::bare;
  if (rule.rest != shape::unknown && rule.rest != shape::queries) {
    targets_.add(first.text, statement_targets::sort::operation);
  }
  if (depth_ >= deepest) return;
  switch (rule.rest) {
    case shape::query: return enter(clause::select);
    case shape::queries: return enter(clause::queries, name_next);
    case shape::write: return add_write(first);
    case shape::load: return enter(clause::insert);
    case shape::names: return enter(clause::names, name_next);
    case shape::object: return enter(clause::object, name_next);
    default: break;
  }
}

void summary_builder::prepares_transaction(std::string_view word) noexcept {
  targets_.add(word, statement_targets::sort::operation);
  current_ = statement_kind::transaction;
}

/// Words that may stand between an operation and its target.
bool summary_builder::skips(const sql_word& found, keyword previous) const noexcept {
  using enum keyword;
  switch (here_.part) {
    case clause::tables: return found.is(only) || found.is(lateral);
    case clause::owner: return found.is(only);
    case clause::queries: return found.is(recursive);
    case clause::names: return skips_in_names(found.traits.id);
    case clause::into:
    case clause::update:
    case clause::remove: break;
    default: return false;
  }
  switch (found.traits.id) {
    case only:
    case or_word:
    case modifier:
    case into:
    case table:
    case temporary:
    case unlogged: return true;
    case from: return here_.part == clause::remove;
    default: return previous == or_word;
  }
}

bool summary_builder::skips_in_names(keyword id) const noexcept {
  using enum keyword;
  switch (id) {
    case table:
    case only:
    case if_word:
    case not_word:
    case exists:
    case concurrently:
    case freeze:
    case full:
    case verbose:
    case analyze: return true;
    case modifier: return verb_ == lock;
    case session:
    case global:
    case local: return verb_ == set;
    case on: return object_ == index;
    default: return false;
  }
}

void summary_builder::add_target(std::string_view name, std::uint64_t hash) noexcept {
  using enum keyword;
  using sort = statement_targets::sort;
  attention_ = after_name;
  switch (here_.part) {
    case clause::queries: return targets_.add(name, sort::query, hash);
    case clause::owner: return targets_.add(name, sort::owner, hash);
    case clause::names: break;
    default:
      if (current_ == statement_kind::read && here_.part == clause::into) {
        current_ = statement_kind::write;
      }
      return targets_.add(name, sort::table, hash);
  }
  targets_.add(name, are_names_tables() ? sort::table : sort::other, hash);
  if (verb_ == set) here_.part = clause::none;
  if (object_ == none || verb_ == drop) return;
  here_.part = clause::none;
  is_opaque_ = verb_ != create || (object_ != table && object_ != view);
}

bool summary_builder::are_names_tables() const noexcept {
  using enum keyword;
  if (object_ != none) return object_ == table || object_ == view;
  switch (verb_) {
    case analyze:
    case check:
    case copy:
    case describe:
    case handler:
    case lock:
    case maintain:
    case rename:
    case table:
    case truncate:
    case vacuum: return true;
    default: return false;
  }
}

void summary_builder::add_structure(const sql_word& found, keyword previous, char after) noexcept {
  using enum keyword;
  switch (found.traits.id) {
    case select:
      targets_.add(found.text, statement_targets::sort::operation);
      return enter(clause::select);
    case insert:
    case replace:
    case update:
    case delete_word:
    case merge:
      if (!may_begin_write(found.traits.id, previous, after)) return;
      targets_.add(found.text, statement_targets::sort::operation);
      return add_write(found);
    case with:
      if (after == '(' || previous == as || previous == explain || here_.part == clause::into) {
        enter(clause::queries, name_next);
      }
      return;
    case from: return see_from(previous);
    case into: return see_into();
    case join:
      if (here_.part == clause::tables || here_.part == clause::update) attention_ = name_next;
      return;
    case using_word:
      if (here_.part == clause::remove) enter(clause::tables, name_next);
      return;
    case set:
      if (here_.part == clause::update) enter(clause::select);
      return;
    case as:
    case to:
      if (here_.part == clause::names) enter(clause::none);
      return;
    case on:
    case begin: return;
    default:
      if (here_.part >= clause::tables) enter(clause::none);
  }
}

void summary_builder::add_object(const sql_word& found) noexcept {
  using enum keyword;
  switch (found.traits.id) {
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
      targets_.add(found.text, statement_targets::sort::operation);
      object_ = found.traits.id;
      return enter(clause::names, name_next);
    default: is_opaque_ = true; attention_ = 0;
  }
}

// An index or a trigger is on a table. The body of a trigger holds statements of its own.
void summary_builder::add_opaque(const sql_word& found) noexcept {
  using enum keyword;
  if (found.is(begin)) is_in_body_ = true;
  if (found.is(on) && !is_in_body_ && (object_ == index || object_ == trigger)) {
    object_ = none;
    enter(clause::owner, name_next);
  }
}

void summary_builder::add_write(const sql_word& found) noexcept {
  using enum keyword;
  if (current_ == statement_kind::read) current_ = statement_kind::write;
  switch (found.traits.id) {
    case update: return enter(clause::update, name_next);
    case delete_word:
    case merge: return enter(clause::remove, name_next);
    default: enter(clause::into, name_next);
  }
}

// These words have other uses: FOR UPDATE, ON DELETE, DO UPDATE, `replace(…)`.
bool summary_builder::may_begin_write(keyword id, keyword previous, char after) const noexcept {
  using enum keyword;
  if (after == ')') return true;
  if (after == '(') return id != replace;
  switch (previous) {
    case explain:
    case analyze:
    case verbose:
    case plan: return verb_ == explain;
    case batch: return verb_ == batch;
    case as: return verb_ == prepare;
    default: return false;
  }
}

// FROM also stands in `extract(year from x)` and `is distinct from x`, and makes a COPY a write.
void summary_builder::see_from(keyword previous) noexcept {
  using enum keyword;
  switch (here_.part) {
    case clause::select:
    case clause::into:
      if (previous == distinct) return;
      return enter(clause::tables, name_next);
    case clause::remove: return enter(clause::tables, name_next);
    case clause::names:
      if (verb_ == copy) current_ = statement_kind::write;
      return enter(clause::none);
    default: return;
  }
}

void summary_builder::see_into() noexcept {
  switch (here_.part) {
    case clause::insert: current_ = statement_kind::write; return enter(clause::into, name_next);
    case clause::select: return enter(clause::into, name_next);
    case clause::names: return enter(clause::none);
    default: return;
  }
}

}  // namespace querytap::detail
