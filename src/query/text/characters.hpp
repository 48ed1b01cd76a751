#pragma once

#include "../../base/ascii.hpp"
#include "dialect_rules.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace querytap::detail {

/// The kind of token that a character begins.
enum class character_class : std::uint8_t {
  other,  ///< a symbol of its own
  blank,
  letter,
  digit,
  digit_or_name,  ///< a digit of MySQL, where `2024_orders` is a name
  dot,
  comma,
  semicolon,
  open,
  close,
  open_bracket,
  close_bracket,
  dash,
  slash,
  operation,
  string,
  escaped_string,
  doubtful_string,  ///< in which a backslash may be an escape, or the quote that of a name
  quoted_name,
  bracketed_name,
  dollar,
  question_mark,
  parameter,
  user_variable,
  colon,
  line_comment,
};

using character_table = std::array<character_class, 256>;

constexpr void mark_characters(character_table& table, std::string_view characters,
                               character_class as) {
  for (const char c : characters) table[static_cast<unsigned char>(c)] = as;
}

constexpr character_table make_common_characters() {
  character_table table{};
  mark_characters(table, {" \t\n\v\f\r\0", 7}, character_class::blank);
  mark_characters(table, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_",
                  character_class::letter);
  for (std::size_t c = 0x80; c < 256; ++c) table[c] = character_class::letter;
  mark_characters(table, "0123456789", character_class::digit);
  mark_characters(table, ".", character_class::dot);
  mark_characters(table, ",", character_class::comma);
  mark_characters(table, ";", character_class::semicolon);
  mark_characters(table, "(", character_class::open);
  mark_characters(table, ")", character_class::close);
  mark_characters(table, "[", character_class::open_bracket);
  mark_characters(table, "]", character_class::close_bracket);
  mark_characters(table, "-", character_class::dash);
  mark_characters(table, "/", character_class::slash);
  mark_characters(table, "+*<>=~!%^&|", character_class::operation);
  mark_characters(table, "'", character_class::string);
  mark_characters(table, "\"`", character_class::quoted_name);
  mark_characters(table, "?", character_class::question_mark);
  return table;
}

constexpr character_class string_class(sql_rules rules) {
  switch (rules.backslash_escapes) {
    case setting::off: break;
    case setting::on: return character_class::escaped_string;
    case setting::unknown: return character_class::doubtful_string;
  }
  return character_class::string;
}

/// What `"` begins in MySQL. Whether it is a string or a name, it ends at the same place if a
/// backslash is no escape; else only a string ends behind `\"`.
constexpr character_class quote_of_mysql(sql_rules rules) {
  if (rules.has_quoted_names()) return character_class::quoted_name;
  const bool is_string = rules.double_quoted_names == setting::off;
  if (is_string || rules.backslash_escapes == setting::off) return string_class(rules);
  return character_class::doubtful_string;
}

constexpr character_table make_characters(sql_rules rules) {
  character_table table = make_common_characters();
  switch (rules.language) {
    case dialect::sqlite:
      mark_characters(table, "[", character_class::bracketed_name);
      mark_characters(table, "]", character_class::other);
      mark_characters(table, "$@#:", character_class::parameter);
      break;
    case dialect::mysql:
      mark_characters(table, ":", character_class::operation);
      mark_characters(table, "#", character_class::line_comment);
      mark_characters(table, "@", character_class::user_variable);
      mark_characters(table, "$", character_class::letter);
      mark_characters(table, "\"", quote_of_mysql(rules));
      mark_characters(table, "0123456789", character_class::digit_or_name);
      break;
    default:
      mark_characters(table, "$", character_class::dollar);
      mark_characters(table, ":", character_class::colon);
      mark_characters(table, "@#`", character_class::operation);
  }
  mark_characters(table, "'", string_class(rules));
  return table;
}

/// All tables, in the order of `sql_rules::index()`.
constexpr auto make_character_tables() {
  std::array<character_table, sql_rules::count> tables{};
  for (std::size_t i = 0; i < tables.size(); ++i) {
    tables[i] = make_characters(sql_rules::at(i));
  }
  return tables;
}

/// What some editors write before the first character of a text.
inline constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

/// What a sanitised text that is too long ends in.
inline constexpr std::string_view cut_sign = "…";

inline constexpr auto character_tables = make_character_tables();

[[nodiscard]] constexpr const character_table& characters_of(sql_rules rules) noexcept {
  return character_tables[rules.index()];
}

[[nodiscard]] constexpr bool is_name_part(char c) noexcept {
  const char letter = ascii_lower(c);
  return (letter >= 'a' && letter <= 'z') || is_ascii_digit(c) || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}
[[nodiscard]] constexpr bool is_blank(char c) noexcept {
  return c == ' ' || (c >= '\t' && c <= '\r') || c == '\0';
}
constexpr std::array<bool, 256> make_operator_parts() {
  std::array<bool, 256> table{};
  for (const char c : std::string_view{"+-*/<>=~!@#%^&|`"}) {
    table[static_cast<unsigned char>(c)] = true;
  }
  return table;
}

inline constexpr std::array<bool, 256> operator_parts = make_operator_parts();

/// The characters of PostgreSQL's operators, except `?`, which stands for a value more often.
[[nodiscard]] constexpr bool is_operator_part(char c) noexcept {
  return operator_parts[static_cast<unsigned char>(c)];
}
[[nodiscard]] constexpr bool is_char_of(char c, std::string_view characters) noexcept {
  for (const char each : characters) {
    if (c == each) return true;
  }
  return false;
}

}  // namespace querytap::detail
