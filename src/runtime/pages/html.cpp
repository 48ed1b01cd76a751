#include "html.hpp"

#include "../../base/utc_text.hpp"
#include "../../base/utf8.hpp"

#include <querytap/base/human.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace querytap::detail {
namespace {

constexpr std::size_t longest_shown_statement = 1000;

std::string age_text(std::chrono::seconds age) {
  using namespace std::chrono_literals;
  if (age < 2min) return fmt::format("{} s", std::max<std::int64_t>(0, age.count()));
  if (age < 2h) return fmt::format("{} min", age / 1min);
  if (age < 48h) return fmt::format("{} h", age / 1h);
  return fmt::format("{} days", age / 24h);
}

}  // namespace

std::string escaped(std::string_view text) {
  std::string result;
  for (const char c : text) {
    switch (c) {
      case '&': result += "&amp;"; break;
      case '<': result += "&lt;"; break;
      case '>': result += "&gt;"; break;
      case '"': result += "&quot;"; break;
      case '\'': result += "&#39;"; break;
      default: result += c;
    }
  }
  return result;
}

std::string span(std::string_view css_class, std::string_view text) {
  if (text.empty()) return {};
  return fmt::format("<span class=\"{}\">{}</span>", css_class, escaped(text));
}

std::string sql(std::string_view text) {
  if (text.empty()) return {};
  const std::string_view shown = utf8_prefix(text, longest_shown_statement);
  return fmt::format("<code>{}{}</code>", escaped(shown), shown.size() < text.size() ? " …" : "");
}

double percent(std::chrono::nanoseconds part, std::chrono::nanoseconds whole) {
  if (whole.count() <= 0) return 0;
  const double share = static_cast<double>(part.count()) / static_cast<double>(whole.count());
  return std::clamp(100 * share, 0.0, 100.0);
}

std::string percent_text(double percent) {
  return percent > 0 && percent < 0.5 ? "&lt;1 %" : fmt::format("{:.0f} %", percent);
}

std::string moment_text(std::chrono::system_clock::time_point moment,
                        std::chrono::system_clock::time_point shown_at) {
  using std::chrono::floor;
  const bool same_day = floor<std::chrono::days>(moment) == floor<std::chrono::days>(shown_at);
  const auto second = floor<std::chrono::seconds>(moment);
  return fmt::format("{}{}{} UTC, {} ago", same_day ? "" : utc_date_text(second),
                     same_day ? "" : " ", utc_clock_text(second),
                     age_text(std::chrono::duration_cast<std::chrono::seconds>(shown_at - moment)));
}

std::string count_text(std::uint64_t count, std::string_view singular) {
  return fmt::format("{} {}{}", human_count(count), singular, count == 1 ? "" : "s");
}

std::string rest_of(std::size_t count, std::size_t shown, std::string_view page) {
  if (count <= shown) return {};
  return fmt::format("<p class=\"facts\">{} more in <a href=\"{}\">/{}</a></p>",
                     human_count(count - shown), page, page);
}

}  // namespace querytap::detail
