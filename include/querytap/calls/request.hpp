#pragma once

#include <querytap/base/outcome.hpp>
#include <querytap/base/trace_context.hpp>

#include <cstdint>
#include <optional>
#include <string_view>

namespace querytap {

class recorder;

namespace detail {
class ledger;
struct in_flight_slot;
class request_series;
}  // namespace detail

/// The unit of work that operations belong to: what an incoming HTTP request sets off, say. From
/// its construction to finish() or destruction, the operations of its thread are its own.
///
///     request chat{recorder, "POST /chat", trace_context::parse(traceparent)};
///     … queries …
///
/// Exports `querytap.request.duration`, and for each kind of backend called
/// `querytap.request.operations` and `querytap.request.backend.duration`, all by request name: keep
/// names few, and identifiers out of them.
///
/// Its ledger tells where the time went, by backend, phase, statement and line, in fixed memory. It is
/// kept, see snapshot::requests, if the request took longer than recorder_options::slow_request,
/// failed, or called one statement over and over.
///
/// Threads  one at a time. May be moved, and go on on another thread: detach() on the one, attach() on
///          the other; a coroutine does so around each suspension. May be nested: what an inner one
///          did counts for the outer one too. Threads that work for one request at the same time
///          have one request each.
/// Cost     two clock reads, and three records for one backend; bench/calls/operation_bench.cpp. No
///          lock, no allocation once the thread has seen the name, unless it is kept.
/// Errors   never throws once its name is known; an exception that leaves the scope is counted as
///          an error and goes on its way.
/// Lifetime the recorder must outlive it.
class request {
 public:
  /// `caller` is the span that it is a part of; without one, that of the trace_scope in which it begins.
  request(recorder& to, std::string_view name, const std::optional<trace_context>& caller = {});
  request(request&& other) noexcept;
  request& operator=(request&&) = delete;
  ~request();

  /// What this thread does from now on is not this request's, until attach().
  void detach() noexcept;
  /// What this thread does from now on is this request's.
  void attach() noexcept;

  void fail(const outcome& how) noexcept { failure_ = how; }
  /// Stops the clock and records, once.
  void finish() noexcept;

 private:
  void begin(const detail::request_series& series, const trace_context* caller) noexcept;
  void record(const detail::request_series& series, std::uint64_t spent) const noexcept;
  void end_ledger(std::uint64_t end, std::uint64_t spent) noexcept;
  void hand_over_ledger(const detail::request_series& series) noexcept;

  const detail::request_series* series_ = nullptr;  // null once finished, or switched off
  bool holds_ = false;                              // the series, by count
  detail::in_flight_slot* shown_ = nullptr;
  detail::ledger* ledger_ = nullptr;  // null without memory
  outcome failure_;
  int exceptions_;
  std::uint64_t begin_ = 0;
};

}  // namespace querytap
