#include <querytap/calls/operation.hpp>

#include "backend_state.hpp"
#include "transactions_of_thread.hpp"

#include <algorithm>
#include <numeric>

namespace querytap {

void operation::begin_phases() noexcept {
  if (std::exchange(call_.has_phases, true)) return;
  call_.is_plain = false;
  call_.phase_nanoseconds = {};
  call_.phase_begin = call_.begin;
  call_.reported_in_phase = 0;
}

void operation::enter(phase next) noexcept {
  if (!detail::is_compiled_in || statement_ == nullptr) return;
  begin_phases();
  const std::uint64_t ticks = statement_->time().ticks();
  const std::uint64_t spent = statement_->time().nanoseconds_between(call_.phase_begin, ticks);
  const std::uint64_t reported = std::exchange(call_.reported_in_phase, 0);
  call_.phase_nanoseconds[static_cast<std::size_t>(call_.current_phase)] +=
      spent - std::min(spent, reported);
  call_.phase_begin = ticks;
  call_.current_phase = next;
}

void operation::spent(phase phase, std::chrono::nanoseconds time) noexcept {
  if (!detail::is_compiled_in || statement_ == nullptr || time.count() <= 0) return;
  begin_phases();
  const auto nanoseconds = static_cast<std::uint64_t>(time.count());
  call_.phase_nanoseconds[static_cast<std::size_t>(phase)] += nanoseconds;
  call_.reported_in_phase += nanoseconds;
}

void operation::answered_by(std::string_view model) noexcept {
  if (!detail::is_compiled_in || statement_ == nullptr) return;
  if (call_.failed && ending_ == nullptr) return;  // without memory for what it failed by
  const std::string* const name = statement_->find_or_make_model(model);
  if (name == nullptr) return;
  const outcome how = ending_ == nullptr ? outcome::ok() : ending_->ending.outcome;
  const detail::ending_series* const found = statement_->find_or_make_ending({how, name});
  // Past the series limit a call counts with the others of its statement.
  if (found == nullptr || found->duration.is_overflow()) return;
  ending_ = found;
  call_.is_plain = false;  // a call that is recorded the shortest way names no model
}

void operation::discard() noexcept {
  if (!detail::is_compiled_in || statement_ == nullptr) return;
  const statement& statement = *std::exchange(statement_, nullptr);
  if (call_.open != nullptr)
    call_.open->end_call(call_.open_number, statement.time().ticks(), call_.site);
  end_use(statement);
}

void operation::record(const statement& statement) noexcept {
  if (call_.is_plain) {
    const histogram& duration = ending_ == nullptr ? statement.duration_ : ending_->duration;
    detail::series& target = duration.target();
    if (!detail::try_record_with_next(target, call_.nanoseconds))
      detail::record_with_next_slow(target, call_.nanoseconds);
  } else {
    end_phases(statement);
  }
  if (call_.has_rows && !call_.failed) statement.record_rows(call_.rows);
}

void operation::record_rows_slow(const statement& statement) const noexcept {
  statement.record_rows(call_.rows);
}

void operation::add_to_ledger(const statement& statement, const outcome* failure) const noexcept {
  detail::ledger* const own =
      detail::innermost_of(statement.shown_as().recorder_id, detail::current_ledger);
  if (own != nullptr) own->add(statement, call_, failure);
}

void operation::add_to_transactions(const statement& statement, std::uint64_t end,
                                    std::uint64_t nanoseconds) const noexcept {
  if (call_.open != nullptr) call_.open->end_call(call_.open_number, end, call_.site);
  if (detail::current_transactions != nullptr) {
    detail::current_transactions->add_call(statement, nanoseconds, call_.site);
  }
}

// Time that no phase accounts for is of the phase that the call ends in.
void operation::end_phases(const statement& statement) noexcept {
  if (call_.has_phases) {
    const auto& times = call_.phase_nanoseconds;
    const std::uint64_t reported = std::accumulate(times.begin(), times.end(), std::uint64_t{0});
    if (reported < call_.nanoseconds) {
      call_.phase_nanoseconds[static_cast<std::size_t>(call_.current_phase)] +=
          call_.nanoseconds - reported;
    }
  }
  statement.record_in_phases(call_, ending_);
}

}  // namespace querytap
