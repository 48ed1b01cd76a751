#pragma once

#include <querytap/servers/collected.hpp>
#include <querytap/servers/collector.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace querytap::testing {

[[nodiscard]] inline collected collected_by(collector& source,
                                            std::chrono::nanoseconds within = std::chrono::seconds{
                                                5}) {
  collected found;
  source.collect(found, std::chrono::steady_clock::now() + within);
  return found;
}

/// Why nothing could be collected; empty if something was.
[[nodiscard]] inline std::string collect_error_of(
    collector& source, std::chrono::nanoseconds within = std::chrono::seconds{5}) {
  try {
    static_cast<void>(collected_by(source, within));
    return {};
  } catch (const collect_error& error) {
    return error.what();
  }
}

/// Of the series with exactly these labels, in the unit of the instrument; nothing if there is none.
[[nodiscard]] inline std::optional<double> collected_value(const collected& found,
                                                           std::string_view name,
                                                           const attributes& labels = {}) {
  for (const collected::number& number : found.numbers()) {
    if (number.instrument->name != name || number.labels != labels) continue;
    return static_cast<double>(number.value) / number.instrument->recorded_per_unit();
  }
  return std::nullopt;
}

/// The number of the series of this instrument that has all of these labels, in the instrument's unit;
/// nothing if there is none, or more than one.
[[nodiscard]] inline std::optional<double> number_in(const collected& found,
                                                     std::string_view instrument,
                                                     const attributes& labels = {}) {
  const auto has_all = [&](const attributes& own) {
    return std::ranges::all_of(labels, [&](const attribute& label) {
      const attribute_value* const value = own.find(label.key);
      return value != nullptr && *value == label.value;
    });
  };
  std::optional<double> number;
  for (const collected::number& each : found.numbers()) {
    if (each.instrument->name != instrument || !has_all(each.labels)) continue;
    if (number) return std::nullopt;
    number = static_cast<double>(each.value) / each.instrument->recorded_per_unit();
  }
  return number;
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

/// What the server has counted for the statement with this text.
[[nodiscard]] inline std::optional<server_statement> statement_in(const collected& found,
                                                                  std::string_view text) {
  for (const server_statement& each : found.statements()) {
    if (each.statement->text == text) return each;
  }
  return std::nullopt;
}

/// Every name, label, text and reason in one: for searching what must not be there.
[[nodiscard]] inline std::string everything_in(const collected& found) {
  std::string all;
  for (const collected::number& each : found.numbers()) {
    all.append(each.instrument->name).append(" ").append(to_string(each.labels)).append("\n");
  }
  for (const server_statement& each : found.statements()) {
    all.append(each.statement->text).append(" ").append(each.database).append("\n");
  }
  for (const unavailable_part& part : found.unavailable()) {
    all.append(part.name).append(" ").append(part.reason).append("\n");
  }
  return all;
}

}  // namespace querytap::testing
