#pragma once

#include "dialect_rules.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace querytap::detail {

/// What a character begins.
enum class character : std::uint8_t {
  other,  ///< a symbol of its own
  blank,
  letter,
  digit,
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
  quoted_name,
  bracketed_name,
  dollar,
  question_mark,
  parameter,
  user_variable,
  colon,
  line_comment,
};

using character_table = std::array<character, 256>;

constexpr void mark(character_table& table, std::string_view all, character as) {
  for (const char c : all) table[static_cast<unsigned char>(c)] = as;
}

constexpr character_table make_common_characters() {
  character_table table{};
  mark(table, {" \t\n\v\f\r\0", 7}, character::blank);
  mark(table, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_", character::letter);
  for (std::size_t c = 0x80; c < 256; ++c) table[c] = character::letter;
  mark(table, "0123456789", character::digit);
  mark(table, ".", character::dot);
  mark(table, ",", character::comma);
  mark(table, ";", character::semicolon);
  mark(table, "(", character::open);
  mark(table, ")", character::close);
  mark(table, "[", character::open_bracket);
  mark(table, "]", character::close_bracket);
  mark(table, "-", character::dash);
  mark(table, "/", character::slash);
  mark(table, "+*<>=~!%^&|", character::operation);
  mark(table, "'", character::string);
  mark(table, "\"`", character::quoted_name);
  mark(table, "?", character::question_mark);
  return table;
}

constexpr character_table make_characters(sql_rules rules) {
  character_table table = make_common_characters();
  switch (rules.language) {
    case dialect::sqlite:
      mark(table, "[", character::bracketed_name);
      mark(table, "]", character::other);
      mark(table, "$@#:", character::parameter);
      break;
    case dialect::mysql:
      mark(table, ":", character::operation);
      mark(table, "#", character::line_comment);
      mark(table, "@", character::user_variable);
      mark(table, "$", character::letter);
      if (!rules.double_quoted_names) mark(table, "\"", character::string);
      break;
    default:
      mark(table, "$", character::dollar);
      mark(table, ":", character::colon);
      mark(table, "@#`", character::operation);
  }
  if (!rules.backslash_escapes) return table;
  for (character& each : table) {
    if (each == character::string) each = character::escaped_string;
  }
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

inline constexpr auto character_tables = make_character_tables();

[[nodiscard]] constexpr const character_table& characters_of(sql_rules rules) noexcept {
  return character_tables[rules.index()];
}

[[nodiscard]] constexpr bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }
[[nodiscard]] constexpr char small(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}
[[nodiscard]] constexpr bool is_name_part(char c) noexcept {
  const char letter = small(c);
  return (letter >= 'a' && letter <= 'z') || is_digit(c) || c == '_' ||
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

/// What PostgreSQL builds operators of, `?` apart, which stands for a value more often.
[[nodiscard]] constexpr bool is_operator_part(char c) noexcept {
  return operator_parts[static_cast<unsigned char>(c)];
}
[[nodiscard]] constexpr bool is_one_of(char c, std::string_view all) noexcept {
  return all.find(c) != all.npos;
}

}  // namespace querytap::detail
