#pragma once

#include <querytap/base/duration.hpp>

namespace querytap::http {

struct service_options {
  /// A call that takes longer is slow, and gets a report of its own.
  std::chrono::nanoseconds slow_threshold = std::chrono::seconds{1};
  double slow_multiple = 0;  ///< see backend_options
};

}  // namespace querytap::http
