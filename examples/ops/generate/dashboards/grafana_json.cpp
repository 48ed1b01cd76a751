#include "grafana_json.hpp"

#include "annotations.hpp"
#include "panel_json.hpp"
#include "variables.hpp"

#include <nlohmann/json.hpp>

namespace ops {
namespace {

using json = nlohmann::ordered_json;

/// Puts panels beside one another until a line is full.
class places {
 public:
  explicit places(layout form) : form_{form} {}

  [[nodiscard]] json next(int width, int height) {
    if (form_ == layout::phone) width = columns;
    if (x_ + width > columns) end_line();
    json place{{"h", height}, {"w", width}, {"x", x_}, {"y", y_}};
    x_ += width;
    line_height_ = std::max(line_height_, height);
    return place;
  }

  void end_line() {
    y_ += line_height_;
    x_ = 0;
    line_height_ = 0;
  }

 private:
  static constexpr int columns = 24;
  layout form_;
  int x_ = 0;
  int y_ = 0;
  int line_height_ = 0;
};

json all_panels(const dashboard& drawn, layout form) {
  json panels = json::array();
  places free{form};
  int id = 0;
  for (const row& part : drawn.rows) {
    free.end_line();
    panels.push_back({{"id", ++id},
                      {"type", "row"},
                      {"title", part.title},
                      {"collapsed", false},
                      {"gridPos", free.next(24, 1)},
                      {"panels", json::array()}});
    free.end_line();
    for (const panel& shown : part.panels) {
      json written = panel_json(shown, ++id);
      written["gridPos"] = free.next(shown.width, height_of(shown));
      panels.push_back(std::move(written));
    }
  }
  return panels;
}

/// The other dashboards, and the same one for the last 30 days.
json links(const dashboard& drawn, layout form) {
  const std::string uid = uid_of(drawn.file, form);
  json all = json::array();
  all.push_back(
      {{"title", "Last 30 days"},
       {"type", "link"},
       {"icon", "clock"},
       {"tooltip", "As rules have recorded it: of all instances together"},
       {"url",
        "/d/" + uid +
            "?from=now-30d&to=now&var-source=.*&${datasource:queryparam}&${service:queryparam}"},
       {"tags", json::array()},
       {"asDropdown", false},
       {"includeVars", false},
       {"keepTime", false},
       {"targetBlank", false}});
  all.push_back({{"title", "Dashboards"},
                 {"type", "dashboards"},
                 {"icon", "external link"},
                 {"tooltip", ""},
                 {"url", ""},
                 {"tags", {form == layout::phone ? "querytap-phone" : "querytap"}},
                 {"asDropdown", true},
                 {"includeVars", true},
                 {"keepTime", true},
                 {"targetBlank", false}});
  return all;
}

}  // namespace

std::string grafana_json(const dashboard& drawn, layout form) {
  const bool is_phone = form == layout::phone;
  json document{{"uid", uid_of(drawn.file, form)},
                {"title", "querytap / " + drawn.title + (is_phone ? " (phone)" : "")},
                {"description", drawn.description},
                {"tags", {is_phone ? "querytap-phone" : "querytap"}},
                {"timezone", "browser"},
                {"editable", true},
                {"graphTooltip", 1},
                {"schemaVersion", 42},
                {"version", 1},
                {"refresh", drawn.refresh},
                {"time", {{"from", drawn.range}, {"to", "now"}}},
                {"annotations", {{"list", annotations()}}},
                {"links", links(drawn, form)},
                {"panels", all_panels(drawn, form)}};
  document["templating"] = {{"list", variables_of(drawn)}};
  return document.dump(1) + '\n';
}

}  // namespace ops
