#pragma once

#include <querytap/base/phase.hpp>

#include <string>

namespace querytap::detail {

/// A bar with the share of each phase, and the same in words.
[[nodiscard]] std::string phase_bar(const phase_times& phases);

}  // namespace querytap::detail
