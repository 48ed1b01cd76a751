#pragma once

#include "query.hpp"

#include <optional>
#include <string>
#include <vector>

namespace ops {

enum class panel_kind { time_series, bars, stat, gauge, bar_gauge, heat_map, table, states };

/// One query of a panel. In a table it is a column of that title.
struct target {
  query asked = {};
  std::string legend = {};
  bool has_exemplars = false;
};

/// From `value` on the panel has this colour; the first one, without a value, is that of all below.
struct threshold {
  std::string color = {};
  std::optional<double> value = {};
};

struct panel {
  std::string title = {};
  /// What to make of it. The catalog's descriptions of what is read follow it by themselves.
  std::string advice = {};
  panel_kind kind = panel_kind::time_series;
  std::vector<target> targets = {};
  int width = 8;  ///< of 24
  bool is_stacked = false;
  std::vector<threshold> thresholds = {};
  std::optional<double> least = {};
  std::optional<double> most = {};
  std::optional<int> decimals = {};
  std::string unit = {};       ///< empty: that of the first query
  bool is_over_range = false;  ///< one number of the whole time chosen
  /// Why the panel may be empty on a service that is well set up; empty: it never is.
  std::string empty_because = {};
  /// The view of the process's live page that says more, such as `statements`.
  std::string live_view = {};
  /// The file of the dashboard that says more, and behind it what to choose there: `pools&var-pool=a`.
  std::string drill_down = {};
};

struct row {
  std::string title = {};
  std::vector<panel> panels = {};
};

struct dashboard {
  std::string file = {};  ///< without its folder and `.json`
  std::string title = {};
  std::string description = {};
  std::string range = "now-1h";
  std::string refresh = "30s";
  /// Whether it begins with what rules have recorded, for long ranges.
  bool is_recorded = false;
  std::vector<row> rows = {};
};

}  // namespace ops
