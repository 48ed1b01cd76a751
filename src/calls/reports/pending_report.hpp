#pragma once

#include <querytap/base/outcome.hpp>
#include <querytap/base/trace_context.hpp>
#include <querytap/calls/detail/call_data.hpp>

#include <cstdint>

namespace querytap {

class statement;

namespace detail {

class request_series;

/// A call to be reported, on its way from the thread that made it to the collector. Owns a
/// reference to its statement, and one to the series of its request.
struct pending_report {
  const querytap::statement* statement;
  const request_series* request;  // null outside of a request
  const outcome* failure;  // owned by the statement; null if it did not fail, or without memory
  call_data call;
  call_extras extras;
  std::uint64_t pool_wait;  // nanoseconds
  std::uint64_t thread;
  bool has_trace;
  trace_context trace;
};

}  // namespace detail
}  // namespace querytap
