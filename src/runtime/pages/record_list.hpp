#pragma once

#include <querytap/exporters/json/json.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace querytap::detail {

/// `{"slow":[…]}`, each record on a line of its own, which people can read without tools.
template <class Record>
[[nodiscard]] std::string json_list(std::string_view name, const std::vector<Record>& records) {
  std::string list = "{\"" + std::string{name} + "\":[";
  for (std::size_t i = 0; i < records.size(); ++i) {
    list += i == 0 ? "\n" : ",\n";
    if constexpr (requires { *records[i]; }) {
      list += to_json(*records[i]);
    } else {
      list += to_json(records[i]);
    }
  }
  return list + "]}\n";
}

}  // namespace querytap::detail
