#include "panels.hpp"

#include <array>
#include <utility>

namespace ops {

target shown(query asked, const keys& by, const std::string& more) {
  std::string legend = legend_of(by);
  if (!more.empty()) legend = legend.empty() ? more : more + ' ' + legend;
  return {.asked = std::move(asked), .legend = std::move(legend)};
}

std::vector<target> quantiles(const series& selected) {
  std::vector<target> all;
  for (const auto& [q, name] : {std::pair{0.5, "p50"}, {0.95, "p95"}, {0.99, "p99"}}) {
    all.push_back({.asked = quantile(q, selected), .legend = name, .has_exemplars = true});
  }
  return all;
}

target quantile_shown(double q, const series& selected, const keys& by) {
  target asked = shown(quantile(q, selected, by), by);
  asked.has_exemplars = true;
  return asked;
}

std::vector<threshold> limits(double warning, double critical) {
  return {{"green", {}}, {"yellow", warning}, {"red", critical}};
}

std::vector<threshold> goals(double warning, double good) {
  return {{"red", {}}, {"yellow", warning}, {"green", good}};
}

query failed_share(const series& all, const keys& by) {
  const query failed = rate(all.where("error.type", "!=\"\""), by);
  return share(or_zero(failed, rate(all, by)), rate(all, by));
}

panel instances(std::string live_view, std::vector<target> columns) {
  return {.title = "Processes",
          .advice =
              "Each process leads to its live page, which knows single calls, requests and "
              "the lines of code that made them.",
          .kind = panel_kind::table,
          .targets = std::move(columns),
          .width = 24,
          .live_view = std::move(live_view)};
}

}  // namespace ops
