#pragma once

#include "../text/keyword.hpp"
#include "../text/list_folding.hpp"
#include "../text/statement_buffer.hpp"
#include "../text/writer_state.hpp"
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

  [[nodiscard]] writer_state begin() noexcept { return buffer_.begin(); }
  [[nodiscard]] std::string text(const writer_state& last) { return buffer_.text(last); }

  void add(writer_state& now, const word& name) noexcept {
    write(now, name, name.hash, keyword::none);
  }
  void add_keyword(writer_state& now, const word& found) noexcept;
  void value(writer_state& now) noexcept { write(now, '?', spacing::value, hash_of_value); }
  void symbol(writer_state& now, char only, spacing as) noexcept {
    write(now, only, as, hash_of_symbol(only));
  }

  /// Whether the keyword is a literal here.
  [[nodiscard]] static bool is_value(const writer_state& now, keyword id) noexcept;

  /// The same where there is room, for a word that is short: see pen.
  [[nodiscard]] bool has_room(const writer_state& now) const noexcept {
    return buffer_.has_room(now);
  }
  static void add_short(writer_state& now, const char* at, std::size_t size,
                        std::uint64_t hash) noexcept {
    now.put_short(at, size, spacing::word);
    now.hash.add(hash);
    now.previous = keyword::none;
  }
  /// One that is not special.
  static void add_short_keyword(writer_state& now, const char* at, std::size_t size,
                                std::uint64_t hash, const keyword_traits& traits) noexcept {
    now.put_short(at, size, traits.as);
    if (!traits.is_noise()) now.hash.add(hash);
    now.previous = traits.id;
  }
  static void value_short(writer_state& now) noexcept {
    now.put_short('?', spacing::value);
    now.hash.add(hash_of_value);
    now.previous = keyword::none;
  }
  static void symbol_short(writer_state& now, char only, spacing as) noexcept {
    now.put_short(only, as);
    now.hash.add(hash_of_symbol(only));
    now.previous = keyword::none;
  }
  void open_short(writer_state& now) noexcept {
    symbol_short(now, '(', spacing::open);
    ++depth_;
  }
  void close_short(writer_state& now) noexcept {
    symbol_short(now, ')', spacing::close);
    leave_brackets();
  }

  void operation(writer_state& now, std::string_view signs) noexcept;

  void comma(writer_state& now) noexcept;
  /// What stands next tells a list from a query.
  void open(writer_state& now, keyword next) noexcept;
  void open_bracket(writer_state& now) noexcept;
  void close(writer_state& now, char bracket = ')') noexcept;

  /// Where there is nothing to fold, brackets and commas are symbols like any other.
  [[nodiscard]] bool is_folding() const noexcept { return folds_.is_any(); }
  [[nodiscard]] bool is_comma_plain() const noexcept {
    return !folds_.is_any() || folds_.is_in_row();
  }
  [[nodiscard]] static bool may_open_list(const writer_state& now) noexcept {
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
  [[nodiscard]] bool is_value_of_list(const writer_state& now) const noexcept {
    fingerprint value;
    value.add(hash_of_value);
    return folds_.is_in_list(depth_) && now.hash == value;
  }
  /// Whether a row has just ended.
  [[nodiscard]] static bool is_between_rows(const writer_state& now) noexcept {
    return now.previous == keyword::end_of_row;
  }
  [[nodiscard]] bool is_like_last_row(const row_of_values& row) const noexcept {
    return folds_.last_shape() == row.shape();
  }

  void begin_statement(writer_state& now) noexcept;
  void end_statement(writer_state& now) noexcept;

  /// Whether an operand stands next, so that a sign is part of a number.
  [[nodiscard]] static bool is_before_operand(const writer_state& now) noexcept {
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
  [[nodiscard]] static bool is_before_row(const writer_state& now) noexcept {
    return now.previous == keyword::values || now.previous == keyword::between_rows;
  }

  void write(writer_state& now, const word& found, std::uint64_t hash, keyword as) noexcept;
  void write(writer_state& now, char only, spacing as, std::uint64_t hash) noexcept;
  bool add_special(writer_state& now, const word& found) noexcept;
  void leave_brackets() noexcept {
    if (depth_ > 1) --depth_;
  }
  void begin_row(writer_state& now) noexcept;
  void begin_list(writer_state& now) noexcept;

  list_folding folds_;
  statement_buffer buffer_;
  const char* end_;
  std::size_t depth_ = 1;  ///< of brackets, those of the statement itself counted
  bool is_begun_ = false;
};

}  // namespace querytap::detail
