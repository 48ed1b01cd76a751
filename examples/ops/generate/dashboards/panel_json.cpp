#include "panel_json.hpp"

#include <querytap/exporters/prometheus/prometheus_name.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace ops {
namespace {

using json = nlohmann::ordered_json;

std::string type_of(panel_kind kind) {
  switch (kind) {
    case panel_kind::time_series:
    case panel_kind::bars: return "timeseries";
    case panel_kind::stat: return "stat";
    case panel_kind::gauge: return "gauge";
    case panel_kind::bar_gauge: return "bargauge";
    case panel_kind::heat_map: return "heatmap";
    case panel_kind::table: return "table";
    case panel_kind::states: return "state-timeline";
  }
  return {};
}

bool is_table(const panel& shown) { return shown.kind == panel_kind::table; }

/// A single number of the end of the range.
bool is_instant(const panel& shown) {
  return is_table(shown) || shown.kind == panel_kind::bar_gauge || shown.is_over_range;
}

std::string format_of(const panel& shown) {
  if (is_table(shown)) return "table";
  return shown.kind == panel_kind::heat_map ? "heatmap" : "time_series";
}

std::string ref_id(std::size_t index) { return std::string(1, static_cast<char>('A' + index)); }

json targets_of(const panel& shown) {
  json all = json::array();
  for (std::size_t i = 0; i < shown.targets.size(); ++i) {
    const target& asked = shown.targets[i];
    json written{{"refId", ref_id(i)},           {"datasource", chosen_data_source()},
                 {"editorMode", "code"},         {"expr", asked.asked.text},
                 {"legendFormat", asked.legend}, {"format", format_of(shown)},
                 {"range", !is_instant(shown)},  {"instant", is_instant(shown)}};
    if (asked.has_exemplars) written["exemplar"] = true;
    all.push_back(std::move(written));
  }
  return all;
}

json thresholds_of(const panel& shown) {
  json steps = json::array();
  const std::vector<threshold> none{{"green", {}}};
  for (const threshold& step : shown.thresholds.empty() ? none : shown.thresholds) {
    steps.push_back({{"color", step.color}, {"value", step.value ? json(*step.value) : json()}});
  }
  return {{"mode", "absolute"}, {"steps", std::move(steps)}};
}

json lines(const panel& shown) {
  const bool is_bars = shown.kind == panel_kind::bars;
  return {{"drawStyle", is_bars ? "bars" : "line"},
          {"lineWidth", 1},
          {"fillOpacity", is_bars            ? 80
                          : shown.is_stacked ? 30
                                             : 8},
          {"gradientMode", "none"},
          {"showPoints", "never"},
          {"spanNulls", false},
          {"axisSoftMin", 0},
          {"stacking", {{"mode", shown.is_stacked ? "normal" : "none"}, {"group", "A"}}},
          {"thresholdsStyle", {{"mode", shown.thresholds.empty() ? "off" : "dashed"}}}};
}

json custom_of(const panel& shown) {
  switch (shown.kind) {
    case panel_kind::time_series:
    case panel_kind::bars: return lines(shown);
    case panel_kind::states: return {{"lineWidth", 0}, {"fillOpacity", 80}};
    case panel_kind::table:
      return {{"align", "auto"},
              {"cellOptions", {{"type", "auto"}}},
              {"inspect", false},
              {"filterable", true}};
    default: return json::object();
  }
}

json link(const std::string& title, const std::string& url, bool is_elsewhere) {
  return {{"title", title}, {"url", url}, {"targetBlank", is_elsewhere}};
}

json links_of(const panel& shown) {
  json all = json::array();
  if (!shown.live_view.empty()) {
    const std::string instance =
        is_table(shown) ? "${__data.fields.instance}" : "${__field.labels.instance}";
    all.push_back(
        link("Live page of this process", "http://" + instance + "/#" + shown.live_view, true));
  }
  if (!shown.drill_down.empty()) {
    const auto choice = std::min(shown.drill_down.find('&'), shown.drill_down.size());
    all.push_back(link("More about it",
                       "/d/" + uid_of(shown.drill_down.substr(0, choice), layout::wide) +
                           "?${__url_time_range}&${datasource:queryparam}&${service:queryparam}" +
                           shown.drill_down.substr(choice),
                       false));
  }
  return all;
}

json defaults_of(const panel& shown) {
  const std::string unit = shown.unit.empty() ? shown.targets.front().asked.unit : shown.unit;
  json defaults{{"unit", unit}, {"thresholds", thresholds_of(shown)}};
  defaults["color"] = {
      {"mode", shown.kind == panel_kind::time_series || shown.kind == panel_kind::bars
                   ? "palette-classic"
                   : "thresholds"}};
  if (shown.least) defaults["min"] = *shown.least;
  if (shown.most) defaults["max"] = *shown.most;
  if (shown.decimals) defaults["decimals"] = *shown.decimals;
  if (!shown.empty_because.empty()) defaults["noValue"] = shown.empty_because;
  defaults["custom"] = custom_of(shown);
  if (const json all = links_of(shown); !all.empty() && !is_table(shown)) defaults["links"] = all;
  return defaults;
}

json by_name(const std::string& name, json properties) {
  return {{"matcher", {{"id", "byName"}, {"options", name}}},
          {"properties", std::move(properties)}};
}

/// The unit of each column, and what the first one leads to.
json columns_of(const panel& shown) {
  json all = json::array();
  if (!is_table(shown)) return all;
  for (const target& column : shown.targets) {
    all.push_back(by_name(column.legend, {{{"id", "unit"}, {"value", column.asked.unit}}}));
  }
  if (const json links = links_of(shown); !links.empty()) {
    all.push_back(by_name("instance", {{{"id", "links"}, {"value", links}}}));
  }
  return all;
}

/// One line for equal labels, its columns by their titles.
json transformations_of(const panel& shown) {
  if (!is_table(shown)) return json::array();
  json names = json::object();
  if (shown.targets.size() == 1) names["Value"] = shown.targets.front().legend;
  for (std::size_t i = 0; i < shown.targets.size(); ++i) {
    names["Value #" + ref_id(i)] = shown.targets[i].legend;
  }
  return {{{"id", "merge"}, {"options", json::object()}},
          {{"id", "organize"},
           {"options",
            {{"excludeByName", {{"Time", true}}},
             {"indexByName", json::object()},
             {"renameByName", names}}}}};
}

json reduced() { return {{"calcs", {"lastNotNull"}}, {"fields", ""}, {"values", false}}; }

json legend_options(const panel& shown) {
  const bool is_long = shown.width >= 12;
  json legend{{"displayMode", is_long ? "table" : "list"},
              {"placement", is_long ? "right" : "bottom"},
              {"showLegend", true},
              {"calcs", json::array()}};
  if (is_long) legend["calcs"] = {"lastNotNull", "max"};
  return legend;
}

json heat_map_options(const panel& shown) {
  return {{"calculate", false},
          {"cellGap", 1},
          {"color",
           {{"mode", "scheme"},
            {"scheme", "Oranges"},
            {"exponent", 0.5},
            {"fill", "dark-orange"},
            {"reverse", false},
            {"steps", 64},
            {"scale", "exponential"}}},
          {"exemplars", {{"color", "rgba(255,0,255,0.7)"}}},
          {"filterValues", {{"le", 1e-9}}},
          {"legend", {{"show", true}}},
          {"rowsFrame", {{"layout", "auto"}}},
          {"showValue", "never"},
          {"tooltip", {{"mode", "single"}, {"yHistogram", true}, {"showColorScale", false}}},
          {"yAxis",
           {{"axisPlacement", "left"},
            {"reverse", false},
            {"unit", shown.targets.front().asked.unit}}}};
}

json options_of(const panel& shown) {
  switch (shown.kind) {
    case panel_kind::time_series:
    case panel_kind::bars:
      return {{"legend", legend_options(shown)},
              {"tooltip", {{"mode", "multi"}, {"sort", "desc"}}}};
    case panel_kind::stat:
      return {{"colorMode", shown.thresholds.empty() ? "none" : "value"},
              {"graphMode", shown.is_over_range ? "none" : "area"},
              {"justifyMode", "auto"},
              {"orientation", "auto"},
              {"percentChangeColorMode", "standard"},
              {"reduceOptions", reduced()},
              {"showPercentChange", false},
              {"textMode", shown.targets.size() == 1 ? "value" : "value_and_name"},
              {"wideLayout", true}};
    case panel_kind::gauge:
      return {{"orientation", "auto"},
              {"reduceOptions", reduced()},
              {"showThresholdLabels", false},
              {"showThresholdMarkers", true},
              {"minVizHeight", 75},
              {"minVizWidth", 75},
              {"sizing", "auto"}};
    case panel_kind::bar_gauge:
      return {{"displayMode", "basic"},
              {"orientation", "horizontal"},
              {"reduceOptions", reduced()},
              {"showUnfilled", true},
              {"valueMode", "color"},
              {"namePlacement", "auto"},
              {"sizing", "auto"},
              {"minVizHeight", 16},
              {"minVizWidth", 8},
              {"maxVizHeight", 300},
              {"legend",
               {{"displayMode", "list"},
                {"placement", "bottom"},
                {"showLegend", false},
                {"calcs", json::array()}}}};
    case panel_kind::heat_map: return heat_map_options(shown);
    case panel_kind::table: return {{"frameIndex", 0}, {"showHeader", true}, {"cellHeight", "sm"}};
    case panel_kind::states:
      return {{"mergeValues", true},
              {"rowHeight", 0.9},
              {"showValue", "never"},
              {"legend",
               {{"displayMode", "list"},
                {"placement", "bottom"},
                {"showLegend", true},
                {"calcs", json::array()}}},
              {"tooltip", {{"mode", "single"}, {"sort", "none"}}}};
  }
  return json::object();
}

/// The advice, and what the metrics are by the catalog.
std::string description_of(const panel& shown) {
  std::string text = shown.advice;
  std::set<const querytap::instrument*> said;
  for (const target& asked : shown.targets) {
    for (const querytap::instrument* read : asked.asked.reads) {
      if (!said.insert(read).second) continue;
      text += fmt::format("\n\n`{}`: {}", querytap::prometheus_name(*read), read->description);
    }
  }
  if (!shown.empty_because.empty()) text += "\n\nWithout data: " + shown.empty_because;
  return text;
}

}  // namespace

json chosen_data_source() { return {{"type", "prometheus"}, {"uid", "${datasource}"}}; }

std::string uid_of(const std::string& file, layout form) {
  return "querytap-" + file + (form == layout::phone ? "-phone" : "");
}

int height_of(const panel& shown) {
  switch (shown.kind) {
    case panel_kind::stat:
    case panel_kind::gauge: return 4;
    case panel_kind::heat_map:
    case panel_kind::table: return 9;
    default: return 8;
  }
}

json panel_json(const panel& shown, int id) {
  return {{"id", id},
          {"type", type_of(shown.kind)},
          {"title", shown.title},
          {"description", description_of(shown)},
          {"datasource", chosen_data_source()},
          {"targets", targets_of(shown)},
          {"fieldConfig", {{"defaults", defaults_of(shown)}, {"overrides", columns_of(shown)}}},
          {"options", options_of(shown)},
          {"transformations", transformations_of(shown)}};
}

}  // namespace ops
