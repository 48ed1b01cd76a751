#pragma once

#include <querytap/base/code_location.hpp>
#include <querytap/base/detail/uncaught_exceptions.hpp>
#include <querytap/base/duration.hpp>
#include <querytap/base/outcome.hpp>
#include <querytap/base/phase.hpp>
#include <querytap/calls/detail/call_data.hpp>
#include <querytap/calls/detail/ledger.hpp>
#include <querytap/calls/statement.hpp>
#include <querytap/calls/transaction.hpp>
#include <querytap/recording/detail/in_flight.hpp>

#include <cstdint>
#include <string_view>
#include <utility>

namespace querytap {

/// Times one call to a backend, from construction to `finish()` or destruction.
///
///     operation call{search};                    // starts the clock
///     auto rows = client.run(sql);               // throws or returns; both are recorded
///     call.rows(rows.size());
///
/// A call that takes longer than its backend's threshold, or fails, gets a report of its own as
/// well: with the line that made it, its phases and its request (snapshot::call_reports).
///
/// Units    nanoseconds inside, seconds on every way out.
/// Threads  one thread at a time; may be moved to another between start and finish.
/// Cost     two clock reads and one or two records, bench/calls/operation_bench.cpp. No lock, no
///          allocation; only the first failure of a kind looks its series up. Phases cost a record
///          each, and nothing where all of the call is `execute`.
/// Errors   never throws, never swallows: an exception that leaves the scope is counted as an error
///          and goes on its way. Which exception it is, a destructor cannot know: it counts as
///          `_OTHER`, unless a handler called fail(outcome_of_current_exception()).
/// Lifetime the statement must outlive the call.
class operation {
 public:
  /// All of the time is of one phase, unless enter() names another phase.
  explicit operation(const statement& statement, phase phase = phase::execute,
                     code_location site = code_location::current()) noexcept {
    if (detail::is_compiled_in && statement.kind_ != statement::kind::disabled)
      begin(statement, phase, site);
  }
  operation(const statement& statement, code_location site) noexcept
      : operation{statement, phase::execute, site} {}

  operation(operation&& other) noexcept {
    if (other.statement_ == nullptr) return;
    statement_ = std::exchange(other.statement_, nullptr);
    ending_ = other.ending_;
    slot_ = other.slot_;
    exceptions_ = other.exceptions_;
    retains_statement_ = other.retains_statement_;
    call_ = other.call_;
  }
  operation& operator=(operation&&) = delete;

  ~operation() {
    if (!detail::is_compiled_in || statement_ == nullptr) return;
    if (!call_.failed && leaves_by_exception()) [[unlikely]]
      fail(outcome::error(""));
    finish();
  }

  /// How many rows have been returned so far.
  void rows(std::uint64_t count) noexcept {
    call_.rows = count;
    call_.has_rows = true;
  }

  /// The time that follows is of another phase: of `fetch` once the first row is there, say.
  void enter(phase next) noexcept;

  /// So much of the time was of another phase: of `lock_wait`, say.
  void spent(phase phase, std::chrono::nanoseconds time) noexcept;

  /// The time since the last enter(), or the begin, is of this phase.
  void was(phase phase) noexcept {
    if (statement_ == nullptr) return;
    call_.current_phase = phase;
    call_.is_plain = call_.is_plain && phase == phase::execute;
  }

  /// The call began earlier, at these ticks of the statement's clock: for a statement that is known
  /// only after a part of the call, such as its compilation.
  void began_at(std::uint64_t ticks) noexcept { call_.begin = ticks; }
  /// Of an operation that records something, until it is finished.
  [[nodiscard]] std::uint64_t begin_ticks() const noexcept { return call_.begin; }

  /// The call is of a connection with this transaction, which may not be open.
  void of(transaction& connection) noexcept {
    if (!detail::is_compiled_in || statement_ == nullptr || !connection.is_open()) return;
    call_.open = &connection;
    call_.open_number = connection.begin_call(call_.begin, call_.site);
  }

  /// The call is tried once more.
  void retried() noexcept {
    if (statement_ != nullptr) ++call_.retries;
  }

  /// The hash of the parameters (parameter_digest), by which a request finds calls that it made
  /// before.
  void parameters(std::uint64_t hash) noexcept {
    call_.parameters = hash;
    call_.has_parameters = true;
  }

  /// The call will end, or has ended, like this; the clock runs on until finish().
  void fail(const outcome& failure) noexcept {
    if (!detail::is_compiled_in || statement_ == nullptr || !failure.failed()) return;
    call_.failed = true;
    ending_ = statement_->find_or_make_ending({failure});
    // The overflow series is a part of no phase's total: its calls record their phases themselves.
    if (ending_ != nullptr && ending_->duration.is_overflow()) call_.is_plain = false;
  }

  /// The server answered with this code, which is no failure: a status of HTTP.
  void answered(std::string_view status_code) noexcept {
    if (!detail::is_compiled_in || statement_ == nullptr || call_.failed) return;
    ending_ = statement_->find_or_make_ending({outcome::ok(status_code)});
    call_.is_plain = false;  // a call that is recorded the shortest way has no code
  }

  /// The model that answered, as its endpoint names it: `gen_ai.response.model`. Said last, once it is known how
  /// the call ends.
  void answered_by(std::string_view model) noexcept;

  /// Ends it without a record, as a part of a call that is recorded by another operation.
  void discard() noexcept;

  /// Stops the clock and records, once.
  void finish() noexcept {
    finish([](detail::call_extras&) {});
  }

  /// The same; `describe` is called to add details if the call may get a report.
  template <class Describe>
  void finish(Describe describe) noexcept {
    if (!detail::is_compiled_in || statement_ == nullptr) return;
    const statement& statement = *std::exchange(statement_, nullptr);
    const std::uint64_t end = statement.time().ticks();
    const std::uint64_t nanoseconds = statement.time().nanoseconds_between(call_.begin, end);
    const bool is_simple = call_.is_plain && !statement.must_examine(call_.failed, nanoseconds);
    if (!is_simple || !detail::try_record_with_next(statement.duration_.target(), nanoseconds))
        [[unlikely]]
      return finish_slow(statement, end, nanoseconds, describe);
    if (call_.has_rows && !(statement.expects_rows_ && statement.rows_.try_record(call_.rows)))
        [[unlikely]]
      record_rows_slow(statement);
    if (detail::current_ledger != nullptr) {
      call_.end = end;
      call_.nanoseconds = nanoseconds;
      add_to_ledger(statement, nullptr);
    }
    if (is_in_transaction()) [[unlikely]]
      add_to_transactions(statement, end, nanoseconds);
    end_use(statement);
  }

 private:
  void begin(const statement& statement, phase phase, code_location site) noexcept {
    statement_ = &statement;
    ending_ = nullptr;
    exceptions_ = detail::uncaught_exceptions_at(detail::current_lane->uncaught_exceptions);
    call_.retries = 0;
    call_.has_rows = call_.has_parameters = call_.failed = call_.has_phases = false;
    call_.open = nullptr;
    call_.is_plain = phase == phase::execute;
    call_.current_phase = phase;
    call_.site = site;
    call_.began_in = detail::innermost_of(statement.shown_as().recorder_id, detail::current_ledger);
    if (call_.began_in != nullptr) call_.covered_at_begin = call_.began_in->covered();
    call_.begin = statement.time().ticks();
    slot_ = detail::publish(statement.shown_as(), call_.begin, statement.slow_threshold(), site);
    // A statement with a call that is shown to the collector is not retired.
    retains_statement_ = slot_ == nullptr || statement.kind_ == statement::kind::overflow;
    if (retains_statement_) [[unlikely]]
      statement.retain();
  }

  // Of other phases, slow, failed, or with a series that has no bucket yet.
  template <class Describe>
  [[gnu::noinline]] void finish_slow(const statement& statement, std::uint64_t end,
                                     std::uint64_t nanoseconds, const Describe& describe) noexcept {
    call_.end = end;
    call_.nanoseconds = nanoseconds;
    record(statement);
    const outcome* const failure = ending_ == nullptr ? nullptr : &ending_->ending.outcome;
    if (detail::current_ledger != nullptr) add_to_ledger(statement, failure);
    if (is_in_transaction()) add_to_transactions(statement, end, nanoseconds);
    if (statement.must_examine(call_.failed, nanoseconds)) {
      detail::call_extras extras;
      describe(extras);
      statement.examine(call_, failure, extras);
    }
    end_use(statement);
  }

  void end_use(const statement& statement) noexcept {
    // Last: once withdrawn, the statement may be gone.
    detail::withdraw(slot_);
    if (retains_statement_) [[unlikely]]
      statement.release();
  }

  [[nodiscard]] bool leaves_by_exception() const noexcept {
    return detail::uncaught_exceptions_at(detail::current_lane->uncaught_exceptions) > exceptions_;
  }
  // Of its own connection, or of others on this thread.
  [[nodiscard]] bool is_in_transaction() const noexcept {
    return call_.open != nullptr || detail::current_transactions != nullptr;
  }
  void add_to_transactions(const statement& statement, std::uint64_t end,
                           std::uint64_t nanoseconds) const noexcept;
  void record(const statement& statement) noexcept;
  void record_rows_slow(const statement& statement) const noexcept;
  void add_to_ledger(const statement& statement, const outcome* failure) const noexcept;
  void begin_phases() noexcept;
  void end_phases(const statement& statement) noexcept;

  const statement* statement_ = nullptr;  // null once finished, or where nothing is recorded
  // The others are set where the statement is.
  const detail::ending_series* ending_;
  detail::in_flight_slot* slot_;  // shows the call to the collector while it lasts
  unsigned exceptions_;
  bool retains_statement_;
  detail::call_data call_;
};

}  // namespace querytap
