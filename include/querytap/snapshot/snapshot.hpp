#pragma once

#include <querytap/base/attribute.hpp>
#include <querytap/base/statement_identity.hpp>
#include <querytap/snapshot/histogram_data.hpp>
#include <querytap/snapshot/instrument.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

namespace querytap {

/// An instrument with one set of attribute values, as it is exported.
struct series_identity {
  const instrument* what;
  attributes where;
};

/// One series at one instant. Points that share `series` are the same exported series: they differ
/// in the statement that they were recorded for.
struct point {
  std::shared_ptr<const series_identity> series;
  std::shared_ptr<const statement_identity> statement;  ///< null where there is none
  std::shared_ptr<const histogram_data> histogram;      ///< null for counters and gauges
  std::int64_t number = 0;                              ///< of counters and gauges
};

/// A call that had begun and not ended when the snapshot was taken.
struct active_operation {
  std::shared_ptr<const series_identity> series;
  std::shared_ptr<const statement_identity> statement;  ///< null where there is none
  std::chrono::nanoseconds age;
};

/// Everything that a recorder held at one instant, as plain values.
///
///     for (const point& p : recorder.collect().find("db.client.operation.duration")) …
///
/// Threads  immutable after collect(); copies share the histograms.
struct snapshot {
  attributes resource = {};                          ///< `service.name` and the like
  std::chrono::system_clock::time_point start = {};  ///< since when everything is counted
  std::chrono::system_clock::time_point time = {};
  std::vector<point> points = {};             ///< points of an instrument stand together
  std::vector<active_operation> active = {};  ///< the oldest first

  [[nodiscard]] std::vector<point> find(std::string_view instrument_name) const;
};

/// The points with those of one exported series merged into one, in the order of their first.
/// Exact: counts are added.
[[nodiscard]] std::vector<point> merge_statements(const std::vector<point>& points);

}  // namespace querytap
