#pragma once

#include <chrono>

namespace querytap::postgres {

/// What a connection records, besides calls and their time.
///
///     postgres::connection db{recorder, "dbname=chatbot", {.slow_threshold = 50ms}};
///
/// As in backend_options.
struct connection_options {
  std::chrono::nanoseconds slow_threshold = std::chrono::milliseconds{100};
  double slow_multiple = 0;
  bool describe_parameters = false;
};

}  // namespace querytap::postgres
