#pragma once

#include <querytap/base/outcome.hpp>
#include <querytap/calls/ledger.hpp>

#include <cstdint>
#include <string_view>

namespace querytap {

class recorder;

namespace detail {
struct in_flight_slot;
class request_series;
}  // namespace detail

/// The unit of work that operations belong to: what an incoming HTTP request sets off, say. From
/// its construction to finish() or destruction, the operations of its thread are its own.
///
///     request chat{recorder, "POST /chat"};
///     … queries …
///
/// Exports `querytap.request.duration`, and for each kind of backend called
/// `querytap.request.operations` and `querytap.request.backend.duration`, all by request name: keep
/// names few, and identifiers out of them.
///
/// Threads  belongs to the thread that made it, and ends there. May be nested: what the inner one
///          did counts for the outer one too.
/// Cost     two clock reads, and three records for one backend. No lock, no allocation once the
///          thread has seen the name.
/// Errors   never throws once its name is known; an exception that leaves the scope is counted as
///          an error and goes on its way.
/// Lifetime the recorder must outlive it.
class request {
 public:
  request(recorder& to, std::string_view name);
  request(const request&) = delete;
  request& operator=(const request&) = delete;
  ~request();

  void fail(const outcome& how) noexcept { failure_ = how; }
  /// Stops the clock and records, once.
  void finish() noexcept;

 private:
  void begin(const detail::request_series& series) noexcept;
  void record(const detail::request_series& series, std::uint64_t spent) const noexcept;

  const detail::request_series* series_ = nullptr;  // once finished, or where nothing is recorded
  bool holds_ = false;                              // the series, by count
  detail::in_flight_slot* shown_ = nullptr;
  detail::ledger ledger_;
  detail::ledger* outer_;
  outcome failure_;
  int exceptions_;
  std::uint64_t begin_ = 0;
};

}  // namespace querytap
