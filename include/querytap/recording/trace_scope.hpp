#pragma once

#include <querytap/base/detail/features.hpp>
#include <querytap/base/trace_context.hpp>

namespace querytap {

namespace detail {
/// The trace that this thread works for; null without one.
extern thread_local constinit const trace_context* current_trace QUERYTAP_INITIAL_EXEC;
}  // namespace detail

/// From its construction to its destruction, what its thread records belongs to a trace: histograms
/// keep some of the values, slow ones preferred, with the trace and the time as exemplars.
///
///     std::optional<trace_scope> scope;
///     if (const auto caller = trace_context::parse(header)) scope.emplace(*caller);
///
/// Threads  belongs to the thread that made it, and ends there. May be nested.
/// Cost     none where no scope is open. Within one, a record takes the slow path, which looks
///          whether the value is worth keeping; bench/recording/exemplar_bench.cpp. No lock, no
///          allocation once a series has kept one. Traces that are not sampled leave no exemplars
///          and cost nothing: nobody could follow them.
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
