#pragma once

#include <querytap/base/duration.hpp>
#include <querytap/base/trace_context.hpp>

#include <cstdint>

namespace querytap {

/// A measured value with the trace that it was measured in: it leads from a histogram to a request.
///
/// Units    `value` is the instrument's recorded integer.
struct exemplar {
  std::uint64_t value = 0;
  std::chrono::system_clock::time_point time = {};
  trace_context trace = {};

  friend bool operator==(const exemplar&, const exemplar&) = default;
};

}  // namespace querytap
