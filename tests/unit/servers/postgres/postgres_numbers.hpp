#pragma once

#include <querytap/servers/postgres/postgres_collector.hpp>

#include <support/collected_numbers.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace querytap::testing {

inline collected collect_from(postgres_collector& source,
                              std::chrono::milliseconds within = std::chrono::seconds{10}) {
  return collected_by(source, within);
}

/// The number of the series with this name and exactly these labels, besides those of the server.
inline std::optional<double> number_of(const collected& found, std::string_view name,
                                       const attributes& labels = {}) {
  for (const collected::number& number : found.numbers()) {
    if (number.instrument->name != name) continue;
    std::size_t own = 0;
    bool is_it = true;
    for (const attribute& label : number.labels) {
      const bool is_of_server =
          label.key == "db.system.name" || label.key.substr(0, 7) == "server.";
      if (is_of_server) continue;
      ++own;
      const attribute_value* wanted = labels.find(label.key);
      is_it = is_it && wanted != nullptr && *wanted == label.value;
    }
    if (is_it && own == labels.size()) {
      return static_cast<double>(number.value) / number.instrument->recorded_per_unit();
    }
  }
  return std::nullopt;
}

}  // namespace querytap::testing
