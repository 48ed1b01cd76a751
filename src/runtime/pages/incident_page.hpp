#pragma once

#include <querytap/snapshot/snapshot.hpp>

#include <string>

namespace querytap::detail {

/// What a person opens in an incident, the most urgent first, as one HTML page without scripts. The page
/// reloads itself every few seconds, unless it is paused.
[[nodiscard]] std::string render_incident_page(const snapshot& snapshot, bool is_paused = false);

}  // namespace querytap::detail
