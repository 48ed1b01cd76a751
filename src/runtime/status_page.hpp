#pragma once

#include <querytap/snapshot/snapshot.hpp>

#include <string>

namespace querytap::detail {

/// The statements by total time, as one HTML page without scripts.
[[nodiscard]] std::string render_status_page(const snapshot& from);

}  // namespace querytap::detail
