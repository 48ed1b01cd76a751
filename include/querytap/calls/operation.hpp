#pragma once

#include <querytap/base/code_location.hpp>
#include <querytap/base/outcome.hpp>
#include <querytap/base/phase.hpp>
#include <querytap/calls/detail/call_data.hpp>
#include <querytap/calls/detail/ledger.hpp>
#include <querytap/calls/statement.hpp>
#include <querytap/recording/detail/in_flight.hpp>

#include <chrono>
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
/// A call that takes longer than its backend's threshold, or fails, is told by itself as well: with
/// the line that made it, its phases and its request (snapshot::call_reports).
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
  /// All of it is time of one phase, unless enter() says otherwise.
  explicit operation(const statement& of, phase in = phase::execute,
                     const code_location& where = code_location::current()) noexcept {
    if (!detail::is_compiled_in || of.kind_ == statement::kind::disabled) return;
    of_ = &of;
    exceptions_ = std::uncaught_exceptions();
    call_.current_phase = in;
    call_.site = where;
    call_.began_in = detail::current_ledger;
    if (call_.began_in != nullptr) call_.covered_at_begin = call_.began_in->covered();
    call_.begin = of.time().ticks();
    shown_ = detail::publish(of.shown_as(), call_.begin, where);
    // What is shown to the collector is not retired.
    holds_ = shown_ == nullptr || of.kind_ == statement::kind::overflow;
    if (holds_) [[unlikely]]
      of.retain();
  }
  operation(const statement& of, const code_location& where) noexcept
      : operation{of, phase::execute, where} {}

  operation(operation&& other) noexcept
      : of_{std::exchange(other.of_, nullptr)},
        failure_{other.failure_},
        exceptions_{other.exceptions_},
        holds_{other.holds_},
        shown_{other.shown_},
        call_{other.call_} {}
  operation& operator=(operation&&) = delete;

  ~operation() {
    if (!detail::is_compiled_in || of_ == nullptr) return;
    if (!call_.failed && std::uncaught_exceptions() > exceptions_) fail(outcome::error(""));
    finish();
  }

  /// How many rows have been returned so far.
  void rows(std::uint64_t count) noexcept {
    call_.rows = count;
    call_.has_rows = true;
  }

  /// From now on the time is that of another phase: of `fetch` once the first row is there, say.
  void enter(phase next) noexcept;

  /// So much of the time was that of another phase: of `lock_wait`, say.
  void spent(phase in, std::chrono::nanoseconds time) noexcept;

  /// All that was not told apart was, and is, time of this phase.
  void was(phase in) noexcept { call_.current_phase = in; }

  /// It is tried once more.
  void retried() noexcept { ++call_.retries; }

  /// What the parameters hash to (parameter_hash), so that a request finds calls that it made before.
  void parameters(std::uint64_t hash) noexcept {
    call_.parameters = hash;
    call_.has_parameters = true;
  }

  /// The call will end, or has ended, like this; the clock runs on until finish().
  void fail(const outcome& how) noexcept {
    if (!detail::is_compiled_in || of_ == nullptr || !how.failed()) return;
    call_.failed = true;
    failure_ = of_->failed_like(how);
  }

  /// Stops the clock and records, once.
  void finish() noexcept {
    finish([](detail::call_extras&) {});
  }

  /// The same; `describe` is asked for more if the call is told by itself.
  template <class Describe>
  void finish(Describe describe) noexcept {
    if (!detail::is_compiled_in || of_ == nullptr) return;
    const statement& of = *std::exchange(of_, nullptr);
    call_.end = of.time().ticks();
    call_.nanoseconds = of.time().nanoseconds_between(call_.begin, call_.end);
    (failure_ == nullptr ? of.duration_ : failure_->duration).record(call_.nanoseconds);
    if (call_.has_rows && !call_.failed) of.rows_.record(call_.rows);
    if (call_.has_phases) [[unlikely]]
      end_phases(of);
    if (detail::current_ledger != nullptr) detail::add_to_current_ledger(of, call_);
    if (of.is_worth_a_look(call_)) [[unlikely]] {
      detail::call_extras extras;
      describe(extras);
      of.look_closer(call_, failure_ == nullptr ? nullptr : &failure_->how, extras);
    }
    // Last: from here on the statement may be gone.
    detail::withdraw(shown_);
    if (holds_) [[unlikely]]
      of.release();
  }

 private:
  void tell_phases_apart() noexcept;
  void end_phases(const statement& of) noexcept;

  const statement* of_ = nullptr;  // null once finished, or where nothing is recorded
  const detail::failed_calls* failure_ = nullptr;
  int exceptions_ = 0;
  bool holds_ = false;                       // the statement, by count
  detail::in_flight_slot* shown_ = nullptr;  // to the collector, while the call lasts
  detail::call_data call_;
};

}  // namespace querytap
