#pragma once

#include <querytap/base/duration.hpp>
#include <querytap/calls/sql_comment.hpp>

namespace querytap::postgres {

/// What a connection records, besides calls and their time.
///
///     postgres::connection db{recorder, "dbname=chatbot", {.slow_threshold = 50ms}};
struct connection_options {
  /// As in backend_options.
  std::chrono::nanoseconds slow_threshold = std::chrono::milliseconds{100};
  double slow_multiple = 0;
  bool describe_parameters = false;
  /// Behind the text of each statement of exec() and exec_params(); never of a prepared one.
  sql_comment comment = {};
};

}  // namespace querytap::postgres
