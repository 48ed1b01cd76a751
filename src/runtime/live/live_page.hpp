#pragma once

#include "view_data.hpp"

#include <querytap/runtime/live/service_report.hpp>

#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace querytap {
class recorder;
}

namespace querytap::detail {

/// What a request for a part of the page is answered with.
struct live_answer {
  std::string_view content_type;
  std::string body;
  /// Not 0: one event of a stream, whose next one is due after this time.
  std::chrono::milliseconds again_in{};
};

/// The page and all that it asks for: `/`, `/app.js`, `/style.css`, `/view`, `/live` and `/report.*`.
///
/// Threads  any number at once.
/// Cost     an event is made once for all viewers of the same view; of 2,000 statements:
///          bench/runtime/pages/live_bench.cpp.
class live_page {
 public:
  /// Less than a second, so that what is shown is never older.
  static constexpr std::chrono::milliseconds time_between_events{800};

  /// `timeline_length`: how many of the last minutes it has lines of; 0: none.
  live_page(recorder& shown, std::chrono::seconds timeline_length);

  [[nodiscard]] static bool has(std::string_view path) noexcept;
  /// None where the page has no such part.
  [[nodiscard]] std::optional<live_answer> answer(std::string_view path, std::string_view query);
  /// Goes on with the lines, if that is due.
  void keep_timeline();

 private:
  struct part;

  [[nodiscard]] static const part* part_at(std::string_view path) noexcept;
  [[nodiscard]] bool has_lines();
  /// A new snapshot, with which the lines go on.
  [[nodiscard]] snapshot collect();
  [[nodiscard]] view_data collected();
  [[nodiscard]] std::string event_of(std::string_view query);
  [[nodiscard]] std::string view_of(std::string_view query);
  [[nodiscard]] std::string report_of(std::string_view query, report_format format);

  recorder& recorder_;
  std::mutex mutex_;  // guards what follows
  std::shared_ptr<const timeline> lines_;
  // What streams share: collected for the first viewer of each turn, rendered for the first of each view.
  std::chrono::steady_clock::time_point collected_at_{};
  std::optional<view_data> of_turn_;
  std::map<std::string, std::string, std::less<>> events_;
};

}  // namespace querytap::detail
