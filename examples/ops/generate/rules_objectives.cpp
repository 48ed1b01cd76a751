#include "rules_objectives.hpp"

#include <querytap/snapshot/catalog.hpp>

#include <yaml-cpp/yaml.h>

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <initializer_list>
#include <set>
#include <span>
#include <string_view>

namespace ops_rules {
namespace {

using nanoseconds = std::chrono::nanoseconds;

template <class... Arguments>
[[noreturn]] void refuse(fmt::format_string<Arguments...> format, Arguments&&... arguments) {
  throw bad_objectives{fmt::format(format, std::forward<Arguments>(arguments)...)};
}

/// A number and what follows it: "250ms" is 250 and "ms".
std::pair<double, std::string> number_and_unit(const std::string& text) {
  double number = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc{}) return {-1, text};
  return {number, std::string{stop, end}};
}

nanoseconds parse_duration(const std::string& place, const std::string& text) {
  static constexpr std::pair<std::string_view, double> units[] = {
      {"us", 1e3}, {"ms", 1e6}, {"s", 1e9}};
  const auto [number, unit] = number_and_unit(text);
  for (const auto& [name, length] : units) {
    if (unit == name && number > 0) {
      return nanoseconds{static_cast<std::int64_t>(number * length + 0.5)};
    }
  }
  refuse("{}: '{}' is no duration: expected for example 250ms, 500us or 1s", place, text);
}

double parse_percent(const std::string& place, const std::string& text) {
  const auto [number, unit] = number_and_unit(text);
  if ((unit != "%" && !unit.empty()) || number <= 0 || number >= 100) {
    refuse("{}: '{}' is no share: expected for example 99.9%, more than 0 and less than 100", place,
           text);
  }
  return number / 100;
}

double parse_number(const std::string& place, const std::string& text) {
  const auto [number, unit] = number_and_unit(text);
  if (!unit.empty() || number <= 0) refuse("{}: '{}' is no number above 0", place, text);
  return number;
}

std::string text_of(const std::string& place, const YAML::Node& node) {
  if (!node.IsScalar()) refuse("{}: expected a value", place);
  return node.as<std::string>();
}

void check_keys(const std::string& place, const YAML::Node& node,
                std::initializer_list<std::string_view> known) {
  if (!node.IsMap()) refuse("{}: expected names and values", place);
  for (const auto& entry : node) {
    const auto key = entry.first.as<std::string>();
    if (std::ranges::find(known, key) == known.end()) {
      refuse("{}: unknown name '{}'; known are {}", place, key, fmt::join(known, ", "));
    }
  }
}

/// The bounds that the library exports for a histogram of this kind, with those of the service.
std::set<nanoseconds> bucket_edges(std::span<const double> bounds,
                                   const std::vector<nanoseconds>& thresholds) {
  std::set<nanoseconds> edges{thresholds.begin(), thresholds.end()};
  for (const double bound : bounds) {
    edges.emplace(static_cast<std::int64_t>(bound * 1e9 + 0.5));
  }
  return edges;
}

std::string in_words(const std::set<nanoseconds>& edges) {
  std::string words;
  for (const nanoseconds edge : edges) {
    if (!words.empty()) words += ' ';
    words += fmt::format("{}s", static_cast<double>(edge.count()) / 1e9);
  }
  return words;
}

std::span<const double> bounds_of(const objective& promise) {
  namespace catalog = querytap::catalog;
  if (!promise.request.empty()) return catalog::request_duration.bounds;
  const bool runs_in_process = promise.system == "sqlite";
  return runs_in_process ? catalog::in_process::operation_duration.bounds
                         : catalog::operation_duration.bounds;
}

latency_objective parse_latency(const std::string& place, const YAML::Node& node) {
  check_keys(place, node, {"share", "within"});
  if (!node["share"] || !node["within"]) refuse("{}: expected share and within", place);
  return {parse_percent(place + ": share", text_of(place, node["share"])),
          parse_duration(place + ": within", text_of(place, node["within"]))};
}

bool is_plain_name(const std::string& name) {
  return !name.empty() && std::ranges::all_of(name, [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '_' || c == '-';
  });
}

std::string required_name(const std::string& place, const YAML::Node& node, const char* key) {
  if (!node[key]) refuse("{}: has no {}", place, key);
  std::string name = text_of(place, node[key]);
  if (!is_plain_name(name)) {
    refuse("{}: {} '{}': expected letters, digits, _ and -", place, key, name);
  }
  return name;
}

std::string optional_text(const std::string& place, const YAML::Node& node, const char* key) {
  return node[key] ? text_of(place + ": " + key, node[key]) : std::string{};
}

objective parse_objective(const std::string& file, const YAML::Node& node,
                          const std::vector<nanoseconds>& thresholds) {
  if (!node.IsMap()) refuse("{}: an objective has a name and what is promised", file);
  objective promise{.name = required_name(file + ": an objective", node, "name")};
  const std::string place = fmt::format("{}: objective '{}'", file, promise.name);
  check_keys(place, node, {"name", "request", "system", "availability", "latency"});
  promise.request = optional_text(place, node, "request");
  promise.system = optional_text(place, node, "system");
  if (promise.request.empty() == promise.system.empty()) {
    refuse("{}: expected either a request or a system", place);
  }
  if (node["availability"]) {
    promise.availability =
        parse_percent(place + ": availability", text_of(place, node["availability"]));
  }
  if (node["latency"]) promise.latency = parse_latency(place + ": latency", node["latency"]);
  if (!promise.availability && !promise.latency) {
    refuse("{}: promises nothing: expected availability, latency or both", place);
  }
  if (promise.latency) {
    const auto edges = bucket_edges(bounds_of(promise), thresholds);
    if (!edges.contains(promise.latency->within)) {
      refuse(
          "{}: latency within {}: no bucket that the library exports ends there, but at {}; add it "
          "to slo_thresholds of the service here and in recorder_options",
          place, text_of(place, node["latency"]["within"]), in_words(edges));
    }
  }
  return promise;
}

service parse_service(const std::string& file, const YAML::Node& node) {
  if (!node.IsMap()) refuse("{}: a service has a job and objectives", file);
  service found{.job = required_name(file + ": a service", node, "job")};
  const std::string place = fmt::format("{}: service '{}'", file, found.job);
  check_keys(place, node, {"job", "slo_thresholds", "objectives"});
  std::vector<nanoseconds> thresholds;
  for (const auto& threshold : node["slo_thresholds"]) {
    thresholds.push_back(parse_duration(place + ": slo_thresholds", text_of(place, threshold)));
  }
  std::set<std::string> names;
  for (const auto& entry : node["objectives"]) {
    found.objectives.push_back(parse_objective(file, entry, thresholds));
    const std::string& name = found.objectives.back().name;
    if (!names.insert(name).second) refuse("{}: two objectives are called '{}'", place, name);
  }
  return found;
}

alert_limits parse_limits(const std::string& file, const YAML::Node& node) {
  alert_limits limits;
  if (!node) return limits;
  const std::string place = file + ": limits";
  check_keys(place, node,
             {"failed_calls", "slow_calls", "statement_slower", "pool_used", "n_plus_one",
              "replication_lag", "transaction_age", "disk_used", "least_events"});
  const auto share = [&](const char* key, double& limit) {
    if (node[key]) limit = parse_percent(place + ": " + key, text_of(place, node[key]));
  };
  const auto number = [&](const char* key, double& limit) {
    if (node[key]) limit = parse_number(place + ": " + key, text_of(place, node[key]));
  };
  share("failed_calls", limits.failed_calls);
  share("slow_calls", limits.slow_calls);
  number("statement_slower", limits.statement_slower);
  share("pool_used", limits.pool_used);
  number("n_plus_one", limits.n_plus_one);
  number("least_events", limits.least_events);
  share("transaction_age", limits.transaction_age);
  share("disk_used", limits.disk_used);
  if (node["replication_lag"]) {
    const auto lag =
        parse_duration(place + ": replication_lag", text_of(place, node["replication_lag"]));
    limits.replication_lag = static_cast<double>(lag.count()) / 1e9;
  }
  return limits;
}

YAML::Node load(const std::string& file) {
  try {
    return YAML::LoadFile(file);
  } catch (const YAML::Exception& error) {
    refuse("{}: {}", file, error.what());
  }
}

}  // namespace

objectives read_objectives(const std::string& file) {
  const YAML::Node root = load(file);
  check_keys(file, root, {"runbooks", "limits", "services"});
  objectives all;
  all.runbooks = optional_text(file, root, "runbooks");
  if (all.runbooks.empty() || all.runbooks.back() != '/') {
    refuse("{}: runbooks: expected the address of their folder, with a slash at its end", file);
  }
  all.limits = parse_limits(file, root["limits"]);
  std::set<std::string> jobs;
  for (const auto& entry : root["services"]) {
    all.services.push_back(parse_service(file, entry));
    const std::string& job = all.services.back().job;
    if (!jobs.insert(job).second) refuse("{}: two services are called '{}'", file, job);
  }
  if (all.services.empty()) refuse("{}: names no service", file);
  return all;
}

}  // namespace ops_rules
