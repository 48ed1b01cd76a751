#pragma once

#include <querytap/servers/collected.hpp>

#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace querytap::testing {

/// In the unit of the instrument; nothing if there is no such series.
[[nodiscard]] inline std::optional<double> collected_value(const collected& found,
                                                           std::string_view name,
                                                           const attributes& labels = {}) {
  for (const collected::number& number : found.numbers()) {
    if (number.instrument->name != name || number.labels != labels) continue;
    return static_cast<double>(number.value) / number.instrument->recorded_per_unit();
  }
  return std::nullopt;
}

/// Why something is lacking; empty if it is not.
[[nodiscard]] inline std::string lacking_reason(const collected& found, std::string_view name) {
  for (const unavailable_part& part : found.unavailable()) {
    if (part.name == name) return part.reason;
  }
  return {};
}

/// Each series whose name begins like this, a line each: `name key=value … 12`, in recorded integers.
[[nodiscard]] inline std::string collected_text(const collected& found, std::string_view prefix) {
  std::string text;
  for (const collected::number& number : found.numbers()) {
    if (!number.instrument->name.starts_with(prefix)) continue;
    text += std::string{number.instrument->name};
    if (!number.labels.empty()) text += ' ' + to_string(number.labels);
    text += ' ' + std::to_string(number.value) + '\n';
  }
  return text;
}

/// Of series that are there twice, or that carry a label which their instrument does not list.
[[nodiscard]] inline std::string faults_of_series(const collected& found) {
  std::string faults;
  std::set<std::string> known;
  for (const collected::number& number : found.numbers()) {
    const std::string series =
        std::string{number.instrument->name} + ' ' + to_string(number.labels);
    if (!known.insert(series).second) faults += "twice: " + series + '\n';
    for (const attribute& label : number.labels) {
      bool is_listed = false;
      for (const std::string_view key : number.instrument->attributes) {
        is_listed = is_listed || key == label.key;
      }
      if (!is_listed) faults += "not listed: " + label.key + " of " + series + '\n';
    }
  }
  return faults;
}

}  // namespace querytap::testing
