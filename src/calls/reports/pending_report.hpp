#pragma once

#include <querytap/base/outcome.hpp>
#include <querytap/base/trace_context.hpp>
#include <querytap/calls/detail/call_data.hpp>

#include <cstdint>

namespace querytap {

class statement;

namespace detail {

class request_series;

/// A call that is worth telling, as it is handed from its thread to the collector. It holds its
/// statement and the series of its request, by count.
struct pending_report {
  const querytap::statement* statement;
  const request_series* request;  // null outside of one
  const outcome* failure;         // of the statement; null if it did not fail, or without memory
  call_data call;
  call_extras extras;
  std::uint64_t pool_wait;  // nanoseconds
  std::uint64_t thread;
  bool has_trace;
  trace_context trace;
};

}  // namespace detail
}  // namespace querytap
