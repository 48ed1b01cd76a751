#pragma once

#include "dashboard.hpp"

#include <vector>

namespace ops {

[[nodiscard]] dashboard overview();
[[nodiscard]] dashboard statements();
[[nodiscard]] dashboard pools();
[[nodiscard]] dashboard requests();
[[nodiscard]] dashboard models();
[[nodiscard]] dashboard servers();
[[nodiscard]] dashboard library();
[[nodiscard]] dashboard executive();

[[nodiscard]] inline std::vector<dashboard> all_dashboards() {
  return {overview(), statements(), pools(),   requests(),
          models(),   servers(),    library(), executive()};
}

}  // namespace ops
