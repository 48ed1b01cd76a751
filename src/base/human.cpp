#include <querytap/base/human.hpp>

#include "seconds.hpp"

#include <fmt/format.h>

#include <cmath>

namespace querytap {
namespace {

std::string three_digits(double number, const char* unit) {
  if (number < 9.995) return fmt::format("{:.2f} {}", number, unit);
  if (number < 99.95) return fmt::format("{:.1f} {}", number, unit);
  return fmt::format("{:.0f} {}", number, unit);
}

}  // namespace

std::string human_duration(std::chrono::nanoseconds duration) {
  return human_duration(detail::seconds_of(duration));
}

std::string human_duration(double seconds) {
  if (std::isnan(seconds)) return "–";
  if (seconds < 999.5e-9) return fmt::format("{:.0f} ns", seconds * 1e9);
  if (seconds < 999.5e-6) return three_digits(seconds * 1e6, "µs");
  if (seconds < 999.5e-3) return three_digits(seconds * 1e3, "ms");
  return three_digits(seconds, "s");
}

std::string human_count(std::uint64_t count) {
  std::string text = fmt::to_string(count);
  for (std::size_t left = text.size(); left > 3;) text.insert(left -= 3, 1, ',');
  return text;
}

}  // namespace querytap
