#pragma once

#include <querytap/base/database_system.hpp>
#include <querytap/snapshot/catalog.hpp>

#include <algorithm>
#include <string_view>

namespace querytap::detail {

/// A duration of the catalog, with the bounds that fit the calls of this system.
[[nodiscard]] inline const instrument& with_fitting_bounds(const instrument& duration,
                                                           std::string_view system) noexcept {
  if (!find_database_system(system).is_in_process) return duration;
  const auto& finer = catalog::in_process::all;
  const auto found = std::ranges::find(finer, duration.name, &instrument::name);
  return found == finer.end() ? duration : **found;
}

}  // namespace querytap::detail
