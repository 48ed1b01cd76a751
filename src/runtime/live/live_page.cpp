#include "live_page.hpp"

#include "query_string.hpp"
#include "report_formats.hpp"
#include "web_assets.hpp"

#include <querytap/recording/recorder.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace querytap::detail {
namespace {

constexpr std::string_view html_text = "text/html; charset=utf-8";
// Streams that are due together share a snapshot; with the time between events it is what an event may be old.
constexpr std::chrono::milliseconds longest_turn{150};
// A stream is bounded, and so are the views that may be asked for at once.
constexpr std::size_t most_views_at_once = 64;

// As service_report() has it, unless the query says otherwise.
std::chrono::seconds window_of_report(std::string_view query) {
  return query_values(query, "window").empty() ? std::chrono::minutes{5}
                                               : parse_view_query(query).window;
}

}  // namespace

/// What is at one path.
struct live_page::part {
  using content = std::string (*)(live_page&, std::string_view query);

  std::string_view path;
  std::string_view content_type;
  content make;
  std::chrono::milliseconds again_in{};
};

const live_page::part* live_page::part_at(std::string_view path) noexcept {
  using page = live_page;
  using text = std::string_view;
  static constexpr std::array parts{
      part{"/", html_text, [](page&, text) { return std::string{page_document}; }},
      part{"/app.js", "text/javascript; charset=utf-8", [](page&, text) { return page_script(); }},
      part{"/style.css", "text/css; charset=utf-8",
           [](page&, text) { return std::string{page_style_sheet}; }},
      part{"/live", "text/event-stream", [](page& p, text query) { return p.event_of(query); },
           time_between_events},
      part{"/view", "application/json", [](page& p, text query) { return p.view_of(query); }},
      part{"/report.html", html_text,
           [](page& p, text query) { return p.report_of(query, report_format::html); }},
      part{"/report.md", "text/markdown; charset=utf-8",
           [](page& p, text query) { return p.report_of(query, report_format::markdown); }},
      part{"/report.csv", "text/csv; charset=utf-8",
           [](page& p, text query) { return p.report_of(query, report_format::csv); }},
      part{"/report.json", "application/json",
           [](page& p, text query) { return p.report_of(query, report_format::json); }}};
  const auto found = std::ranges::find(parts, path, &part::path);
  return found == parts.end() ? nullptr : &*found;
}

bool live_page::has(std::string_view path) noexcept { return part_at(path) != nullptr; }

live_page::live_page(recorder& shown, std::chrono::seconds timeline_length)
    : recorder_{shown}, lines_{std::make_shared<const timeline>(timeline_length)} {}

bool live_page::has_lines() {
  const std::lock_guard lock{mutex_};
  return lines_->is_on();
}

snapshot live_page::collect() {
  snapshot current = recorder_.collect();
  const std::lock_guard lock{mutex_};
  if (lines_->is_due(current.span)) {
    const auto longer = std::make_shared<timeline>(*lines_);  // views refer to the old one
    longer->add(current);
    lines_ = longer;
  }
  return current;
}

view_data live_page::collected() {
  snapshot current = collect();
  const std::lock_guard lock{mutex_};
  return {std::move(current), lines_};
}

void live_page::keep_timeline() {
  if (has_lines()) static_cast<void>(collect());
  const std::lock_guard lock{mutex_};
  if (std::chrono::steady_clock::now() - collected_at_ < 2 * time_between_events) return;
  of_turn_.reset();  // nobody looks any more
  events_.clear();
}

// The browser waits as long as the server does before it asks again, where the server ends each answer.
std::string live_page::event_of(std::string_view query) {
  const auto asked_at = std::chrono::steady_clock::now();
  std::unique_lock lock{mutex_};
  if (!of_turn_.has_value() || asked_at - collected_at_ > longest_turn) {
    lock.unlock();
    view_data fresh = collected();
    lock.lock();
    if (of_turn_.has_value()) fresh.take_past_windows(*of_turn_);
    of_turn_.emplace(std::move(fresh));
    collected_at_ = asked_at;
    events_.clear();
  }
  const auto known = events_.find(query);
  if (known != events_.end()) return known->second;
  std::string event = fmt::format("retry: {}\ndata: {}\n\n", time_between_events.count(),
                                  json_line(render_view(parse_view_query(query), *of_turn_)));
  if (events_.size() < most_views_at_once) events_.emplace(query, event);
  return event;
}

std::string live_page::view_of(std::string_view query) {
  view_data shown = collected();
  return json_line(render_view(parse_view_query(query), shown)) + '\n';
}

std::string live_page::report_of(std::string_view query, report_format format) {
  view_data shown = collected();
  return render_report(shown, format, window_of_report(query));
}

std::optional<live_answer> live_page::answer(std::string_view path, std::string_view query) {
  const part* const asked = part_at(path);
  if (asked == nullptr) return std::nullopt;
  return live_answer{asked->content_type, asked->make(*this, query), asked->again_in};
}

}  // namespace querytap::detail
