#include "recorded.hpp"

#include <fmt/format.h>

#include <map>

namespace ops {

std::vector<recorded_rule> rules_of(const std::vector<dashboard>& drawn) {
  std::map<std::string, std::string> by_name;
  for (const dashboard& each : drawn) {
    for (const row& part : each.rows) {
      for (const panel& shown : part.panels) {
        for (const target& asked : shown.targets) {
          for (const recorded_rule& rule : asked.asked.rules) by_name[rule.name] = rule.expression;
        }
      }
    }
  }
  std::vector<recorded_rule> all;
  for (const auto& [name, expression] : by_name) all.push_back({name, expression});
  return all;
}

std::string rule_file(const std::vector<recorded_rule>& rules) {
  std::string text =
      "# Made by generate_dashboards: what its dashboards read over days and weeks, all processes "
      "of a service\n"
      "# together.\n"
      "groups:\n"
      "  - name: querytap_dashboards\n"
      "    interval: 1m\n"
      "    rules:\n";
  for (const recorded_rule& rule : rules) {
    text += fmt::format("      - record: {}\n        expr: {}\n", rule.name, rule.expression);
  }
  return text;
}

}  // namespace ops
