#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace querytap::detail {

/// The text as HTML shows it, in an element or in a quoted attribute.
[[nodiscard]] std::string escaped(std::string_view text);

/// The same in an element of that class; nothing at all for an empty text.
[[nodiscard]] std::string span(std::string_view css_class, std::string_view text);

/// The text of a statement, cut where it gets too long for a page.
[[nodiscard]] std::string sql(std::string_view text);

/// `part` of `whole` in percent, from 0 to 100; 0 of nothing.
[[nodiscard]] double percent(std::chrono::nanoseconds part, std::chrono::nanoseconds whole);

/// `98 %`, and `<1 %` rather than 0 of what there is, as HTML.
[[nodiscard]] std::string percent_text(double percent);

[[nodiscard]] std::string duration_text(std::chrono::nanoseconds duration);

/// `12:00:00 UTC, 3 s ago`; with the day where that is another one than that of `now`.
[[nodiscard]] std::string moment_text(std::chrono::system_clock::time_point when,
                                      std::chrono::system_clock::time_point now);

/// `1 call`, `1,200 calls`
[[nodiscard]] std::string count_text(std::uint64_t count, std::string_view of_one);

/// Where the rest is, if not all of them are shown.
[[nodiscard]] std::string rest_of(std::size_t count, std::size_t shown, std::string_view page);

/// A row of facts with dots between them; empty ones are left out.
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
