#pragma once

#include "fingerprint.hpp"
#include "repeated_rows.hpp"
#include "text_writer.hpp"
#include "token.hpp"
#include "value_list.hpp"

#include <cstdint>
#include <string>

namespace querytap::detail {

/// Builds the sanitised text and its fingerprint of the tokens of a statement, or of several.
///
///     normaliser normal;
///     if (normal.joins_sign(t) && …) …   // a sign and the number after it are one value
///     normal.add(t);                     // for every token
///     normal.text(); normal.hash();
///
/// Read again, the text gives itself. Everything here is decided by what stands before a token, or
/// what is taken back could not be told from what never was.
class normaliser {
 public:
  /// Whether a number that comes next belongs to this sign.
  [[nodiscard]] bool joins_sign(const token& t) const noexcept {
    return is_operand_next_ && (t.is_symbol('-') || t.is_symbol('+'));
  }

  void add(const token& t) noexcept;

  [[nodiscard]] std::string text() { return writer_.text(); }
  [[nodiscard]] std::uint64_t hash() const noexcept { return hash_.value(); }

 private:
  [[nodiscard]] bool is_value(const token& t) const noexcept;
  [[nodiscard]] bool is_value_by_statement(const token& t) const noexcept;
  void begin_statement(const token& t, bool is_value) noexcept;
  void remember(const token& t, bool was_value) noexcept;

  void add_value() noexcept;
  void add_word(const token& t) noexcept;
  void add_symbol(const token& t) noexcept;
  void end_statement() noexcept;

  void write(std::string_view text, layout as, std::uint64_t hash,
             std::uint64_t shape) noexcept;
  void write_value() noexcept;
  void write_comma() noexcept;
  void write_symbol(const token& t) noexcept;
  void write_list() noexcept;
  void take_back_row() noexcept;

  text_writer writer_;
  fingerprint hash_;
  value_list list_;
  repeated_rows rows_;

  bool is_operand_next_ = true;
  bool is_after_is_ = false;
  bool is_statement_begun_ = false;
  bool is_text_begun_ = false;
  bool is_semicolon_due_ = false;
  char previous_symbol_ = '\0';
  keyword previous_ = keyword::none;
  keyword statement_ = keyword::none;  ///< the first word, where names in it are data
};

}  // namespace querytap::detail
