#include <querytap/calls/models/rate_limit.hpp>

#include "../../base/ascii.hpp"
#include "../../base/numbers.hpp"
#include "../../base/text.hpp"

#include <array>
#include <charconv>

namespace querytap {
namespace {

constexpr double longest_seconds = 366.0 * 86400;

struct go_unit {
  std::string_view name;
  double seconds;
};
// Before those that begin alike.
constexpr std::array<go_unit, 8> go_units{{{"ms", 1e-3},
                                           {"us", 1e-6},
                                           {"µs", 1e-6},
                                           {"ns", 1e-9},
                                           {"h", 3600},
                                           {"m", 60},
                                           {"s", 1},
                                           {"d", 86400}}};

std::optional<std::chrono::nanoseconds> bounded_seconds(double seconds) noexcept {
  if (!(seconds >= 0 && seconds <= longest_seconds)) return std::nullopt;
  return std::chrono::nanoseconds{static_cast<std::int64_t>(seconds * 1e9 + 0.5)};
}

// Removes a number from the front; below 0 where there is none.
double take_number(std::string_view& text) noexcept {
  double value = -1;
  const char* const end = text.data() + text.size();
  if (text.empty() || !detail::is_ascii_digit(text.front())) return -1;
  const auto [stopped, error] = std::from_chars(text.data(), end, value, std::chars_format::fixed);
  if (error != std::errc{}) return -1;
  text.remove_prefix(static_cast<std::size_t>(stopped - text.data()));
  return value;
}

double take_unit(std::string_view& text) noexcept {
  for (const go_unit& unit : go_units) {
    if (!text.starts_with(unit.name)) continue;
    text.remove_prefix(unit.name.size());
    return unit.seconds;
  }
  return -1;
}

std::optional<std::chrono::nanoseconds> parse_plain(std::string_view text, double unit) noexcept {
  const double number = take_number(text);
  return text.empty() && number >= 0 ? bounded_seconds(number * unit) : std::nullopt;
}

}  // namespace

std::optional<std::chrono::nanoseconds> parse_go_duration(std::string_view text) noexcept {
  if (text == "0") return std::chrono::nanoseconds{0};
  if (text.empty()) return std::nullopt;
  double sum = 0;
  while (!text.empty()) {
    const double number = take_number(text);
    const double unit = take_unit(text);
    if (number < 0 || unit < 0) return std::nullopt;
    sum += number * unit;
  }
  return bounded_seconds(sum);
}

void rate_limit_headers::read(std::string_view name, std::string_view value) noexcept {
  using detail::equal_ignoring_case;
  value = detail::trimmed(value);
  constexpr std::string_view prefix = "x-ratelimit-";
  if (equal_ignoring_case(name, "retry-after")) {
    retry_after_ = parse_plain(value, 1);
  } else if (equal_ignoring_case(name, "retry-after-ms")) {
    exact_retry_after_ = parse_plain(value, 1e-3);
  } else if (equal_ignoring_case(name, "x-should-retry")) {
    should_retry_ = equal_ignoring_case(value, "true");
  } else if (name.size() > prefix.size() &&
             equal_ignoring_case(name.substr(0, prefix.size()), prefix)) {
    const std::string_view kind = name.substr(prefix.size());
    const auto count = detail::whole_number<std::uint64_t>(value);
    if (equal_ignoring_case(kind, "limit-requests")) requests_.limit = count;
    if (equal_ignoring_case(kind, "limit-tokens")) tokens_.limit = count;
    if (equal_ignoring_case(kind, "remaining-requests")) requests_.remaining = count;
    if (equal_ignoring_case(kind, "remaining-tokens")) tokens_.remaining = count;
    if (equal_ignoring_case(kind, "reset-requests")) requests_.reset = parse_go_duration(value);
    if (equal_ignoring_case(kind, "reset-tokens")) tokens_.reset = parse_go_duration(value);
  }
}

}  // namespace querytap
