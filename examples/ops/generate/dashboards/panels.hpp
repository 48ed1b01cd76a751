#pragma once

#include "dashboard.hpp"

#include <string>
#include <vector>

/// Panels and parts of panels that several dashboards have.
namespace ops {

/// A query by attributes, whose values are its legend; `more` stands before them.
[[nodiscard]] target shown(query asked, const keys& by, const std::string& more = {});

/// p50, p95 and p99, with exemplars.
[[nodiscard]] std::vector<target> quantiles(const series& selected);
/// One quantile by attributes, with exemplars.
[[nodiscard]] target quantile_shown(double q, const series& selected, const keys& by);

/// Green, yellow from `warning` on, red from `critical` on.
[[nodiscard]] std::vector<threshold> limits(double warning, double critical);
/// Red, yellow from `warning` on, green from `good` on: for what should be high.
[[nodiscard]] std::vector<threshold> goals(double warning, double good);

/// The failed share of what a counter or histogram counts; zero while nothing has failed.
[[nodiscard]] query failed_share(const series& all, const keys& by = {});

/// One line for each process, whose name leads to the view of its live page.
[[nodiscard]] panel instances(std::string live_view, std::vector<target> columns);

}  // namespace ops
