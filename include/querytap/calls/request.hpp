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
/// Its ledger says where the time went, by backend, phase, statement and line, in fixed memory. The
/// request is reported with it, see snapshot::requests, if it took longer than
/// recorder_options::slow_request, failed, or called one statement over and over: of requests that only
/// do the latter, the first of a name, statement and line, and then one a minute.
///
/// Threads  one at a time. A request may move to another thread: detach() on the first thread,
///          attach() on the second; a coroutine does so around each suspension. Requests may be
///          nested: what an inner one did counts for the outer one too. Threads that work for one
///          request at the same time have one request each.
/// Cost     two clock reads, and three records for one backend; bench/calls/operation_bench.cpp. No
///          lock, no allocation once the thread has seen the name.
/// Errors   never throws once the thread has seen the name; an exception that leaves the scope is
///          counted as an error and goes on its way. The request then fails with what the last call
///          failed with, unless it went on with other calls since; with `_OTHER` where no call
///          failed. A handler that knows more calls fail(outcome_of_current_exception()).
/// Lifetime the recorder must outlive it.
class request {
 public:
  /// `caller` is the span that the request is a part of; without one, that of the trace_scope in
  /// which the request begins.
  request(recorder& recorder, std::string_view name,
          const std::optional<trace_context>& caller = {});
  request(request&& other) noexcept;
  request& operator=(request&&) = delete;
  ~request();

  /// What this thread does next does not count for this request, until attach().
  void detach() noexcept;
  /// What this thread does next counts for this request.
  void attach() noexcept;

  void fail(const outcome& failure) noexcept { failure_ = failure; }
  /// Stops the clock and records, once.
  void finish() noexcept;

 protected:
  /// Where what the request does is written down; null once finished, or without memory.
  [[nodiscard]] detail::ledger* open_ledger() const noexcept {
    return series_ == nullptr ? nullptr : ledger_;
  }

 private:
  void begin(const detail::request_series& series, const trace_context* caller) noexcept;
  void fail_by_exception() noexcept;
  void record(const detail::request_series& series, std::uint64_t spent) const noexcept;
  void end_ledger(std::uint64_t end, std::uint64_t spent) noexcept;
  void discard_ledger() noexcept;
  void report_ledger(const detail::request_series& series) noexcept;

  const detail::request_series* series_ = nullptr;  // null once finished, or switched off
  bool retains_series_ = false;
  // Shows the request to the collector, which then does not retire its series.
  detail::in_flight_slot* slot_ = nullptr;
  detail::ledger* ledger_ = nullptr;  // null without memory
  outcome failure_;
  int exceptions_;
  std::uint64_t begin_ = 0;
};

}  // namespace querytap
