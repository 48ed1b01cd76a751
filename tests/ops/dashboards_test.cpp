// The dashboards that are checked in are what the generator makes, speak of nothing that is not exported, and are
// what Grafana's own schema allows.

#include <querytap/exporters/prometheus/prometheus_name.hpp>
#include <querytap/snapshot/catalog.hpp>

#include <dashboards/dashboards.hpp>
#include <dashboards/grafana_json.hpp>
#include <dashboards/recorded.hpp>
#include <exporters/prometheus/exposition_metrics.hpp>
#include <servers/chroma/chroma_instruments.hpp>
#include <servers/host/gpu_instruments.hpp>
#include <servers/host/host_instruments.hpp>
#include <servers/mongodb/mongodb_instruments.hpp>
#include <servers/mysql/mysql_instruments.hpp>
#include <servers/postgres/postgres_instruments.hpp>
#include <servers/redis/redis_instruments.hpp>
#include <servers/sqlite/sqlite_instruments.hpp>
#include <support/child_process.hpp>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <string>
#include <vector>

using querytap::testing::finished;
using querytap::testing::read_text;
using querytap::testing::run;
using querytap::testing::temporary_folder;

namespace {

using json = nlohmann::ordered_json;
namespace fs = std::filesystem;

const fs::path pack = QUERYTAP_OPS_PACK;

/// The files that the generator makes, by their path in the pack.
std::map<std::string, std::string> generated() {
  std::map<std::string, std::string> files;
  for (const ops::dashboard& drawn : ops::all_dashboards()) {
    files["dashboards/" + drawn.file + ".json"] = ops::grafana_json(drawn, ops::layout::wide);
    files["dashboards/phone/" + drawn.file + ".json"] =
        ops::grafana_json(drawn, ops::layout::phone);
  }
  return files;
}

/// The panels that show something.
std::vector<json> panels_of(const json& dashboard) {
  std::vector<json> shown;
  for (const json& panel : dashboard.at("panels")) {
    if (panel.at("type") != "row") shown.push_back(panel);
  }
  return shown;
}

template <class Visit>
void for_each_dashboard(Visit visit) {
  for (const auto& [path, text] : generated()) {
    CAPTURE(path);
    visit(path, json::parse(text));
  }
}

template <class Instruments>
void add_names(std::set<std::string>& names, const Instruments& all) {
  for (const querytap::instrument* each : all) {
    const std::string name = querytap::prometheus_name(*each);
    names.insert(name);
    if (each->kind != querytap::instrument_kind::histogram) continue;
    for (const char* suffix : {"_bucket", "_count", "_sum"}) names.insert(name + suffix);
  }
}

/// All names of metrics that can be scraped, or that rules record.
std::set<std::string> known_names() {
  namespace catalog = querytap::catalog;
  std::set<std::string> names{querytap::prometheus_name(querytap::detail::target_info)};
  add_names(names, catalog::all);
  add_names(names, catalog::chroma::all);
  add_names(names, catalog::gpu::all);
  add_names(names, catalog::host::all);
  add_names(names, catalog::mongodb::all);
  add_names(names, catalog::mysql::all);
  add_names(names, catalog::postgres::all);
  add_names(names, catalog::redis::all);
  add_names(names, catalog::sqlite::all);
  for (const ops::recorded_rule& rule : ops::rules_of(ops::all_dashboards())) {
    names.insert(rule.name);
  }
  return names;
}

/// What stands before the braces of each selector.
std::vector<std::string> selected_names(const std::string& expression) {
  static const std::regex selector{R"(([A-Za-z_:][A-Za-z0-9_:]*)\{)"};
  std::vector<std::string> names;
  for (std::sregex_iterator hit{expression.begin(), expression.end(), selector}, end; hit != end;
       ++hit) {
    names.push_back((*hit)[1]);
  }
  return names;
}

/// Every text of the dashboard in which a variable may stand.
std::string text_with_variables(const json& dashboard) {
  return dashboard.at("panels").dump() + dashboard.at("annotations").dump() +
         dashboard.at("templating").dump() + dashboard.at("links").dump();
}

bool is_grafanas_own(const std::string& variable) {
  return variable.starts_with("__") || variable == "1";
}

/// Every kind of panel, with the name of its types in Grafana's schema.
const std::map<std::string, std::string> types{
    {"timeseries", "TimeSeries"}, {"stat", "Stat"},   {"bargauge", "BarGauge"},
    {"heatmap", "Heatmap"},       {"table", "Table"}, {"state-timeline", "StateTimeline"}};

std::string folder_of(std::string type) {
  std::erase(type, '-');
  return type;
}

/// TypeScript that gives every dashboard, and the options of every panel, the type of Grafana's schema. `Plain` has
/// the values of enumerations in their place; what annotations of Prometheus have besides is Prometheus' own.
std::string typescript() {
  std::string text =
      "import type { Dashboard, AnnotationQuery, VariableModel } from '@grafana/schema';\n";
  for (const auto& [type, name] : types) {
    text += "import type * as " + name + " from '@grafana/schema/dist/esm/raw/composable/" +
            folder_of(type) + "/panelcfg/x/" + name + "PanelCfg_types.gen';\n";
  }
  text += R"(
type Plain<T> = T extends string ? `${T}`
  : T extends number | boolean | null | undefined ? T
  : T extends (infer E)[] ? Plain<E>[]
  : T extends object ? { [K in keyof T]: Plain<T[K]> } : T;
type Annotation = Plain<AnnotationQuery>
  & { expr: string; step: string; titleFormat: string; textFormat: string; useValueForTime: boolean };
type Checked = Omit<Plain<Dashboard>, 'annotations' | 'templating'> & {
  annotations: { list: Annotation[] };
  templating: { list: (Plain<VariableModel> & { definition?: string })[] };
};
)";
  int number = 0;
  const auto add = [&](const std::string& type, const json& value) {
    text +=
        "export const v" + std::to_string(++number) + ": " + type + " = " + value.dump() + ";\n";
  };
  for_each_dashboard([&](const std::string&, const json& dashboard) {
    add("Checked", dashboard);
    for (const json& panel : panels_of(dashboard)) {
      const std::string type = panel.at("type");
      REQUIRE(types.contains(type));
      add("Plain<" + types.at(type) + ".Options>", panel.at("options"));
      const json& custom = panel.at("fieldConfig").at("defaults").at("custom");
      if (!custom.empty()) add("Plain<" + types.at(type) + ".FieldConfig>", custom);
    }
  });
  return text;
}

}  // namespace

TEST_CASE("the dashboards and their rules are what the generator makes", "[ops]") {
  const auto files = generated();
  for (const auto& [path, text] : files) {
    INFO(path << " differs: build/release/examples/ops/generate/dashboards/generate_dashboards "
                 "examples/ops");
    CHECK(read_text(pack / path) == text);
  }
  for (const auto& entry : fs::recursive_directory_iterator{pack / "dashboards"}) {
    if (entry.path().extension() == ".json")
      CHECK(files.contains(fs::relative(entry.path(), pack).string()));
  }
  CHECK(read_text(pack / "rules/dashboards.yaml") ==
        ops::rule_file(ops::rules_of(ops::all_dashboards())));
}

TEST_CASE("Prometheus takes the rules of the dashboards", "[ops]") {
  const finished check =
      run({"/usr/bin/promtool", "check", "rules", (pack / "rules/dashboards.yaml").string()});
  INFO(check.output);
  CHECK(check.exit_code == 0);
}

TEST_CASE("every query has a legend, a unit, and a panel that says what to do", "[ops]") {
  for_each_dashboard([](const std::string&, const json& dashboard) {
    for (const json& panel : panels_of(dashboard)) {
      CAPTURE(panel.at("title"));
      CHECK(panel.at("description").get<std::string>().size() > 20);
      CHECK_FALSE(panel.at("fieldConfig").at("defaults").at("unit").get<std::string>().empty());
      std::set<std::string> ids;
      REQUIRE_FALSE(panel.at("targets").empty());
      for (const json& target : panel.at("targets")) {
        CHECK_FALSE(target.at("legendFormat").get<std::string>().empty());
        CHECK(ids.insert(target.at("refId").get<std::string>()).second);
      }
    }
  });
}

TEST_CASE("identifiers are unique, and panels stand beside one another", "[ops]") {
  std::set<std::string> uids;
  for_each_dashboard([&](const std::string& path, const json& dashboard) {
    CHECK(uids.insert(dashboard.at("uid").get<std::string>()).second);
    CHECK(dashboard.at("uid").get<std::string>().size() <= 40);
    std::set<int> ids;
    std::set<std::pair<int, int>> taken;
    for (const json& panel : dashboard.at("panels")) {
      CAPTURE(panel.at("title"));
      CHECK(ids.insert(panel.at("id").get<int>()).second);
      const json& place = panel.at("gridPos");
      const int x = place.at("x");
      const int y = place.at("y");
      const int width = place.at("w");
      const int height = place.at("h");
      CHECK(x + width <= 24);
      if (path.starts_with("dashboards/phone/")) CHECK(width == 24);
      bool is_free = true;
      for (int column = x; column < x + width; ++column) {
        for (int line = y; line < y + height; ++line) {
          is_free = taken.insert({column, line}).second && is_free;
        }
      }
      CHECK(is_free);
    }
  });
}

TEST_CASE("queries select metrics of the catalog, by variables that the dashboard has", "[ops]") {
  const std::set<std::string> names = known_names();
  static const std::regex variable{R"(\$(?:\{([A-Za-z_]+)[^}]*\}|([A-Za-z_]+)))"};
  for_each_dashboard([&](const std::string&, const json& dashboard) {
    for (const json& panel : panels_of(dashboard)) {
      for (const json& target : panel.at("targets")) {
        const std::vector<std::string> selected = selected_names(target.at("expr"));
        CHECK_FALSE(selected.empty());
        for (const std::string& name : selected) {
          CAPTURE(panel.at("title"), name);
          CHECK(names.contains(name));
        }
      }
    }
    std::set<std::string> variables;
    for (const json& each : dashboard.at("templating").at("list")) {
      CHECK(variables.insert(each.at("name").get<std::string>()).second);
    }
    const std::string text = text_with_variables(dashboard);
    for (std::sregex_iterator hit{text.begin(), text.end(), variable}, end; hit != end; ++hit) {
      const std::string name = (*hit)[1].matched ? (*hit)[1] : (*hit)[2];
      CAPTURE(name);
      CHECK((is_grafanas_own(name) || variables.contains(name)));
    }
  });
}

TEST_CASE("links lead to dashboards that there are, and to views of the live page", "[ops]") {
  std::set<std::string> uids;
  for_each_dashboard(
      [&](const std::string&, const json& dashboard) { uids.insert(dashboard.at("uid")); });
  static const std::regex address{R"re("url":"([^"?]+))re"};
  static const std::regex view{
      R"(http://\$\{__(data\.fields|field\.labels)\.instance\}/#(overview|statements|statement/.+|requests|pools|findings|health|servers|library))"};
  std::size_t links = 0;
  for_each_dashboard([&](const std::string&, const json& dashboard) {
    const std::string text = dashboard.dump();
    for (std::sregex_iterator hit{text.begin(), text.end(), address}, end; hit != end; ++hit) {
      const std::string url = (*hit)[1];
      CAPTURE(url);
      if (url.starts_with("/d/")) CHECK(uids.contains(url.substr(3)));
      if (!url.starts_with("/d/")) CHECK(std::regex_match(url, view));
      ++links;
    }
  });
  CHECK(links > 50);
}

TEST_CASE("a query by an attribute that the metric does not have is refused", "[ops]") {
  const ops::series calls{querytap::catalog::operation_duration};
  CHECK_THROWS_AS(ops::rate(calls, {"db.query.sumary"}), std::logic_error);
  CHECK_THROWS_AS(calls.where("querytap.phase", "=\"execute\""), std::logic_error);
  CHECK_THROWS_AS(ops::quantile(0.5, ops::series{querytap::catalog::dropped}), std::logic_error);
}

TEST_CASE("Grafana's schema takes every dashboard and the options of every panel", "[ops]") {
  const fs::path modules = QUERYTAP_NODE_MODULES;
  REQUIRE(fs::exists(modules / "@grafana/schema"));
  const temporary_folder folder;
  fs::create_directory_symlink(modules, folder.path() / "node_modules");
  std::ofstream{folder.path() / "dashboards.ts"} << typescript();
  const finished check =
      run({"/usr/bin/env", "node", (modules / "typescript/bin/tsc").string(), "--noEmit",
           "--strict", "--skipLibCheck", "--target", "es2022", "--module", "esnext",
           "--moduleResolution", "bundler", (folder.path() / "dashboards.ts").string()});
  INFO(check.output.substr(0, 4000));
  CHECK(check.exit_code == 0);
}
