#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace querytap::detail {

/// The text as HTML shows it, in an element or in a quoted attribute.
[[nodiscard]] std::string escaped(std::string_view text);

/// The escaped text in an element of that class; empty for an empty text.
[[nodiscard]] std::string span(std::string_view css_class, std::string_view text);

/// The text of a statement, cut to a length that suits a page.
[[nodiscard]] std::string sql(std::string_view text);

/// `part` of `whole` in percent, from 0 to 100; 0 of nothing.
[[nodiscard]] double percent(std::chrono::nanoseconds part, std::chrono::nanoseconds whole);

/// `98 %`, and `<1 %` for any that would round to 0, as HTML.
[[nodiscard]] std::string percent_text(double percent);

/// `12:00:00 UTC, 3 s ago`; with the date if `shown_at` is on another day.
[[nodiscard]] std::string moment_text(std::chrono::system_clock::time_point moment,
                                      std::chrono::system_clock::time_point shown_at);

/// `1 call`, `1,200 calls`
[[nodiscard]] std::string count_text(std::uint64_t count, std::string_view singular);

/// A link to the page with the rest, if fewer than `count` are shown.
[[nodiscard]] std::string rest_of(std::size_t count, std::size_t shown, std::string_view page);

/// Facts in a row with dots between them; empty facts are left out.
class facts {
 public:
  void add(std::string html) {
    if (html.empty()) return;
    if (!html_.empty()) html_ += " · ";
    html_ += html;
  }
  [[nodiscard]] const std::string& html() const noexcept { return html_; }

 private:
  std::string html_;
};

}  // namespace querytap::detail
