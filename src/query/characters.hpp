#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace querytap::detail {

enum class character : std::uint8_t {
  other,
  blank,
  letter,
  digit,
  quote,
  double_quote,
  backtick,
  bracket,
  dollar,
  question_mark,
  variable,
  colon,
  dot,
  operation,
};

constexpr std::array<character, 256> make_characters() {
  std::array<character, 256> table{};
  const auto mark = [&table](std::string_view all, character as) {
    for (const char c : all) table[static_cast<unsigned char>(c)] = as;
  };
  mark({" \t\n\v\f\r\0", 7}, character::blank);
  mark("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_", character::letter);
  for (std::size_t c = 0x80; c < 256; ++c) table[c] = character::letter;
  mark("0123456789", character::digit);
  mark("'", character::quote);
  mark("\"", character::double_quote);
  mark("`", character::backtick);
  mark("[", character::bracket);
  mark("$", character::dollar);
  mark("?", character::question_mark);
  mark("@#", character::variable);
  mark(":", character::colon);
  mark(".", character::dot);
  mark("+-*/<>=~!%^&|", character::operation);
  return table;
}

inline constexpr std::array<character, 256> characters = make_characters();

[[nodiscard]] constexpr character class_of(char c) noexcept {
  return characters[static_cast<unsigned char>(c)];
}
[[nodiscard]] constexpr bool is_digit(char c) noexcept { return class_of(c) == character::digit; }
[[nodiscard]] constexpr bool is_digit_part(char c) noexcept { return is_digit(c) || c == '_'; }
[[nodiscard]] constexpr bool is_letter(char c) noexcept { return class_of(c) == character::letter; }
[[nodiscard]] constexpr bool is_name_part(char c) noexcept { return is_letter(c) || is_digit(c); }

constexpr std::array<bool, 256> make_word_parts() {
  std::array<bool, 256> table{};
  for (std::size_t c = 0; c < 256; ++c) {
    table[c] = is_name_part(static_cast<char>(c)) || c == '$';
  }
  return table;
}

inline constexpr std::array<bool, 256> word_parts = make_word_parts();

/// Part of a bare word, which may hold `$` though it does not begin with one.
[[nodiscard]] constexpr bool is_word_part(char c) noexcept {
  return word_parts[static_cast<unsigned char>(c)];
}

/// What PostgreSQL builds operators of, `?` apart, which stands for a value more often.
[[nodiscard]] constexpr bool is_operator_part(char c) noexcept {
  return class_of(c) == character::operation || class_of(c) == character::variable || c == '`';
}

[[nodiscard]] constexpr char small(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

}  // namespace querytap::detail
