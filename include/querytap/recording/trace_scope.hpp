#pragma once

#include <querytap/base/detail/features.hpp>
#include <querytap/base/trace_context.hpp>

namespace querytap {

namespace detail {
/// The trace that this thread works for; null if there is none.
extern thread_local constinit const trace_context* current_trace QUERYTAP_INITIAL_EXEC;
}  // namespace detail

/// From its construction to its destruction, what its thread records belongs to a trace: histograms
/// store some of the values, preferring slow ones, with the trace and the time as exemplars.
///
///     std::optional<trace_scope> scope;
///     if (const auto caller = trace_context::parse(header)) scope.emplace(*caller);
///
/// Threads  must be destroyed by the thread that constructed it. May be nested.
/// Cost     none where no scope is open. Within a scope, a record takes the slow path, which
///          decides whether the value becomes an exemplar; bench/recording/exemplar_bench.cpp. No
///          lock, no allocation once the series has an exemplar. A trace that is not sampled leaves
///          no exemplars and costs nothing: its id would lead to no stored trace.
class trace_scope {
 public:
  explicit trace_scope(const trace_context& trace) noexcept;
  ~trace_scope();
  trace_scope(const trace_scope&) = delete;
  trace_scope& operator=(const trace_scope&) = delete;

 private:
  const trace_context trace_;
  const trace_context* const outer_;
};

}  // namespace querytap
