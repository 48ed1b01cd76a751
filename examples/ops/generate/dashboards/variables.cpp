#include "variables.hpp"

#include "panel_json.hpp"

#include <querytap/exporters/prometheus/prometheus_name.hpp>
#include <querytap/snapshot/catalog.hpp>

#include <absl/strings/str_replace.h>
#include <fmt/format.h>

namespace ops {
namespace {

namespace catalog = querytap::catalog;
using json = nlohmann::ordered_json;

/// Several at once, or all.
json label_values(const std::string& name, const std::string& label, const std::string& metric,
                  const std::string& key) {
  const std::string question = fmt::format("label_values({}, {})", metric, label_of(key));
  return {{"name", name},
          {"label", label},
          {"type", "query"},
          {"datasource", chosen_data_source()},
          {"definition", question},
          {"query", {{"query", question}, {"refId", "variable-" + name}}},
          {"refresh", 2},
          {"sort", 1},
          {"multi", true},
          {"includeAll", true},
          {"allValue", ".*"},
          {"current", {{"selected", true}, {"text", {"All"}}, {"value", {"$__all"}}}},
          {"hide", 0},
          {"regex", ""},
          {"skipUrlSync", false},
          {"options", json::array()}};
}

struct choice {
  std::string text;
  std::string value;
};

json custom(const std::string& name, const std::string& label, const std::string& description,
            const std::vector<choice>& choices, std::size_t chosen) {
  json options = json::array();
  std::string listed;
  for (std::size_t i = 0; i < choices.size(); ++i) {
    if (i != 0) listed += ", ";
    listed += choices[i].text + " : " + choices[i].value;
    options.push_back(
        {{"selected", i == chosen}, {"text", choices[i].text}, {"value", choices[i].value}});
  }
  return {{"name", name},
          {"label", label},
          {"description", description},
          {"type", "custom"},
          {"query", listed},
          {"multi", false},
          {"includeAll", false},
          {"current", options.at(chosen)},
          {"hide", 0},
          {"skipUrlSync", false},
          {"options", options}};
}

json data_source() {
  return {{"name", "datasource"},
          {"label", "Data source"},
          {"type", "datasource"},
          {"query", "prometheus"},
          {"refresh", 1},
          {"regex", ""},
          {"multi", false},
          {"includeAll", false},
          {"hide", 0},
          {"skipUrlSync", false},
          {"options", json::array()}};
}

std::string text_of_all_queries(const dashboard& drawn) {
  std::string text;
  for (const row& part : drawn.rows) {
    for (const panel& shown : part.panels) {
      for (const target& asked : shown.targets) text += asked.asked.text;
    }
  }
  return text;
}

std::string in_scope(const querytap::instrument& measured, const std::string& matchers = {}) {
  return querytap::prometheus_name(measured) + R"({job=~"$service", instance=~"$instance")" +
         matchers + '}';
}

/// Both as a classic and as a native histogram.
std::string in_scope_as_histogram(const querytap::instrument& measured) {
  return R"({__name__=~")" + querytap::prometheus_name(measured) +
         R"((_count)?", job=~"$service", instance=~"$instance"})";
}

}  // namespace

json variables_of(const dashboard& drawn) {
  const std::string queries = text_of_all_queries(drawn);
  const auto names = [&](std::string_view variable) {
    return queries.find(variable) != std::string::npos;
  };
  json all = json::array();
  all.push_back(data_source());
  all.push_back(
      label_values("service", "Service", querytap::prometheus_name(catalog::lanes), "job"));
  all.push_back(label_values("instance", "Process",
                             querytap::prometheus_name(catalog::lanes) + R"({job=~"$service"})",
                             "instance"));
  if (names("$system")) {
    all.push_back(
        label_values("system", "System", in_scope(catalog::operation_active), "db.system.name"));
  }
  if (names("$statement")) {
    all.push_back(label_values("statement", "Statement",
                               in_scope(catalog::operation_slow, R"(, db_system_name=~"$system")"),
                               "db.query.summary"));
  }
  if (names("$pool")) {
    all.push_back(label_values("pool", "Pool", in_scope(catalog::connection_max),
                               "db.client.connection.pool.name"));
  }
  if (names("$request")) {
    all.push_back(label_values("request", "Request",
                               in_scope_as_histogram(catalog::request_duration),
                               "querytap.request.name"));
  }
  if (names("$model")) {
    all.push_back(
        label_values("model", "Model", in_scope(catalog::gen_ai::answers), "gen_ai.request.model"));
  }
  if (names("$objective")) {
    std::vector<choice> bounds;
    std::size_t chosen = 0;
    for (const double bound : catalog::request_duration.bounds) {
      if (bound == 0.5) chosen = bounds.size();
      bounds.push_back({fmt::format("{} s", bound), fmt::format("{}", bound)});
    }
    all.push_back(custom("objective", "Latency objective",
                         "A bound of the histogram: its share is exact", bounds, chosen));
  }
  if (names("$target")) {
    all.push_back(custom(
        "target", "Availability target", "What may fail is the error budget",
        {{"99 %", "0.99"}, {"99.5 %", "0.995"}, {"99.9 %", "0.999"}, {"99.95 %", "0.9995"}}, 1));
  }
  if (names("$source")) {
    all.push_back(custom("source", "Source",
                         "Recorded rates are fast over days and weeks, and know no single process",
                         {{"each process", "none"}, {"recorded", ".*"}},
                         drawn.is_recorded ? 1 : 0));
  }
  if (names("${histograms}")) {
    all.push_back(
        custom("histograms", "Histograms",
               "Classic alone for servers without histogram_count(), such as VictoriaMetrics",
               {{"classic and native", "or"}, {"classic", "#"}}, 0));
  }
  return all;
}

std::string filled_in(const std::string& query, const chosen_variables& chosen) {
  return absl::StrReplaceAll(query, {{"$__rate_interval", chosen.window},
                                     {"$__range", chosen.range},
                                     {"$objective", "0.5"},
                                     {"$target", "0.995"},
                                     {"$source", chosen.is_recorded ? ".*" : "none"},
                                     {"${histograms}", chosen.has_native_functions ? "or" : "#"},
                                     {"$service", ".*"},
                                     {"$instance", ".*"},
                                     {"$system", ".*"},
                                     {"$statement", ".*"},
                                     {"$pool", ".*"},
                                     {"$request", ".*"},
                                     {"$model", ".*"}});
}

}  // namespace ops
