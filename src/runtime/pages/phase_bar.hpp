#pragma once

#include <querytap/base/phase.hpp>

#include <string>

namespace querytap::detail {

/// A bar with the share of each phase, and a legend with each share in words.
[[nodiscard]] std::string phase_bar(const phase_times& phases);

}  // namespace querytap::detail
