#include "rules.hpp"
#include "rules_names.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <regex>
#include <sstream>
#include <stdexcept>

namespace ops_rules {
namespace {

constexpr const char* header =
    "# Made by generate_rules from objectives.yaml and the library's catalog: change those, not "
    "this file.\n";

long long milliseconds_in(char unit) {
  switch (unit) {
    case 'w': return 7LL * 24 * 3600 * 1000;
    case 'd': return 24LL * 3600 * 1000;
    case 'h': return 3600LL * 1000;
    case 'm': return 60LL * 1000;
    case 's': return 1000;
    default: throw std::logic_error{"no unit of time"};
  }
}

/// "1h30m" in milliseconds.
long long parse_time(const std::string& text) {
  long long total = 0;
  std::istringstream parts{text};
  long long number = 0;
  for (char unit = 0; parts >> number >> unit;) total += number * milliseconds_in(unit);
  return total;
}

/// Durations in seconds stay: they are what processes and collectors take, whatever the windows.
std::string scaled(const std::string& time, int faster) {
  if (faster == 1 || time.empty() || time.back() == 's') return time;
  return fmt::format("{}ms", std::max(1LL, parse_time(time) / faster));
}

/// A `for` always shrinks: there are none that must last.
std::string scaled_hold(const std::string& time, int faster) {
  if (faster == 1 || time.empty()) return time;
  return fmt::format("{}ms", std::max(1LL, parse_time(time) / faster));
}

std::string with_scaled_windows(const std::string& expression, int faster) {
  if (faster == 1) return expression;
  static const std::regex window{R"((\[|offset )((?:[0-9]+[wdhms])+))"};
  std::string result;
  std::size_t copied = 0;
  for (std::sregex_iterator found{expression.begin(), expression.end(), window}, end; found != end;
       ++found) {
    const auto at = static_cast<std::size_t>(found->position());
    result += expression.substr(copied, at - copied) + (*found)[1].str() +
              scaled((*found)[2].str(), faster);
    copied = at + static_cast<std::size_t>(found->length());
  }
  return result + expression.substr(copied);
}

std::string quoted(const std::string& text) {
  std::string result{'\''};
  for (const char c : text) {
    if (c == '\'') result += '\'';
    result += c;
  }
  return result + '\'';
}

/// As a block, without the indentation that the expression has in the source.
std::string block(const std::string& text, const std::string& indent) {
  std::string result{"|\n"};
  std::istringstream lines{text};
  for (std::string line; std::getline(lines, line);) {
    if (!line.empty()) result += indent + line + '\n';
  }
  return result;
}

std::string map_lines(const std::vector<std::pair<std::string, std::string>>& entries) {
  std::string result;
  for (const auto& [key, value] : entries) {
    result += fmt::format("          {}: {}\n", with_names(key), quoted(with_names(value)));
  }
  return result;
}

std::string expression_text(const std::string& expression, const rule_options& options) {
  return block(with_scaled_windows(with_names(expression), options.faster), "          ");
}

std::string rule_text(const recording_rule& rule, const rule_options& options) {
  std::string text = fmt::format("      - record: {}\n        expr: {}", rule.record,
                                 expression_text(rule.expr, options));
  if (!rule.labels.empty()) text += "        labels:\n" + map_lines(rule.labels);
  return text;
}

std::string rule_text(const alerting_rule& rule, const std::string& runbooks,
                      const rule_options& options) {
  std::string text = fmt::format("      - alert: {}\n        expr: {}", rule.alert,
                                 expression_text(rule.expr, options));
  if (!rule.hold.empty())
    text += fmt::format("        for: {}\n", scaled_hold(rule.hold, options.faster));
  const bool knows_keep = options.reader == store::prometheus;  // vmalert 1.79 refuses the key
  if (!rule.keep.empty() && knows_keep) {
    text += fmt::format("        keep_firing_for: {}\n", scaled_hold(rule.keep, options.faster));
  }
  auto labels = rule.labels;
  labels.insert(labels.begin(), {{"severity", rule.severity}, {"layer", rule.layer}});
  text += "        labels:\n" + map_lines(labels);
  std::vector<std::pair<std::string, std::string>> annotations{{"summary", rule.summary},
                                                               {"description", rule.description}};
  if (!rule.value.empty()) annotations.emplace_back("value", rule.value);
  annotations.emplace_back("runbook_url", runbooks + rule.alert + ".md");
  return text + "        annotations:\n" + map_lines(annotations);
}

}  // namespace

std::string rule_file(const std::vector<rule_group>& groups, const std::string& runbooks,
                      const rule_options& options) {
  std::string text{header};
  text += "groups:\n";
  for (const rule_group& group : groups) {
    text += fmt::format("  - name: {}\n", group.name);
    if (!group.interval.empty())
      text += fmt::format("    interval: {}\n", scaled(group.interval, options.faster));
    text += "    rules:\n";
    for (const auto& rule : group.recorded) text += rule_text(rule, options);
    for (const auto& rule : group.alerts) text += rule_text(rule, runbooks, options);
  }
  return text;
}

}  // namespace ops_rules
