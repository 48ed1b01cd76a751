#include "normaliser.hpp"

#include "../text/word_hash.hpp"

namespace querytap::detail {

void normaliser::write(writer_state& now, const word& found, std::uint64_t hash,
                       keyword as) noexcept {
  now.put(found.text, found.traits.as, buffer_.limit(), end_);
  now.hash.add(hash);
  now.previous = as;
}

void normaliser::write(writer_state& now, char only, spacing as, std::uint64_t hash) noexcept {
  now.put(only, as, buffer_.limit());
  now.hash.add(hash);
  now.previous = keyword::none;
}

void normaliser::add_keyword(writer_state& now, const word& found) noexcept {
  if (found.traits.is_special() && add_special(now, found)) return;
  now.put(found.text, found.traits.as, buffer_.limit(), end_);
  if (!found.traits.is_noise()) now.hash.add(found.hash);
  now.previous = found.traits.id;
}

/// Whether no more is to be done about it.
bool normaliser::add_special(writer_state& now, const word& found) noexcept {
  const keyword id = found.traits.id;
  switch (id) {
    case keyword::default_word:  // as good as a value, in a row of them
      if (!folds_.is_in_row()) return false;
      write(now, found, hash_of_value, id);
      return true;
    case keyword::not_word:  // of `is not true`
      if (now.previous != keyword::is) return false;
      write(now, found, found.hash, keyword::is);
      return true;
    case keyword::row:  // of `values row(…)`
      if (!is_before_row(now)) return false;
      begin_row(now);
      write(now, found, found.hash, keyword::between_rows);
      return true;
    default: return false;
  }
}

// TRUE, FALSE and NULL are, but for IS TRUE, NOT NULL and SET NULL of a column, and ON NULL INPUT.
bool normaliser::is_value(const writer_state& now, keyword id) noexcept {
  switch (id) {
    case keyword::true_word:
    case keyword::false_word: return now.previous != keyword::is;
    case keyword::null: break;
    default: return false;
  }
  switch (now.previous) {
    case keyword::is:
    case keyword::not_word:
    case keyword::on: return false;
    default: return is_before_operand(now);
  }
}

void normaliser::operation(writer_state& now, std::string_view signs) noexcept {
  if (signs == "!=") {
    now.hash.add(hash_of<letter_case::ref_counted>("<>"));
  } else if (signs == "==") {
    now.hash.add(hash_of_symbol('='));
  } else {
    now.hash.add(hash_of<letter_case::ref_counted>(signs));
  }
  now.put(signs, signs == "::" ? spacing::cast : spacing::operation, buffer_.limit(), end_);
  now.previous = keyword::none;
}

void normaliser::begin_list(writer_state& now) noexcept {
  if (folds_.begin(list_folding::form::list, depth_)) folds_.begin_item(now);
}

void normaliser::begin_row(writer_state& now) noexcept {
  if (now.previous == keyword::values) {
    folds_.end_deeper_than(depth_ - 1, now);
    if (!folds_.begin(list_folding::form::rows, depth_)) return;
  }
  folds_.begin_item(now);
}

void normaliser::open(writer_state& now, keyword next) noexcept {
  const bool is_query = next == keyword::select || next == keyword::values || next == keyword::with;
  const bool is_list = now.previous == keyword::in && !is_query;
  if (is_before_row(now) && !folds_.is_in_row_of(depth_)) begin_row(now);
  symbol(now, '(', spacing::open);
  ++depth_;
  if (is_list) begin_list(now);
}

void normaliser::open_bracket(writer_state& now) noexcept {
  const bool is_list = now.previous == keyword::array;
  symbol(now, '[', spacing::open_bracket);
  ++depth_;
  if (is_list) begin_list(now);
}

void normaliser::close(writer_state& now, char bracket) noexcept {
  folds_.end_deeper_than(depth_ - 1, now);
  symbol(now, bracket, spacing::close);
  leave_brackets();
  if (!folds_.is_in_row_of(depth_)) return;
  folds_.end_item(now);
  now.previous = keyword::end_of_row;
}

void normaliser::comma(writer_state& now) noexcept {
  if (folds_.is_in_list(depth_)) {
    folds_.end_item(now);
    folds_.separate(now);
    symbol(now, ',', spacing::separator);
    return folds_.begin_item(now);
  }
  const bool is_between_rows = now.previous == keyword::end_of_row;
  if (is_between_rows) folds_.separate(now);
  symbol(now, ',', spacing::separator);
  if (is_between_rows) now.previous = keyword::between_rows;
}

void normaliser::begin_statement(writer_state& now) noexcept {
  if (is_begun_) symbol(now, ';', spacing::separator);
  is_begun_ = true;
}

void normaliser::end_statement(writer_state& now) noexcept {
  folds_.end_deeper_than(0, now);
  depth_ = 1;
  now.previous = keyword::none;
}

}  // namespace querytap::detail
