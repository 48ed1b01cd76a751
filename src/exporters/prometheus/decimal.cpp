#include "decimal.hpp"

#include <charconv>
#include <cmath>
#include <limits>

namespace querytap::detail {
namespace {

constexpr std::uint64_t recorded_per_second = 1'000'000'000;
constexpr int fraction_digits = 9;

// The point and the digits after it, without trailing zeros; nothing for a whole number.
char* write_fraction(char* out, std::uint64_t nanoseconds) noexcept {
  if (nanoseconds == 0) return out;
  *out++ = '.';
  for (int i = fraction_digits - 1; i >= 0; --i) {
    out[i] = static_cast<char>('0' + nanoseconds % 10);
    nanoseconds /= 10;
  }
  char* end = out + fraction_digits;
  while (end[-1] == '0') --end;
  return end;
}

}  // namespace

char* write_in_unit(char* out, std::uint64_t recorded, double recorded_per_unit) noexcept {
  if (recorded_per_unit == 1) return write_decimal(out, recorded);
  if (recorded_per_unit == recorded_per_second) [[likely]] {
    out = write_decimal(out, recorded / recorded_per_second);
    return write_fraction(out, recorded % recorded_per_second);
  }
  const auto parts = static_cast<std::uint64_t>(recorded_per_unit);  // a smaller power of ten
  out = write_decimal(out, recorded / parts);
  return write_fraction(out, recorded % parts * (recorded_per_second / parts));
}

char* write_in_unit(char* out, std::int64_t recorded, double recorded_per_unit) noexcept {
  if (recorded < 0) *out++ = '-';
  const auto magnitude = static_cast<std::uint64_t>(recorded);
  return write_in_unit(out, recorded < 0 ? 0 - magnitude : magnitude, recorded_per_unit);
}

std::string canonical_number(double number) {
  if (std::isinf(number)) return number < 0 ? "-Inf" : "+Inf";
  constexpr int first_exponent = -4;
  constexpr int last_exponent = 5;
  const int exponent =
      number == 0 ? 0 : static_cast<int>(std::floor(std::log10(std::fabs(number))));
  const bool plain = first_exponent <= exponent && exponent <= last_exponent;
  char text[64];
  const auto form = plain ? std::chars_format::fixed : std::chars_format::scientific;
  std::string result{text, std::to_chars(text, text + sizeof text, number, form).ptr};
  if (result.find_first_of(".e") == std::string::npos) result += ".0";
  return result;
}

}  // namespace querytap::detail
