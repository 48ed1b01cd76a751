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

using namespace std::string_view_literals;

constexpr std::string_view html_text = "text/html; charset=utf-8";
// Streams that are due together share a snapshot; with the time between events it is what an event may be old.
constexpr std::chrono::milliseconds longest_turn{150};
// A stream is bounded, and so are the views that may be asked for at once.
constexpr std::size_t most_views_at_once = 64;

struct named_format {
  std::string_view path;
  report_format format;
  std::string_view content_type;
};

constexpr std::array report_paths{
    named_format{"/report.html", report_format::html, html_text},
    named_format{"/report.md", report_format::markdown, "text/markdown; charset=utf-8"},
    named_format{"/report.csv", report_format::csv, "text/csv; charset=utf-8"},
    named_format{"/report.json", report_format::json, "application/json"}};

// As service_report() has it, unless the query says otherwise.
std::chrono::seconds window_of_report(std::string_view query) {
  return query_values(query, "window").empty() ? std::chrono::minutes{5}
                                               : parse_view_query(query).window;
}

constexpr std::array page_paths{"/"sv, "/app.js"sv, "/style.css"sv, "/live"sv, "/view"sv};

}  // namespace

bool live_page::has(std::string_view path) noexcept {
  return std::ranges::find(page_paths, path) != page_paths.end() ||
         std::ranges::find(report_paths, path, &named_format::path) != report_paths.end();
}

live_page::live_page(recorder& shown, std::chrono::seconds timeline_length)
    : recorder_{shown}, timeline_length_{timeline_length}, lines_{timeline_length} {}

view_data live_page::collected() {
  snapshot current = recorder_.collect();
  const std::lock_guard lock{mutex_};
  lines_.add(current);
  return view_data{std::move(current), lines_};
}

void live_page::keep_timeline() {
  if (timeline_length_.count() != 0) static_cast<void>(collected());
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

std::optional<live_answer> live_page::answer(std::string_view path, std::string_view query) {
  if (path == "/") return live_answer{html_text, std::string{page_document}};
  if (path == "/app.js") return live_answer{"text/javascript; charset=utf-8", page_script()};
  if (path == "/style.css")
    return live_answer{"text/css; charset=utf-8", std::string{page_style_sheet}};
  if (path == "/live")
    return live_answer{"text/event-stream", event_of(query), time_between_events};
  if (path == "/view") {
    view_data shown = collected();
    return live_answer{"application/json",
                       json_line(render_view(parse_view_query(query), shown)) + '\n'};
  }
  for (const named_format& report : report_paths) {
    if (path != report.path) continue;
    view_data shown = collected();
    return live_answer{report.content_type,
                       render_report(shown, report.format, window_of_report(query))};
  }
  return std::nullopt;
}

}  // namespace querytap::detail
