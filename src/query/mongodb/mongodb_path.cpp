#include "mongodb_path.hpp"

#include "../text/characters.hpp"

#include <algorithm>

namespace querytap::detail {
namespace {

bool is_uuid(std::string_view text) noexcept {
  if (text.size() != 36) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool is_dash_place = i == 8 || i == 13 || i == 18 || i == 23;
    if (is_dash_place ? text[i] != '-' : !is_hex_digit(text[i])) return false;
  }
  return true;
}

/// How often a digit follows a letter, or a letter a digit.
std::size_t switches_of(std::string_view text) noexcept {
  std::size_t switches = 0;
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (is_ascii_digit(text[i]) != is_ascii_digit(text[i - 1])) ++switches;
  }
  return switches;
}

/// Of a year or the number of a row within a name, such as `2024-05-01T10` and `order-4711`.
bool has_long_number(std::string_view text) noexcept {
  constexpr std::size_t shortest = 4;
  std::size_t digits = 0;
  return std::any_of(text.begin(), text.end(), [&](char c) {
    digits = is_ascii_digit(c) ? digits + 1 : 0;
    return digits == shortest;
  });
}

/// Whether the part of a path is a number, a date, a generated id, or has a long number in it.
bool is_data_as_name(std::string_view part) noexcept {
  constexpr std::size_t shortest_hex_id = 16;
  constexpr std::size_t shortest_other_id = 20;
  constexpr std::size_t fewest_switches = 3;
  if (part == "?") return true;
  if (std::none_of(part.begin(), part.end(), is_ascii_digit)) return false;
  const bool is_number = std::all_of(
      part.begin(), part.end(), [](char c) { return is_ascii_digit(c) || c == '-' || c == '_'; });
  const bool is_hex =
      part.size() >= shortest_hex_id && std::all_of(part.begin(), part.end(), is_hex_digit);
  const bool is_mixed = part.size() >= shortest_other_id && switches_of(part) >= fewest_switches;
  return is_number || has_long_number(part) || is_hex || is_mixed || is_uuid(part);
}

/// Of most paths; without digits no part is data.
bool is_plain_path_part(char c) noexcept {
  return (is_name_part(c) && !is_ascii_digit(c)) || is_char_of(c, "$.-");
}

/// Of `grades.$[element].mean`.
bool is_array_filter(std::string_view part) noexcept {
  return part.size() >= 3 && part.starts_with("$[") && part.ends_with(']') &&
         std::all_of(part.begin() + 2, part.end() - 1, is_name_part);
}

}  // namespace

mongodb_path::mongodb_path(std::string_view path) noexcept : original_{path} {
  is_field_ = !path.empty() && path.size() <= longest;
  if (std::all_of(path.begin(), path.end(), is_plain_path_part)) return;
  while (is_field_) {
    const std::size_t dot = path.find('.');
    add(path.substr(0, dot));
    if (dot == path.npos) return;
    append(".");
    path.remove_prefix(dot + 1);
  }
}

void mongodb_path::add(std::string_view part) noexcept {
  const std::size_t prefix = std::min(part.find_first_not_of('$'), part.size());
  append(part.substr(0, prefix));
  if (is_array_filter(part)) return append(part.substr(prefix));
  part.remove_prefix(prefix);
  if (is_data_as_name(part)) {
    has_data_ = true;
    return append("?");
  }
  is_field_ = std::all_of(part.begin(), part.end(),
                          [](char c) { return is_name_part(c) || is_char_of(c, "$-"); });
  append(part);
}

void mongodb_path::append(std::string_view part) noexcept {
  if (size_ + part.size() > bytes_.size()) return;  // only of what is no path
  part.copy(bytes_.data() + size_, part.size());
  size_ += part.size();
}

}  // namespace querytap::detail
