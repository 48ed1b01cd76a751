#pragma once

#include "../text/folds.hpp"
#include "../text/keyword.hpp"
#include "../text/pen.hpp"
#include "../text/text_buffer.hpp"
#include "word.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace querytap::detail {

/// Decides what of the tokens of a statement, or of several, a pen writes.
///
///     normaliser normal{sql.readable_end()};
///     pen now = normal.begin();
///     normal.add_keyword(now, select);  normal.value(now);  normal.comma(now);  …
///     normal.end_statement(now);
///     normal.text(now);  now.hash.value();
///
/// Read again, the text gives itself: all is decided by what stands before a token, and what is
/// left out or taken back leaves no trace in that.
class normaliser {
 public:
  /// The text may be read up to there.
  explicit normaliser(const char* readable_end) noexcept : end_{readable_end} {}

  [[nodiscard]] pen begin() noexcept { return buffer_.begin(); }
  [[nodiscard]] std::string text(const pen& last) { return buffer_.text(last); }

  void add(pen& now, const word& name) noexcept { write(now, name, name.hash, keyword::none); }
  void add_keyword(pen& now, const word& found) noexcept;
  void value(pen& now) noexcept { write(now, '?', layout::value, hash_of_value); }
  void symbol(pen& now, char only, layout as) noexcept {
    write(now, only, as, hash_of_symbol(only));
  }

  /// Whether the keyword is a literal here.
  [[nodiscard]] static bool is_value(const pen& now, keyword id) noexcept;

  /// The same where there is room, for a word that is short: see pen.
  [[nodiscard]] bool has_room(const pen& now) const noexcept { return buffer_.has_room(now); }
  static void add_short(pen& now, const char* at, std::size_t size, std::uint64_t hash) noexcept {
    now.put_short(at, size, layout::word);
    now.hash.add(hash);
    now.previous = keyword::none;
  }
  /// One that is not special.
  static void add_short_keyword(pen& now, const char* at, std::size_t size, std::uint64_t hash,
                                const keyword_traits& traits) noexcept {
    now.put_short(at, size, traits.as);
    if (!traits.is_noise()) now.hash.add(hash);
    now.previous = traits.id;
  }
  static void value_short(pen& now) noexcept {
    now.put_short('?', layout::value);
    now.hash.add(hash_of_value);
    now.previous = keyword::none;
  }
  static void symbol_short(pen& now, char only, layout as) noexcept {
    now.put_short(only, as);
    now.hash.add(hash_of_symbol(only));
    now.previous = keyword::none;
  }
  void open_short(pen& now) noexcept {
    symbol_short(now, '(', layout::open);
    ++depth_;
  }
  void close_short(pen& now) noexcept {
    symbol_short(now, ')', layout::close);
    leave_brackets();
  }

  void operation(pen& now, std::string_view signs) noexcept;

  void comma(pen& now) noexcept;
  /// What stands next tells a list from a query.
  void open(pen& now, keyword next) noexcept;
  void open_bracket(pen& now) noexcept;
  void close(pen& now, char bracket = ')') noexcept;

  /// Where there is nothing to fold, brackets and commas are symbols like any other.
  [[nodiscard]] bool is_folding() const noexcept { return folds_.is_any(); }
  [[nodiscard]] bool is_comma_plain() const noexcept {
    return !folds_.is_any() || folds_.is_in_row();
  }
  [[nodiscard]] static bool may_open_list(const pen& now) noexcept {
    return now.previous != keyword::none;
  }
  /// The shape of a row that holds nothing but values.
  class row_of_values {
   public:
    void add_value() noexcept {
      shape_.add(hash_of_symbol(is_empty_ ? '(' : ','));
      shape_.add(hash_of_value);
      is_empty_ = false;
    }
    [[nodiscard]] fingerprint shape() const noexcept {
      fingerprint closed = shape_;
      closed.add(hash_of_symbol(')'));
      return closed;
    }

   private:
    fingerprint shape_;
    bool is_empty_ = true;
  };

  /// Whether all that stands in the list's item so far is a value.
  [[nodiscard]] bool is_value_of_list(const pen& now) const noexcept {
    fingerprint value;
    value.add(hash_of_value);
    return folds_.is_in_list(depth_) && now.hash == value;
  }
  /// Whether a row has just ended.
  [[nodiscard]] static bool is_between_rows(const pen& now) noexcept {
    return now.previous == keyword::end_of_row;
  }
  [[nodiscard]] bool is_like_last_row(const row_of_values& row) const noexcept {
    return folds_.last_shape() == row.shape();
  }

  void begin_statement(pen& now) noexcept;
  void end_statement(pen& now) noexcept;

  /// Whether an operand stands next, so that a sign is part of a number.
  [[nodiscard]] static bool is_before_operand(const pen& now) noexcept {
    return is_in(before_operand, now.last);
  }

  /// Whether what stands next is an item of IN (…), or in a row of VALUES.
  [[nodiscard]] bool is_in_values() const noexcept {
    return folds_.is_in_list(depth_) || folds_.is_in_row_of(depth_ - 1);
  }

 private:
  static constexpr std::uint64_t hash_of_value = 0x9AE16A3B2F90404Fu;

  [[nodiscard]] static constexpr std::uint64_t hash_of_symbol(char only) noexcept {
    return (static_cast<unsigned char>(only) + 1u) * 0xC3A5C85C97CB3127u;
  }
  [[nodiscard]] static bool is_before_row(const pen& now) noexcept {
    return now.previous == keyword::values || now.previous == keyword::between_rows;
  }

  void write(pen& now, const word& found, std::uint64_t hash, keyword as) noexcept;
  void write(pen& now, char only, layout as, std::uint64_t hash) noexcept;
  bool add_special(pen& now, const word& found) noexcept;
  void leave_brackets() noexcept {
    if (depth_ > 1) --depth_;
  }
  void begin_row(pen& now) noexcept;
  void begin_list(pen& now) noexcept;

  folds folds_;
  text_buffer buffer_;
  const char* end_;
  std::size_t depth_ = 1;  ///< of brackets, those of the statement itself counted
  bool is_begun_ = false;
};

}  // namespace querytap::detail
