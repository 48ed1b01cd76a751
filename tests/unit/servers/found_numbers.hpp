#pragma once

#include <querytap/servers/collected.hpp>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace querytap::testing {

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

/// Why something was not found; empty if it is not said to be lacking.
[[nodiscard]] inline std::string reason_for_lack(const collected& found, std::string_view name) {
  for (const unavailable_part& part : found.unavailable()) {
    if (part.name == name) return part.reason;
  }
  return {};
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
