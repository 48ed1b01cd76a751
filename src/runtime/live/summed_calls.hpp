#pragma once

#include <querytap/snapshot/snapshot.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace querytap::detail {

/// Adds the counts of a histogram to a sum, which begins with the first one.
void add_counts_to(std::optional<histogram_data>& sum, const histogram_data& part);

/// What several series of durations have in common.
struct summed_calls {
  std::optional<histogram_data> durations = {};  ///< none without calls
  std::uint64_t errors = 0;

  /// A series of failures has the label `error.type`.
  void add(const point& p);
  void add(const summed_calls& others);
};

using summed_by_name = std::map<std::string, summed_calls>;

/// The calls of a snapshot by system, those too whose series have ended.
[[nodiscard]] summed_by_name calls_by_system(const snapshot& recorded);

}  // namespace querytap::detail
