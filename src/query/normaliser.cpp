#include "normaliser.hpp"

namespace querytap::detail {

bool normaliser::stands_for_more(const word& found) noexcept {
  switch (found.traits.id) {
    case keyword::null:
    case keyword::true_word:
    case keyword::false_word:
      if (!is_value(found.traits.id)) return false;
      value();
      return true;
    case keyword::default_word:
      if (!folds_.is_in_row()) return false;
      text_.put(found.text, found.traits.as);
      hash_.add(hash_of_value);
      previous_ = keyword::default_word;
      return true;
    case keyword::row:
      if (is_before_row()) begin_row();
      return false;
    default:  // a query where a list might have been
      if (text_.last() == layout::open && folds_.is_in_list(depth_)) folds_.end();
      return false;
  }
}

// All but IS TRUE, NOT NULL and SET NULL of a column, and ON NULL INPUT.
bool normaliser::is_value(keyword id) const noexcept {
  if (previous_ == keyword::is) return false;
  if (id != keyword::null) return true;
  return is_before_operand() && previous_ != keyword::not_word && previous_ != keyword::on;
}

void normaliser::operation(std::string_view signs) noexcept {
  if (signs == "!=") {
    hash_.add(hash_of<letter_case::kept>("<>"));
  } else if (signs == "==") {
    hash_.add(hash_of_symbol('='));
  } else {
    hash_.add(hash_of<letter_case::kept>(signs));
  }
  text_.put(signs, signs == "::" ? layout::cast : layout::operation);
  previous_ = keyword::none;
}

void normaliser::begin_list() noexcept {
  if (folds_.begin(folds::form::list, depth_)) folds_.begin_item();
}

void normaliser::begin_row() noexcept {
  if (previous_ == keyword::values) {
    folds_.end_deeper_than(depth_ - 1);
    if (!folds_.begin(folds::form::rows, depth_)) return;
  }
  folds_.begin_item();
}

void normaliser::open_slow() noexcept {
  const bool is_list = previous_ == keyword::in;
  if (is_before_row() && !folds_.is_in_row_of(depth_)) begin_row();
  symbol('(', layout::open);
  ++depth_;
  if (is_list) begin_list();
}

void normaliser::close_slow(char bracket) noexcept {
  folds_.end_deeper_than(depth_ - 1);
  symbol(bracket, layout::close);
  leave_brackets();
  if (!folds_.is_in_row_of(depth_)) return;
  folds_.end_item();
  previous_ = keyword::end_of_row;
}

void normaliser::open_bracket() noexcept {
  const bool is_list = previous_ == keyword::array;
  symbol('[', layout::open_bracket);
  ++depth_;
  if (is_list) begin_list();
}

void normaliser::comma_slow() noexcept {
  if (folds_.is_in_list(depth_)) {
    folds_.end_item();
    folds_.separate();
    symbol(',', layout::separator);
    folds_.begin_item();
    return;
  }
  const bool is_between_rows = previous_ == keyword::end_of_row;
  if (is_between_rows) folds_.separate();
  symbol(',', layout::separator);
  if (is_between_rows) previous_ = keyword::between_rows;
}

void normaliser::begin_statement() noexcept {
  if (is_begun_) symbol(';', layout::separator);
  is_begun_ = true;
}

void normaliser::end_statement() noexcept {
  folds_.end_all();
  depth_ = 1;
  previous_ = keyword::none;
}

}  // namespace querytap::detail
