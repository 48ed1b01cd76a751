#include "price_number.hpp"

#include "../../base/ascii.hpp"
#include "../../base/numbers.hpp"

#include <querytap/base/error.hpp>

#include <fmt/format.h>

#include <cstdint>
#include <limits>

namespace querytap::detail {
namespace {

// The digits of a number, as a whole one, and the power of ten that it is to be multiplied by.
struct decimal_number {
  std::uint64_t digits = 0;
  int exponent = 0;
};

std::optional<decimal_number> parse_digits(std::string_view text) noexcept {
  constexpr std::uint64_t most = 1'000'000'000'000'000'000;
  decimal_number number;
  bool is_behind_point = false;
  bool has_digit = false;
  for (const char c : text) {
    if (c == '.' && !is_behind_point) {
      is_behind_point = true;
      continue;
    }
    if (!is_ascii_digit(c)) return std::nullopt;
    has_digit = true;
    if (number.digits >= most / 10) {  // further digits change nothing that counts
      if (!is_behind_point) ++number.exponent;
      continue;
    }
    number.digits = number.digits * 10 + static_cast<std::uint64_t>(c - '0');
    if (is_behind_point) --number.exponent;
  }
  if (!has_digit) return std::nullopt;
  return number;
}

std::optional<int> parse_exponent(std::string_view text) noexcept {
  if (text.starts_with('+')) text.remove_prefix(1);
  const auto exponent = whole_number<int>(text);
  return exponent && *exponent > -1000 && *exponent < 1000 ? exponent : std::nullopt;
}

}  // namespace

std::optional<money> parse_price(std::string_view text, int shift) noexcept {
  const std::size_t e = text.find_first_of("eE");
  auto number = parse_digits(text.substr(0, e));
  if (!number) return std::nullopt;
  if (e != std::string_view::npos) {
    const auto exponent = parse_exponent(text.substr(e + 1));
    if (!exponent) return std::nullopt;
    number->exponent += *exponent;
  }
  int exponent = number->exponent + shift + 9;  // in billionths of a dollar
  std::uint64_t value = number->digits;
  for (; exponent < 0 && value != 0; ++exponent) {
    value = exponent == -1 ? (value + 5) / 10 : value / 10;
  }
  for (; exponent > 0 && value != 0; --exponent) {
    if (value > std::uint64_t{std::numeric_limits<std::int64_t>::max()} / 10) return std::nullopt;
    value *= 10;
  }
  if (value > std::uint64_t{std::numeric_limits<std::int64_t>::max()}) return std::nullopt;
  return money{static_cast<std::int64_t>(value)};
}

void refuse_price_file(const price_place& place, std::string_view value, std::string_view reason) {
  constexpr std::size_t most_shown = 80;
  throw configuration_error{fmt::format("{}, line {}{}{}", place.file, place.line,
                                        place.key.empty() ? "" : ": ", place.key),
                            value.substr(0, most_shown), reason};
}

}  // namespace querytap::detail
