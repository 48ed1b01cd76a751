#include "normaliser.hpp"

namespace querytap::detail {
namespace {

constexpr std::uint64_t hash_of_value = 0x9AE16A3B2F90404Fu;
constexpr std::uint64_t hash_of_comma = 0xC3A5C85C97CB3127u;
constexpr std::uint64_t hash_of_semicolon = 0xB492B66FBE98F273u;

// Symbols of more than one character have none to tell.
bool is_operator(char symbol) noexcept {
  switch (symbol) {
    case '.':
    case ',':
    case ';':
    case '(':
    case ')':
    case '[':
    case ']': return false;
    default: return true;
  }
}

constexpr keyword_traits after_operand{};
constexpr keyword_traits before_operand{keyword::none, false, true, false};

}  // namespace

void normaliser::add(const token& t) noexcept {
  if (!is_statement_begun_ || is_semicolon_due_) begin(t);
  switch (t.kind) {
    case token_kind::word:
    case token_kind::quoted_name:
      if (is_data(t)) {
        add_value();
      } else {
        add_word(t);
      }
      break;
    case token_kind::symbol: add_symbol(t); break;
    default: add_value();
  }
  previous_symbol_ = t.symbol;
  is_after_operator_ = t.kind == token_kind::symbol && is_operator(t.symbol);
}

void normaliser::begin(const token& t) noexcept {
  if (t.symbol == ';') return;
  if (is_semicolon_due_) {
    writer_.put(';', layout::separator);
    add_hash(hash_of_semicolon, hash_of_semicolon);
    is_semicolon_due_ = false;
  }
  begin_statement(t);
}

void normaliser::begin_statement(const token& t) noexcept {
  is_begun_ = true;
  is_statement_begun_ = true;
  switch (t.word.id) {
    case keyword::savepoint:
    case keyword::release:
    case keyword::rollback:
    case keyword::pragma: with_data_names_ = t.word.id; break;
    default: with_data_names_ = keyword::none;
  }
}

void normaliser::end_statement() noexcept {
  write_list();
  rows_.other();
  is_semicolon_due_ = is_begun_;
  is_statement_begun_ = false;
  with_data_names_ = keyword::none;
}

// TRUE, FALSE and NULL are, but for IS TRUE, and NOT NULL or SET NULL of a column. So are the names of savepoints, which programs make up as
// they go, and what a pragma is set to, which may be a key in double quotes.
bool normaliser::is_data(const token& t) const noexcept {
  if (t.is(keyword::null))
    return previous_.before_operand && previous_.id != keyword::is &&
           previous_.id != keyword::not_word && previous_.id != keyword::on;
  if (t.is(keyword::true_word) || t.is(keyword::false_word)) {
    const bool is_after_is_not = previous_.id == keyword::not_word && earlier_.id == keyword::is;
    return previous_.id != keyword::is && !is_after_is_not;
  }
  if (t.may_be_string && is_where_values_stand()) return true;
  if (with_data_names_ == keyword::none) return false;
  if (with_data_names_ != keyword::pragma) return t.is(keyword::none);
  const bool is_set = previous_symbol_ == '=' || previous_symbol_ == '(';
  return is_set && t.kind == token_kind::quoted_name;
}

// Compared with something, or stored: there a column hardly ever stands alone and in quotes.
bool normaliser::is_where_values_stand() const noexcept {
  const bool is_next_in_list = previous_symbol_ == '(' || previous_symbol_ == ',';
  return is_after_operator_ || (is_next_in_list && (rows_.is_in_row() || list_.is_open()));
}

void normaliser::add_value() noexcept {
  earlier_ = previous_;
  previous_ = after_operand;
  if (list_.value()) return;
  write_list();
  rows_.other();
  write_value();
}

void normaliser::add_word(const token& t) noexcept {
  earlier_ = previous_;
  previous_ = t.word;
  write_list();
  rows_.other();
  writer_.put(t.text, t.word.spaced ? layout::keyword : layout::word);
  const bool is_missing_value = t.is(keyword::null) || t.is(keyword::default_word);
  add_hash(t.hash, is_missing_value ? hash_of_value : t.hash);
  if (t.is(keyword::values)) rows_.expect();
}

void normaliser::add_symbol(const token& t) noexcept {
  const keyword_traits before = previous_;
  previous_ = before_operand;
  switch (t.symbol) {
    case ',': return add_comma();
    case '(':
      open(t);
      if (before.id == keyword::in) rows_.expect();
      if (before.id == keyword::in) list_.begin();
      return;
    case '[':
      add_operator(t);
      if (before.id == keyword::array) list_.begin();
      return;
    case ')':
    case ']': previous_ = after_operand; return close(t);
    case '.': previous_ = after_operand; break;
    case ';': return end_statement();
    default: break;
  }
  add_operator(t);
}

void normaliser::add_operator(const token& t) noexcept {
  write_list();
  rows_.other();
  add_hash(t.hash, t.hash);
  switch (t.symbol) {
    case '\0': writer_.put(t.text, t.text == "::" ? layout::cast : layout::operation); break;
    case '.': writer_.put('.', layout::dot); break;
    case '*': writer_.put('*', layout::star); break;
    case '[': writer_.put('[', layout::open_bracket); break;
    default: writer_.put(t.symbol, layout::operation);
  }
}

void normaliser::open(const token& t) noexcept {
  write_list();
  writer_.put('(', layout::open);
  add_hash(t.hash, t.hash);
  rows_.open();
}

void normaliser::close(const token& t) noexcept {
  if (list_.is_complete()) {
    list_.end();
    rows_.other();
    write_value();
  }
  write_list();
  writer_.put(t.symbol, layout::close);
  add_hash(t.hash, t.hash);
  if (t.symbol == ']') return rows_.other();
  if (!rows_.close()) return;
  writer_.rewind(rows_.before_row().text);
  hash_ = rows_.before_row().hash;
}

void normaliser::add_comma() noexcept {
  if (list_.comma()) return;
  write_list();
  write_comma();
}

void normaliser::write_value() noexcept {
  writer_.put('?', layout::value);
  add_hash(hash_of_value, hash_of_value);
}

void normaliser::write_comma() noexcept {
  rows_.comma({writer_.here(), hash_});
  writer_.put(',', layout::separator);
  add_hash(hash_of_comma, hash_of_comma);
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

void normaliser::add_hash(std::uint64_t token, std::uint64_t in_row) noexcept {
  hash_.add(token);
  if (rows_.is_in_row()) rows_.add(in_row);
}

}  // namespace querytap::detail
