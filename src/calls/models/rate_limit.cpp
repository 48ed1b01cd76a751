#include <querytap/calls/models/rate_limit.hpp>

#include "../../base/ascii.hpp"
#include "../../base/numbers.hpp"
#include "../../base/text.hpp"

#include <querytap/base/clock.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>

namespace querytap {
namespace {

using header_time = std::chrono::sys_time<std::chrono::nanoseconds>;

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

// The number that `count` digits at the front of `text` are, which are removed.
std::optional<int> take_digits(std::string_view& text, std::size_t count) noexcept {
  if (text.size() < count || !std::ranges::all_of(text.substr(0, count), detail::is_ascii_digit))
    return std::nullopt;
  const auto number = detail::whole_number<int>(text.substr(0, count));
  text.remove_prefix(count);
  return number;
}

bool take_character(std::string_view& text, char c) noexcept {
  if (text.empty() || text.front() != c) return false;
  text.remove_prefix(1);
  return true;
}

// `12:00:00`; a leap second counts as the one after it.
std::optional<std::chrono::seconds> take_time_of_day(std::string_view& text) noexcept {
  const auto hour = take_digits(text, 2);
  const bool has_minute = take_character(text, ':');
  const auto minute = take_digits(text, 2);
  const bool has_second = take_character(text, ':');
  const auto second = take_digits(text, 2);
  if (!hour || !has_minute || !minute || !has_second || !second) return std::nullopt;
  if (*hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
  return std::chrono::hours{*hour} + std::chrono::minutes{*minute} + std::chrono::seconds{*second};
}

// `.5`, or nothing.
std::optional<std::chrono::nanoseconds> take_fraction(std::string_view& text) noexcept {
  if (!take_character(text, '.')) return std::chrono::nanoseconds{0};
  std::chrono::nanoseconds sum{0};
  std::chrono::nanoseconds unit{100'000'000};
  if (text.empty() || !detail::is_ascii_digit(text.front())) return std::nullopt;
  while (!text.empty() && detail::is_ascii_digit(text.front())) {
    sum += unit * (text.front() - '0');
    unit /= 10;
    text.remove_prefix(1);
  }
  return sum;
}

// `Z`, `+01:00`.
std::optional<std::chrono::minutes> take_offset(std::string_view& text) noexcept {
  if (take_character(text, 'Z') || take_character(text, 'z')) return std::chrono::minutes{0};
  const bool is_east = take_character(text, '+');
  if (!is_east && !take_character(text, '-')) return std::nullopt;
  const auto hours = take_digits(text, 2);
  const bool has_minutes = take_character(text, ':');
  const auto minutes = take_digits(text, 2);
  if (!hours || !has_minutes || !minutes || *hours > 23 || *minutes > 59) return std::nullopt;
  const std::chrono::minutes offset{*hours * 60 + *minutes};
  return is_east ? offset : -offset;
}

std::optional<std::chrono::sys_days> day_of(std::optional<int> year, std::optional<unsigned> month,
                                            std::optional<int> day) noexcept {
  if (!year || !month || !day) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year{*year}, std::chrono::month{*month},
                                         std::chrono::day{static_cast<unsigned>(*day)}};
  // Nanoseconds of 64 bits count to 2262.
  if (!date.ok() || *year < 1970 || *year > 2200) return std::nullopt;
  return std::chrono::sys_days{date};
}

std::optional<header_time> parse_rfc_3339(std::string_view text) noexcept {
  const auto year = take_digits(text, 4);
  const bool has_month = take_character(text, '-');
  const auto month = take_digits(text, 2);
  const bool has_day = take_character(text, '-');
  const auto day = take_digits(text, 2);
  const bool has_time = take_character(text, 'T') || take_character(text, 't');
  if (!has_month || !month || !has_day || !has_time) return std::nullopt;
  const auto date = day_of(year, static_cast<unsigned>(*month), day);
  const auto time = take_time_of_day(text);
  if (!date || !time) return std::nullopt;
  const auto fraction = take_fraction(text);
  const auto offset = take_offset(text);
  if (!fraction || !offset || !text.empty()) return std::nullopt;
  return header_time{*date} + *time + *fraction - *offset;
}

std::optional<unsigned> take_month(std::string_view& text) noexcept {
  constexpr std::string_view names = "JanFebMarAprMayJunJulAugSepOctNovDec";
  if (text.size() < 3) return std::nullopt;
  const std::size_t place = names.find(text.substr(0, 3));
  text.remove_prefix(3);
  if (place == names.npos || place % 3 != 0) return std::nullopt;
  return static_cast<unsigned>(place / 3 + 1);
}

// The format of RFC 9110, section 5.6.7, that servers must send.
std::optional<header_time> parse_http_date(std::string_view text) noexcept {
  const std::size_t comma = text.find(", ");
  if (comma != 3) return std::nullopt;
  text.remove_prefix(comma + 2);
  const auto day = take_digits(text, 2);
  if (!take_character(text, ' ')) return std::nullopt;
  const auto month = take_month(text);
  if (!take_character(text, ' ')) return std::nullopt;
  const auto date = day_of(take_digits(text, 4), month, day);
  if (!take_character(text, ' ')) return std::nullopt;
  const auto time = take_time_of_day(text);
  if (!date || !time || text != " GMT") return std::nullopt;
  return header_time{*date} + *time;
}

// Until a date of a header; 0 where it has passed.
std::optional<std::chrono::nanoseconds> time_until(std::string_view date,
                                                   const clock& time) noexcept {
  const auto end = parse_header_time(date);
  if (!end) return std::nullopt;
  const auto left = *end - std::chrono::time_point_cast<std::chrono::nanoseconds>(time.wall());
  if (left > std::chrono::duration<double>{longest_seconds}) return std::nullopt;
  return std::max<std::chrono::nanoseconds>(left, std::chrono::nanoseconds{0});
}

bool take_prefix(std::string_view& name, std::string_view prefix) noexcept {
  if (name.size() <= prefix.size() ||
      !detail::equal_ignoring_case(name.substr(0, prefix.size()), prefix)) {
    return false;
  }
  name.remove_prefix(prefix.size());
  return true;
}

// `field` is `limit`, `remaining` or `reset`.
void read_limit(rate_limit& limit, std::string_view field, std::string_view value,
                const clock& time) noexcept {
  using detail::equal_ignoring_case;
  if (equal_ignoring_case(field, "limit")) {
    limit.limit = detail::whole_number<std::uint64_t>(value);
  } else if (equal_ignoring_case(field, "remaining")) {
    limit.remaining = detail::whole_number<std::uint64_t>(value);
  } else if (equal_ignoring_case(field, "reset")) {
    limit.reset = parse_go_duration(value);
    if (!limit.reset) limit.reset = time_until(value, time);
  }
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

std::optional<header_time> parse_header_time(std::string_view text) noexcept {
  const auto known = parse_rfc_3339(text);
  return known ? known : parse_http_date(text);
}

void rate_limit_headers::read(std::string_view name, std::string_view value) noexcept {
  read(name, value, clock::process());
}

void rate_limit_headers::read(std::string_view name, std::string_view value,
                              const clock& time) noexcept {
  using detail::equal_ignoring_case;
  value = detail::trimmed(value);
  if (equal_ignoring_case(name, "retry-after")) {
    retry_after_ = parse_plain(value, 1);
    if (!retry_after_) retry_after_ = time_until(value, time);
  } else if (equal_ignoring_case(name, "retry-after-ms")) {
    exact_retry_after_ = parse_plain(value, 1e-3);
  } else if (equal_ignoring_case(name, "x-should-retry")) {
    should_retry_ = equal_ignoring_case(value, "true");
  } else if (equal_ignoring_case(name, "openai-processing-ms")) {
    processing_time_ = parse_plain(value, 1e-3);
  } else if (take_prefix(name, "x-ratelimit-")) {
    // `remaining-tokens`
    const std::size_t dash = std::min(name.find('-'), name.size());
    const std::string_view kind = name.substr(std::min(dash + 1, name.size()));
    rate_limit* const limit = find_limit(kind);
    if (limit != nullptr) read_limit(*limit, name.substr(0, dash), value, time);
  } else if (take_prefix(name, "anthropic-ratelimit-")) {
    // `input-tokens-remaining`
    const std::size_t dash = name.rfind('-');
    if (dash == name.npos) return;
    rate_limit* const limit = find_limit(name.substr(0, dash));
    if (limit != nullptr) read_limit(*limit, name.substr(dash + 1), value, time);
  }
}

rate_limit* rate_limit_headers::find_limit(std::string_view kind) noexcept {
  using detail::equal_ignoring_case;
  if (equal_ignoring_case(kind, "requests")) return &requests_;
  if (equal_ignoring_case(kind, "tokens")) return &tokens_;
  if (equal_ignoring_case(kind, "input-tokens")) return &input_tokens_;
  return equal_ignoring_case(kind, "output-tokens") ? &output_tokens_ : nullptr;
}

}  // namespace querytap
