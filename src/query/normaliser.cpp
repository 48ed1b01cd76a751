#include "normaliser.hpp"

namespace querytap::detail {
namespace {

constexpr std::uint64_t hash_of_value = 0x9AE16A3B2F90404Fu;
constexpr std::uint64_t hash_of_comma = 0xC3A5C85C97CB3127u;
constexpr std::uint64_t hash_of_semicolon = 0xB492B66FBE98F273u;

layout layout_of_symbol(const token& t) noexcept {
  if (t.symbol != '\0') return layout_of_symbol(t.symbol);
  return t.text == "::" ? layout::cast : layout::operation;
}

bool ends_operand(layout symbol) noexcept {
  return symbol == layout::close || symbol == layout::dot || symbol == layout::cast;
}

}  // namespace

void normaliser::add(const token& t) noexcept {
  if (t.is_symbol(';')) return end_statement();
  if (is_semicolon_due_) {
    write(";", layout::separator, hash_of_semicolon, hash_of_semicolon);
    is_semicolon_due_ = false;
  }
  const bool value = is_value(t);
  if (value) {
    add_value();
  } else if (t.kind == token_kind::symbol) {
    add_symbol(t);
  } else {
    add_word(t);
  }
  remember(t, value);
}

bool normaliser::is_value(const token& t) const noexcept {
  switch (t.kind) {
    case token_kind::string:
    case token_kind::number:
    case token_kind::parameter: return true;
    case token_kind::symbol:
    case token_kind::end: return false;
    case token_kind::word:
    case token_kind::quoted_name: break;
  }
  if (t.is(keyword::true_) || t.is(keyword::false_)) return !is_after_is_;
  return statement_ != keyword::none && is_value_by_statement(t);
}

// Two names that are data: of a savepoint, which programs make up as they go, and what a pragma is
// set to, which may be a key in double quotes.
bool normaliser::is_value_by_statement(const token& t) const noexcept {
  switch (statement_) {
    case keyword::savepoint:
    case keyword::release:
    case keyword::rollback: return t.is(keyword::none);
    default:
      return t.kind == token_kind::quoted_name &&
             (previous_symbol_ == '=' || previous_symbol_ == '(');
  }
}

void normaliser::begin_statement(const token& t, bool is_value) noexcept {
  is_statement_begun_ = true;
  is_text_begun_ = true;
  const bool has_data_names = t.is(keyword::savepoint) || t.is(keyword::release) ||
                              t.is(keyword::rollback) || t.is(keyword::pragma);
  if (has_data_names && !is_value) statement_ = t.word.id;
}

void normaliser::remember(const token& t, bool was_value) noexcept {
  const bool is_symbol = t.kind == token_kind::symbol;
  if (!is_statement_begun_) begin_statement(t, was_value);
  is_after_is_ = t.is(keyword::is) || (is_after_is_ && t.is(keyword::not_));
  is_operand_next_ = is_symbol ? !ends_operand(layout_of_symbol(t)) : t.word.before_operand;
  previous_ = t.word.id;
  previous_symbol_ = t.symbol;
}

void normaliser::add_value() noexcept {
  if (list_.value()) return;
  write_list();
  rows_.other();
  write_value();
}

void normaliser::add_word(const token& t) noexcept {
  write_list();
  rows_.other();
  const bool is_missing_value = t.is(keyword::null) || t.is(keyword::default_);
  write(t.text, t.word.spaced ? layout::keyword : layout::word, t.hash,
        is_missing_value ? hash_of_value : t.hash);
  if (t.is(keyword::values)) rows_.expect();
}

void normaliser::add_symbol(const token& t) noexcept {
  if (t.is_symbol(',')) {
    if (list_.comma()) return;
    write_list();
    return write_comma();
  }
  const bool closes = t.is_symbol(')') || t.is_symbol(']');
  if (closes && list_.is_complete()) {
    list_.end();
    rows_.other();
    write_value();
  }
  write_list();
  write_symbol(t);
  const bool begins_rows = t.is_symbol('(') && previous_ == keyword::in;
  if (begins_rows) rows_.expect();
  if (begins_rows || (t.is_symbol('[') && previous_ == keyword::array)) list_.begin();
}

void normaliser::end_statement() noexcept {
  write_list();
  rows_.other();
  is_semicolon_due_ = is_text_begun_;
  is_statement_begun_ = false;
  is_operand_next_ = true;
  is_after_is_ = false;
  previous_ = keyword::none;
  statement_ = keyword::none;
}

void normaliser::write(std::string_view text, layout as, std::uint64_t hash,
                       std::uint64_t shape) noexcept {
  writer_.put(text, as);
  hash_.add(hash);
  if (rows_.is_in_row()) rows_.add(shape);
}

void normaliser::write_value() noexcept {
  write("?", layout::value, hash_of_value, hash_of_value);
}

void normaliser::write_comma() noexcept {
  rows_.comma({writer_.here(), hash_});
  write(",", layout::separator, hash_of_comma, hash_of_comma);
}

void normaliser::write_symbol(const token& t) noexcept {
  const bool opens = t.is_symbol('(');
  const bool closes = t.is_symbol(')');
  if (!opens && !closes) rows_.other();
  write(t.text, layout_of_symbol(t), t.hash, t.hash);
  if (opens) rows_.open();
  if (closes && rows_.close()) take_back_row();
}

/// The list was not one of values only after all.
void normaliser::write_list() noexcept {
  if (!list_.is_open()) return;
  list_.end();
  if (list_.values() != 0) rows_.other();
  for (std::size_t i = 0; i < list_.values(); ++i) {
    write_value();
    if (i < list_.commas()) write_comma();
  }
}

void normaliser::take_back_row() noexcept {
  writer_.rewind(rows_.before_row().text);
  hash_ = rows_.before_row().hash;
}

}  // namespace querytap::detail
