#pragma once

#include <querytap/snapshot/snapshot.hpp>

#include <string>

namespace querytap::detail {

/// What a person opens in an incident, the most urgent first, as one HTML page without scripts. It
/// asks for itself again every few seconds, unless it is `paused`.
[[nodiscard]] std::string render_status_page(const snapshot& from, bool paused = false);

}  // namespace querytap::detail
