#include "normaliser.hpp"

#include "../text/word_hash.hpp"

namespace querytap::detail {

void sql_normaliser::write(writer_state& writer, const sql_word& found, std::uint64_t hash,
                           keyword as) noexcept {
  writer.put(found.text, found.traits.as, buffer_.limit(), end_);
  writer.hash.add(hash);
  writer.previous = as;
}

void sql_normaliser::write(writer_state& writer, char only, spacing as,
                           std::uint64_t hash) noexcept {
  writer.put(only, as, buffer_.limit());
  writer.hash.add(hash);
  writer.previous = keyword::none;
}

void sql_normaliser::add_keyword(writer_state& writer, const sql_word& found) noexcept {
  if (found.traits.is_special() && add_special(writer, found)) return;
  writer.put(found.text, found.traits.as, buffer_.limit(), end_);
  if (!found.traits.is_noise()) writer.hash.add(found.hash);
  writer.previous = found.traits.id;
}

/// Whether the keyword has been written.
bool sql_normaliser::add_special(writer_state& writer, const sql_word& found) noexcept {
  const keyword id = found.traits.id;
  switch (id) {
    case keyword::default_word:  // in a row of VALUES it counts as a value
      if (!folds_.is_in_row()) return false;
      write(writer, found, hash_of_value, id);
      return true;
    case keyword::not_word:  // of `is not true`
      if (writer.previous != keyword::is) return false;
      write(writer, found, found.hash, keyword::is);
      return true;
    case keyword::row:  // of `values row(…)`
      if (!is_before_row(writer)) return false;
      begin_row(writer);
      write(writer, found, found.hash, keyword::between_rows);
      return true;
    default: return false;
  }
}

// TRUE, FALSE and NULL are values, except in IS TRUE, NOT NULL and SET NULL of a column, and ON
// NULL INPUT.
bool sql_normaliser::is_value(const writer_state& writer, keyword id) noexcept {
  switch (id) {
    case keyword::true_word:
    case keyword::false_word: return writer.previous != keyword::is;
    case keyword::null: break;
    default: return false;
  }
  switch (writer.previous) {
    case keyword::is:
    case keyword::not_word:
    case keyword::on: return false;
    default: return is_before_operand(writer);
  }
}

void sql_normaliser::operation(writer_state& writer, std::string_view signs) noexcept {
  if (signs == "!=") {
    writer.hash.add(hash_of_text<letter_case::exact>("<>"));
  } else if (signs == "==") {
    writer.hash.add(hash_of_symbol('='));
  } else {
    writer.hash.add(hash_of_text<letter_case::exact>(signs));
  }
  writer.put(signs, signs == "::" ? spacing::cast : spacing::operation, buffer_.limit(), end_);
  writer.previous = keyword::none;
}

void sql_normaliser::begin_list(writer_state& writer) noexcept {
  if (folds_.begin(list_folding::form::list, depth_)) folds_.begin_item(writer);
}

void sql_normaliser::end_list(writer_state& writer) noexcept {
  if (folds_.is_in_list(depth_)) folds_.end(writer);
}

void sql_normaliser::begin_row(writer_state& writer) noexcept {
  if (writer.previous == keyword::values) {
    folds_.end_deeper_than(depth_ - 1, writer);
    if (!folds_.begin(list_folding::form::rows, depth_)) return;
  }
  folds_.begin_item(writer);
}

void sql_normaliser::open(writer_state& writer, keyword next) noexcept {
  const bool is_query = next == keyword::select || next == keyword::values || next == keyword::with;
  const bool is_list = writer.previous == keyword::in && !is_query;
  if (is_before_row(writer) && !folds_.is_in_row_of(depth_)) begin_row(writer);
  symbol(writer, '(', spacing::open);
  ++depth_;
  if (is_list) begin_list(writer);
}

void sql_normaliser::open_list(writer_state& writer) noexcept {
  symbol(writer, '(', spacing::open);
  ++depth_;
  begin_list(writer);
}

void sql_normaliser::open_bracket(writer_state& writer) noexcept {
  const bool is_list = writer.previous == keyword::array;
  symbol(writer, '[', spacing::open_bracket);
  ++depth_;
  if (is_list) begin_list(writer);
}

void sql_normaliser::close(writer_state& writer, char bracket) noexcept {
  folds_.end_deeper_than(depth_ - 1, writer);
  symbol(writer, bracket, spacing::close);
  leave_brackets();
  if (!folds_.is_in_row_of(depth_)) return;
  folds_.end_item(writer);
  writer.previous = keyword::end_of_row;
}

void sql_normaliser::comma(writer_state& writer, std::size_t targets) noexcept {
  if (folds_.is_in_list(depth_)) {
    folds_.end_item(writer);
    folds_.separate(writer, targets);
    symbol(writer, ',', spacing::separator);
    return folds_.begin_item(writer);
  }
  const bool is_between_rows = writer.previous == keyword::end_of_row;
  if (is_between_rows) folds_.separate(writer, targets);
  symbol(writer, ',', spacing::separator);
  if (is_between_rows) writer.previous = keyword::between_rows;
}

bool sql_normaliser::is_last_row_of(std::size_t values) const noexcept {
  fingerprint_state shape;
  for (std::size_t i = 0; i < values; ++i) {
    shape.add(hash_of_symbol(i == 0 ? '(' : ','));
    shape.add(hash_of_value);
  }
  shape.add(hash_of_symbol(')'));
  return folds_.last_shape() == shape;
}

void sql_normaliser::begin_statement(writer_state& writer) noexcept {
  if (is_begun_) symbol(writer, ';', spacing::separator);
  is_begun_ = true;
}

void sql_normaliser::end_statement(writer_state& writer) noexcept {
  folds_.end_deeper_than(0, writer);
  depth_ = 1;
  writer.previous = keyword::none;
}

}  // namespace querytap::detail
