#pragma once

#include <querytap/base/attribute.hpp>
#include <querytap/base/duration.hpp>
#include <querytap/base/trace_context.hpp>

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace querytap {

enum class span_kind : std::uint8_t { internal = 1, server, client, producer, consumer };
enum class span_status : std::uint8_t { unset, ok, error };

/// A moment within a span.
struct span_event {
  std::string name = {};
  std::chrono::system_clock::time_point time = {};
  querytap::attributes attributes = {};
};

/// One piece of work with a begin and an end, as a part of a trace.
///
///     span_record call{.self = {.trace_id = trace, .span_id = new_id, .flags = 1},
///                      .parent = caller.span_id,
///                      .name = "SELECT documents",
///                      .kind = span_kind::client,
///                      .start = begin,
///                      .end = end};
///
/// Threads  a plain value.
/// Source   OpenTelemetry trace data model.
struct span_record {
  trace_context self = {};
  std::array<std::uint8_t, 8> parent = {};  ///< all zero: none, the trace begins with this span
  bool parent_is_remote = false;            ///< a `traceparent` named the parent
  std::string trace_state = {};             ///< the header `tracestate`, as received
  std::string name = {};
  span_kind kind = span_kind::internal;
  std::chrono::system_clock::time_point start = {};
  std::chrono::system_clock::time_point end = {};
  querytap::attributes attributes = {};
  std::vector<span_event> events = {};
  span_status status = span_status::unset;
  std::string status_message = {};  ///< of an error: why, unless `error.type` says so
};

}  // namespace querytap
