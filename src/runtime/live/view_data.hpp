#pragma once

#include "../../exporters/json/json_values.hpp"
#include "timeline.hpp"
#include "view_query.hpp"

#include <querytap/snapshot/snapshot.hpp>
#include <querytap/snapshot/statement_table.hpp>

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

namespace querytap::detail {

/// What was recorded in one window, and its statements by total time.
struct view_window {
  snapshot recorded;
  std::vector<statement_row> statements;
  std::unordered_multimap<std::uint64_t, const statement_row*> by_fingerprint;

  /// The same statement of the same system; null if it was not called.
  [[nodiscard]] const statement_row* find(const statement_row& row) const;
};

/// A snapshot, and what the views of it share, each computed once.
///
/// Threads  one at a time.
class view_data {
 public:
  view_data(snapshot current, std::shared_ptr<const timeline> lines)
      : current_{std::move(current)}, lines_{std::move(lines)} {}

  /// Takes over what was computed of windows that ended long ago: it stays the same until the history has a new step.
  void take_past_windows(view_data& earlier);

  [[nodiscard]] const snapshot& current() const noexcept { return current_; }
  [[nodiscard]] const timeline& lines() const noexcept { return *lines_; }
  /// Of the last `length`, 0: since the start; or of a window that ended so long ago.
  [[nodiscard]] const view_window& window(std::chrono::seconds length,
                                          std::chrono::seconds ago = {});
  /// The calls that were slow or failed: see running_calls.hpp.
  [[nodiscard]] const std::vector<std::shared_ptr<const call_report>>& ended_calls();

 private:
  snapshot current_;
  std::shared_ptr<const timeline> lines_;
  std::map<std::pair<std::chrono::seconds, std::chrono::seconds>, view_window> windows_;
  std::optional<std::vector<std::shared_ptr<const call_report>>> ended_calls_;
};

/// Four digits are as exact as a bucket, and half as long as all of them.
[[nodiscard]] json short_number(double number);

/// One view as a JSON object, with what every view shows: the service, the times, how much there is of each kind.
///
///     {"view": "statements", "service": "chatbot", "version": "0.2.0", "start": "…", "time": "…",
///      "window": {"asked": 60, "seconds": 61.2}, "before": {"asked": 600, "seconds": 60},
///      "counts": {"findings": 3, "not_well": 1, "running": 0, "slow": 4, "waiting": 0, "requests": 20},
///      "data": {…}}
///
/// The views: overview, statements, statement, requests, request, pools, running, findings, health, servers, library.
/// An unknown one has `data` null.
[[nodiscard]] json render_view(const view_query& asked, view_data& shown);

// The `data` of each view; null where there is no such statement or request.
[[nodiscard]] json overview_view(const view_query& asked, view_data& shown);
[[nodiscard]] json statements_view(const view_query& asked, view_data& shown);
[[nodiscard]] json statement_view(const view_query& asked, view_data& shown);
[[nodiscard]] json requests_view(const view_query& asked, view_data& shown);
[[nodiscard]] json request_view(const view_query& asked, view_data& shown);
[[nodiscard]] json pools_view(const view_query& asked, view_data& shown);
[[nodiscard]] json running_view(const view_query& asked, view_data& shown);
[[nodiscard]] json findings_view(const view_query& asked, view_data& shown);
[[nodiscard]] json health_view(const view_query& asked, view_data& shown);
[[nodiscard]] json servers_view(const view_query& asked, view_data& shown);
[[nodiscard]] json library_view(const view_query& asked, view_data& shown);

/// A row of the statements, as several views show it.
[[nodiscard]] json json_of_row(const statement_row& row, double seconds);
/// The same of a row of the window that is asked for, with `before` if a comparison is asked for and it was called then.
[[nodiscard]] json json_of_row(const statement_row& row, const view_query& asked, view_data& shown);

/// What calls and requests that were recorded in a window have in common.
///
///     {"count": 12, "per_second": 0.2, "errors": 1, "total": 1.2, "p50": …, "p95": …, "p99": …, "max": …}
[[nodiscard]] json json_of_durations(const histogram_data& durations, std::uint64_t errors,
                                     double seconds);

/// The health of one component.
[[nodiscard]] json json_of_component(const health_report& report);

}  // namespace querytap::detail
