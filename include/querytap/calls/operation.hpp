#pragma once

#include <querytap/base/outcome.hpp>
#include <querytap/calls/request.hpp>
#include <querytap/calls/statement.hpp>
#include <querytap/recording/in_flight.hpp>

#include <cstdint>
#include <exception>
#include <utility>

namespace querytap {

/// Times one call to a backend, from construction to `finish()` or destruction.
///
///     operation call{search};                    // starts the clock
///     auto rows = client.run(sql);               // throws or returns; both are recorded
///     call.rows(rows.size());
///
/// Units    nanoseconds inside, seconds on every way out.
/// Threads  one thread at a time; may be moved to another between start and finish.
/// Cost     two clock reads and one or two records, bench/calls/operation_bench.cpp. No lock, no
///          allocation; only the first failure of a kind looks its series up.
/// Errors   never throws, never swallows: an exception that leaves the scope is counted as an error
///          (`_OTHER`, unless fail() said more) and goes on its way.
/// Lifetime the statement must outlive the call.
class operation {
 public:
  explicit operation(const statement& of) noexcept {
    if (!detail::is_compiled_in || of.kind_ == statement::kind::disabled) return;
    of_ = &of;
    exceptions_ = std::uncaught_exceptions();
    begin_ = of.time().ticks();
    shown_ = detail::publish(of.shown_as(), begin_);
    // What is shown to the collector is not retired.
    holds_ = shown_ == nullptr || of.kind_ == statement::kind::overflow;
    if (holds_) [[unlikely]]
      of.hold();
  }

  operation(operation&& other) noexcept
      : of_{std::exchange(other.of_, nullptr)},
        failure_{other.failure_},
        exceptions_{other.exceptions_},
        has_rows_{other.has_rows_},
        holds_{other.holds_},
        begin_{other.begin_},
        rows_{other.rows_},
        shown_{other.shown_} {}
  operation& operator=(operation&&) = delete;

  ~operation() {
    if (!detail::is_compiled_in || of_ == nullptr) return;
    if (failure_ == nullptr && std::uncaught_exceptions() > exceptions_) fail(outcome::error(""));
    finish();
  }

  /// How many rows have been returned so far.
  void rows(std::uint64_t count) noexcept {
    rows_ = count;
    has_rows_ = true;
  }

  /// The call will end, or has ended, like this; the clock runs on until finish().
  void fail(const outcome& how) noexcept {
    if (detail::is_compiled_in && of_ != nullptr && how.failed()) failure_ = &of_->duration_of(how);
  }

  /// Stops the clock and records, once.
  void finish() noexcept {
    if (!detail::is_compiled_in || of_ == nullptr) return;
    const statement& of = *std::exchange(of_, nullptr);
    const std::uint64_t spent = of.time().nanoseconds_between(begin_, of.time().ticks());
    (failure_ == nullptr ? of.duration_ : *failure_).record(spent);
    if (has_rows_ && failure_ == nullptr) of.rows_.record(rows_);
    if (of.may_be_slow(spent)) [[unlikely]]
      of.look_closer(spent);
    if (detail::current_ledger != nullptr) detail::add_to_current_ledger(of.system(), spent);
    // Last: from here on the statement may be gone.
    detail::withdraw(shown_);
    if (holds_) [[unlikely]]
      of.let_go();
  }

 private:
  const statement* of_ = nullptr;  // null once finished, or where nothing is recorded
  const histogram* failure_ = nullptr;
  int exceptions_ = 0;
  bool has_rows_ = false;
  bool holds_ = false;  // the statement, by count
  std::uint64_t begin_ = 0;
  std::uint64_t rows_ = 0;
  detail::in_flight_slot* shown_ = nullptr;  // to the collector, while the call lasts
};

}  // namespace querytap
