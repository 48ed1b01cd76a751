#pragma once

#include "fingerprint.hpp"
#include "repeated_rows.hpp"
#include "text_writer.hpp"
#include "token.hpp"
#include "value_list.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace querytap::detail {

/// Builds the sanitised text and its fingerprint of the tokens of a statement, or of several.
///
///     normaliser normal{sql};
///     normal.add(t);                   // for every token but a sign that a number follows
///     normal.text(); normal.hash();
///
/// Read again, the text gives itself: all is decided by what stands before a token, and what is
/// left out or taken back leaves no trace in that.
class normaliser {
 public:
  explicit normaliser(std::string_view sql) noexcept : writer_{sql} {}

  /// Whether it is the sign of a number that comes next, and no part of an expression.
  [[nodiscard]] bool may_sign_number(const token& t) const noexcept {
    return (t.symbol == '-' || t.symbol == '+') && previous_.before_operand;
  }

  void add(const token& t) noexcept;

  [[nodiscard]] std::string text() { return writer_.text(); }
  [[nodiscard]] std::uint64_t hash() const noexcept { return hash_.value(); }

 private:
  void add_value() noexcept;
  void add_word(const token& t) noexcept;
  void add_symbol(const token& t) noexcept;
  void add_operator(const token& t) noexcept;
  void add_comma() noexcept;
  void open(const token& t) noexcept;
  void close(const token& t) noexcept;

  void begin(const token& t) noexcept;
  void begin_statement(const token& t) noexcept;
  void end_statement() noexcept;
  [[nodiscard]] bool is_data(const token& t) const noexcept;
  [[nodiscard]] bool is_where_values_stand() const noexcept;

  void write_value() noexcept;
  void write_comma() noexcept;
  void write_list() noexcept;
  void add_hash(std::uint64_t token, std::uint64_t in_row) noexcept;

  text_writer writer_;
  fingerprint hash_;
  value_list list_;
  repeated_rows rows_;

  bool is_begun_ = false;
  bool is_statement_begun_ = false;
  bool is_semicolon_due_ = false;
  bool is_after_operator_ = false;
  char previous_symbol_ = '\0';
  keyword_traits previous_{keyword::none, false, true, false};
  keyword_traits earlier_;
  keyword with_data_names_ = keyword::none;  ///< the first word of such a statement
};

}  // namespace querytap::detail
