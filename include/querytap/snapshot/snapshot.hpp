#pragma once

#include <querytap/base/attribute.hpp>
#include <querytap/base/duration.hpp>
#include <querytap/base/smart_pointers.hpp>
#include <querytap/base/statement_identity.hpp>
#include <querytap/snapshot/call_report.hpp>
#include <querytap/snapshot/call_site.hpp>
#include <querytap/snapshot/finding.hpp>
#include <querytap/snapshot/health_report.hpp>
#include <querytap/snapshot/histogram_data.hpp>
#include <querytap/snapshot/instrument.hpp>
#include <querytap/snapshot/pool_report.hpp>
#include <querytap/snapshot/request_report.hpp>
#include <querytap/snapshot/source_report.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace querytap {

/// An instrument with one set of attribute values, as it is exported.
struct series_identity {
  const querytap::instrument* instrument;
  attributes labels;
  /// Since when the series counts: a series that was retired as idle starts anew when it returns.
  std::chrono::system_clock::time_point start = {};
  /// What a counter had counted by then: servers have counted long before they are first asked.
  std::int64_t at_start = 0;
};

/// One series at one instant. Points that share `series` are one exported series: they differ in
/// the statement for which they were recorded.
struct point {
  std::shared_ptr<const series_identity> series = nullptr;
  std::shared_ptr<const statement_identity> statement = nullptr;  ///< null if it has no statement
  std::shared_ptr<const histogram_data> histogram = nullptr;      ///< null for counters and gauges
  std::int64_t number = 0;                                        ///< of counters and gauges
  /// What statements of the series that were retired had counted together; it has no statement then.
  bool is_of_retired = false;
};

/// An instrument with all its series.
struct metric {
  const querytap::instrument* instrument;
  std::vector<point> points = {};
};

/// A call that had begun and not ended when the snapshot was taken.
struct active_call {
  std::shared_ptr<const series_identity> series;
  std::shared_ptr<const statement_identity> statement;  ///< null if the series has no statement
  std::chrono::nanoseconds age;
  call_site site = {};
};

/// A request that had begun and not ended when the snapshot was taken.
struct active_request {
  std::string name;  ///< `_OTHER` past the series limit
  std::chrono::nanoseconds age;
};

/// One of the heaviest statements past the series limit. Its cost is a part of the overflow series.
struct sketched_statement {
  std::string system;  ///< `db.system.name`
  std::shared_ptr<const statement_identity> statement;
  std::uint64_t calls;                   ///< at least
  std::uint64_t nanoseconds;             ///< at least
  std::uint64_t overlooked_nanoseconds;  ///< at most this much more
};

class snapshot_history;

/// Everything that a recorder held at one instant, as plain values.
///
///     for (const point& p : recorder.collect().find("db.client.operation.duration")) …
///     const snapshot lately = recent(recorder.collect(), 1min);   // snapshot_history.hpp
///
/// Threads  immutable after collect(); copies share the metrics, and so do snapshots between which
///          a metric did not change.
struct snapshot {
  attributes resource = {};                          ///< `service.name` and the like
  std::chrono::system_clock::time_point start = {};  ///< since when everything is counted
  std::chrono::system_clock::time_point time = {};
  /// For how long it has been counted, by the recorder's clock, which never steps as the calendar may.
  std::chrono::nanoseconds span{};
  std::vector<std::shared_ptr<const metric>> metrics = {};  ///< each instrument once
  /// What series that were retired had counted, in one point without labels for each instrument.
  /// For totals in tables: these series have ended, and are exported no more.
  std::vector<point> retired = {};
  std::vector<active_call> active = {};              ///< the oldest first
  std::vector<active_request> active_requests = {};  ///< the oldest first
  std::vector<pool_report> pools = {};               ///< in the order in which they were made
  std::vector<sketched_statement> overflowed = {};   ///< the heaviest first
  /// The most recent calls that were slow, failed or hung, and the slowest of each statement; the
  /// newest report first.
  std::vector<std::shared_ptr<const call_report>> call_reports = {};
  /// The most recent requests that were stored, and the slowest of each name; the newest first.
  std::vector<std::shared_ptr<const request_report>> requests = {};
  std::vector<std::shared_ptr<const finding>> findings = {};  ///< the last seen first
  std::vector<health_report> health = {};  ///< of each component, in the order of the checks
  /// What servers, the host and the process said of themselves; the metrics of those that are not too
  /// old are among `metrics`.
  std::vector<std::shared_ptr<const source_report>> sources = {};
  /// What was recorded in the last hour, for recent(); null if the recorder keeps no history.
  std::shared_ptr<const snapshot_history> history = nullptr;

  /// Empty for an instrument that is not in the snapshot.
  [[nodiscard]] std::vector<point> find(std::string_view instrument_name) const;
};

/// One point for each exported series, in the order of its first point: the points of its
/// statements are merged. Exact: counts are added.
[[nodiscard]] std::vector<point> merge_statements(const std::vector<point>& points);

}  // namespace querytap
