#pragma once

#include <querytap/base/trace_context.hpp>

#include <chrono>
#include <cstdint>

namespace querytap {

/// One measured value and the trace that it was measured in: the way from a histogram to a request.
///
/// Units    `value` is the instrument's recorded integer.
struct exemplar {
  std::uint64_t value = 0;
  std::chrono::system_clock::time_point time = {};
  trace_context trace = {};

  friend bool operator==(const exemplar&, const exemplar&) = default;
};

}  // namespace querytap
