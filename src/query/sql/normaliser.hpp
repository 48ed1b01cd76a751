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

/// Decides which tokens of one or several statements are written to the sanitised text, and how.
///
///     sql_normaliser normal{sql.readable_end()};
///     writer_state writer = normal.begin();
///     normal.add_keyword(writer, select);  normal.value(writer);  normal.comma(writer);  …
///     normal.end_statement(writer);
///     normal.text(writer);  writer.hash.value();
///
/// A sanitised text normalises to itself: each decision depends on the tokens before it alone, and
/// tokens that are left out or taken back do not change the state that decides.
class sql_normaliser {
 public:
  /// The text may be read up to `readable_end`.
  explicit sql_normaliser(const char* readable_end) noexcept : end_{readable_end} {}

  [[nodiscard]] writer_state begin() noexcept { return buffer_.begin(); }
  [[nodiscard]] std::string text(const writer_state& last) { return buffer_.text(last); }
  /// What has been written so far; empty where the text was cut.
  [[nodiscard]] std::string_view written(const writer_state& writer) noexcept {
    return buffer_.written(writer);
  }

  void add(writer_state& writer, const sql_word& name) noexcept {
    write(writer, name, name.hash, keyword::none);
  }
  void add_keyword(writer_state& writer, const sql_word& found) noexcept;
  void value(writer_state& writer) noexcept { write(writer, '?', spacing::value, hash_of_value); }
  void symbol(writer_state& writer, char only, spacing as) noexcept {
    write(writer, only, as, hash_of_symbol(only));
  }

  [[nodiscard]] static constexpr std::uint64_t hash_of_symbol(char only) noexcept {
    return (static_cast<unsigned char>(only) + 1u) * 0xC3A5C85C97CB3127u;
  }

  /// Whether the keyword is a literal here.
  [[nodiscard]] static bool is_value(const writer_state& writer, keyword id) noexcept;

  /// How many bytes `…_short` may write, see statement_buffer.
  [[nodiscard]] std::ptrdiff_t room(const short_writer& writer) const noexcept {
    return buffer_.room(writer);
  }
  static void add_short(short_writer& writer, const char* at, std::size_t size,
                        std::uint64_t hash) noexcept {
    writer.put_short(at, size, spacing::word);
    writer.hash.add(hash);
    writer.previous = keyword::none;
  }
  /// For a keyword that is not special.
  static void add_short_keyword(short_writer& writer, const char* at, std::size_t size,
                                std::uint64_t hash, const keyword_traits& traits) noexcept {
    writer.put_short(at, size, traits.as);
    if (!traits.is_noise()) writer.hash.add(hash);
    writer.previous = traits.id;
  }
  static void value_short(short_writer& writer) noexcept {
    writer.put_short('?', spacing::value);
    writer.hash.add(hash_of_value);
    writer.previous = keyword::none;
  }
  static void symbol_short(short_writer& writer, char only, spacing as) noexcept {
    writer.put_short(only, as);
    writer.hash.add(hash_of_symbol(only));
    writer.previous = keyword::none;
  }
  void open_short(short_writer& writer) noexcept {
    symbol_short(writer, '(', spacing::open);
    ++depth_;
  }
  void close_short(short_writer& writer) noexcept {
    symbol_short(writer, ')', spacing::close);
    leave_brackets();
  }

  void operation(writer_state& writer, std::string_view signs) noexcept;

  /// `targets` is how many targets the summary has.
  void comma(writer_state& writer, std::size_t targets) noexcept;
  /// `next` is the keyword behind the bracket: SELECT, VALUES or WITH begins a query, any other a
  /// list.
  void open(writer_state& writer, keyword next) noexcept;
  /// A bracket that opens a list.
  void open_list(writer_state& writer) noexcept;
  void open_bracket(writer_state& writer) noexcept;
  void close(writer_state& writer, char bracket = ')') noexcept;

  /// A list without brackets, which goes on to the end of the statement or of the brackets around
  /// it.
  void begin_list(writer_state& writer) noexcept;
  void end_list(writer_state& writer) noexcept;

  /// See list_folding.
  [[nodiscard]] std::size_t take_folded() noexcept { return folds_.take_folded(); }

  /// While no list is open, brackets and commas are symbols like any other.
  [[nodiscard]] bool is_folding() const noexcept { return folds_.is_any(); }
  [[nodiscard]] bool is_comma_plain() const noexcept {
    return !folds_.is_any() || folds_.is_in_row();
  }
  [[nodiscard]] static bool may_open_list(const short_writer& writer) noexcept {
    return writer.previous != keyword::none;
  }
  /// Whether all that stands in the list's item so far is a value.
  [[nodiscard]] bool is_value_of_list(const writer_state& writer) const noexcept {
    fingerprint_state value;
    value.add(hash_of_value);
    return folds_.is_in_list(depth_) && writer.hash == value;
  }
  /// Whether a row has just ended.
  [[nodiscard]] static bool is_between_rows(const writer_state& writer) noexcept {
    return writer.previous == keyword::end_of_row;
  }
  /// Whether the last row holds so many values and nothing else.
  [[nodiscard]] bool is_last_row_of(std::size_t values) const noexcept;

  void begin_statement(writer_state& writer) noexcept;
  void end_statement(writer_state& writer) noexcept;

  /// Whether an operand is expected, so that a sign is part of a number.
  [[nodiscard]] static bool is_before_operand(const writer_state& writer) noexcept {
    return has_spacing(spacings_before_operand, writer.last);
  }

 private:
  static constexpr std::uint64_t hash_of_value = 0x9AE16A3B2F90404Fu;

  [[nodiscard]] static bool is_before_row(const writer_state& writer) noexcept {
    return writer.previous == keyword::values || writer.previous == keyword::between_rows;
  }

  void write(writer_state& writer, const sql_word& found, std::uint64_t hash, keyword as) noexcept;
  void write(writer_state& writer, char only, spacing as, std::uint64_t hash) noexcept;
  bool add_special(writer_state& writer, const sql_word& found) noexcept;
  void leave_brackets() noexcept {
    if (depth_ > 1) --depth_;
  }
  void begin_row(writer_state& writer) noexcept;

  list_folding folds_;
  statement_buffer buffer_;
  const char* end_;
  std::size_t depth_ = 1;  ///< of brackets; 1 outside of all brackets
  bool is_begun_ = false;
};

}  // namespace querytap::detail
