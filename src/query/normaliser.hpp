#pragma once

#include "fingerprint.hpp"
#include "folds.hpp"
#include "keyword.hpp"
#include "text_writer.hpp"
#include "word.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace querytap::detail {

/// Builds the sanitised text and its fingerprint of the tokens of a statement, or of several.
///
///     normaliser normal;
///     normal.keyword_word(select);  normal.value();  normal.comma();  …
///     normal.finish();  normal.text();  normal.hash();
///
/// Read again, the text gives itself: all is decided by what stands before a token, and what is
/// left out or taken back leaves no trace in that.
class normaliser {
 public:
  void add(const word& name) noexcept { add(name, layout::word); }
  void add(const chunk& name, std::size_t size, std::uint64_t hash) noexcept {
    text_.put(name, size, layout::word);
    hash_.add(hash);
    previous_ = keyword::none;
  }
  void add_keyword(const word& found) noexcept {
    if (found.traits.special && stands_for_more(found)) return;
    text_.put(found.text, found.traits.as);
    if (!found.traits.noise) hash_.add(found.hash);
    if (!is_between(found.traits.id)) previous_ = found.traits.id;
  }

  void value() noexcept {
    text_.put('?', layout::value);
    hash_.add(hash_of_value);
    previous_ = keyword::none;
  }

  void dot() noexcept { symbol('.', layout::dot); }
  void star() noexcept { symbol('*', layout::star); }
  void symbol(char only, layout as) noexcept {
    text_.put(only, as);
    hash_.add(hash_of_symbol(only));
    previous_ = keyword::none;
  }
  void operation(std::string_view signs) noexcept;

  void comma() noexcept {
    if (folds_.is_any()) return comma_slow();
    symbol(',', layout::separator);
  }
  void open() noexcept {
    if (previous_ != keyword::none) return open_slow();
    symbol('(', layout::open);
    ++depth_;
  }
  void close(char bracket = ')') noexcept {
    if (folds_.is_any()) return close_slow(bracket);
    symbol(bracket, layout::close);
    leave_brackets();
  }
  void open_bracket() noexcept;

  void end_statement() noexcept;
  void begin_statement() noexcept;
  void finish() noexcept { folds_.end_all(); }

  /// Whether an operand stands next, so that a sign is part of a number.
  [[nodiscard]] bool is_before_operand() const noexcept {
    return is_in(before_operand, text_.last());
  }
  [[nodiscard]] layout last() const noexcept { return text_.last(); }

  /// The word that stands before, if it is a keyword and nothing stands between.
  [[nodiscard]] keyword previous() const noexcept { return previous_; }

  /// Whether what stands next is an item of IN (…), or in a row of VALUES.
  [[nodiscard]] bool is_in_values() const noexcept {
    return folds_.is_in_list(depth_) || folds_.is_in_row_of(depth_ - 1);
  }

  [[nodiscard]] std::string text() { return text_.text(); }
  [[nodiscard]] std::uint64_t hash() const noexcept { return hash_.value(); }

 private:
  static constexpr std::uint64_t hash_of_value = 0x9AE16A3B2F90404Fu;

  [[nodiscard]] static constexpr std::uint64_t hash_of_symbol(char only) noexcept {
    return (static_cast<unsigned char>(only) + 1) * 0xC3A5C85C97CB3127u;
  }

  void add(const word& name, layout as) noexcept {
    text_.put(name.text, as);
    hash_.add(name.hash);
    previous_ = keyword::none;
  }

  [[nodiscard]] bool stands_for_more(const word& found) noexcept;
  [[nodiscard]] bool is_value(keyword id) const noexcept;
  /// NOT in `is not true`, ROW in `values row(…)`: what comes before them still counts.
  [[nodiscard]] bool is_between(keyword id) const noexcept {
    if (id == keyword::not_word) return previous_ == keyword::is;
    return id == keyword::row && is_before_row();
  }
  [[nodiscard]] bool is_before_row() const noexcept {
    return previous_ == keyword::values || previous_ == keyword::between_rows;
  }

  void comma_slow() noexcept;
  void open_slow() noexcept;
  void close_slow(char bracket) noexcept;
  void begin_row() noexcept;
  void begin_list() noexcept;
  void leave_brackets() noexcept {
    if (depth_ > 1) --depth_;
  }

  text_writer text_;
  fingerprint hash_;
  folds folds_{text_, hash_};
  std::size_t depth_ = 1;  ///< of brackets, those of the statement itself counted
  keyword previous_ = keyword::none;
  bool is_begun_ = false;
};

}  // namespace querytap::detail
