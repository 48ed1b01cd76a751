#include <querytap/calls/transaction.hpp>

#include "backend_state.hpp"
#include "transaction_series.hpp"
#include "transactions_of_thread.hpp"

#include <querytap/calls/backend.hpp>
#include <querytap/recording/recorder.hpp>

#include <algorithm>
#include <exception>
#include <utility>

namespace querytap {
using stage = detail::transaction_series::stage;

void transaction::begin(const backend& backend, code_location site) noexcept {
  if (!detail::is_compiled_in) return;
  if (is_open()) end(transaction_end::lost, site);
  detail::backend_state& state = *backend.state_;
  if (!prepare(state)) return;
  backend_ = &state;
  ++number_;
  calls_in_flight_ = 0;
  calls_ = 0;
  to_first_ = between_ = last_idle_ = 0;
  longest_idle_ = {};
  begin_site_ = site;
  begin_ = backend.time().ticks();
  shown_->begin(number_, site);
  begin_idling(begin_, site);
  if (auto* const of_thread = detail::transactions_of_thread::find()) {
    of_thread->add(shown_, number_, state, state.recorder().id());
  }
}

// False without memory, and where the recorder is disabled.
bool transaction::prepare(detail::backend_state& backend) noexcept {
  if (!backend.recorder().enabled()) return false;
  try {
    static_cast<void>(backend.transactions());
    if (shown_ == nullptr) {
      shown_ = std::make_shared<detail::open_transaction>();
      backend.hub().watch(shown_, backend);
    }
    return true;
  } catch (const std::exception&) {
    return false;
  }
}

void transaction::end(transaction_end how, code_location site) noexcept {
  if (!is_open()) return;
  const clock& time = backend_->recorder().time();
  const std::uint64_t end = time.ticks();
  if (calls_in_flight_ == 0) last_idle_ += note_idle(end, site);
  const std::uint64_t nanoseconds = time.nanoseconds_between(begin_, end);
  const detail::transaction_series& series = backend_->transactions();
  series.duration(how).record(nanoseconds);
  series.idle(stage::first_query).record(to_first_);
  series.idle(stage::queries).record(between_);
  series.idle(stage::end).record(last_idle_);
  shown_->end();
  report(nanoseconds);
  backend_ = nullptr;
}

void transaction::report(std::uint64_t nanoseconds) noexcept {
  detail::foreign_calls foreign;
  if (detail::current_transactions != nullptr) {
    foreign = detail::current_transactions->remove(*shown_, number_);
  }
  // Time in which the application waited for another backend is not idle.
  const std::uint64_t idle =
      longest_idle_.nanoseconds - std::min(longest_idle_.nanoseconds, foreign.nanoseconds);
  detail::report_hub& hub = backend_->hub();
  if (foreign.calls == 0 && idle < hub.rules().idle_in_transaction()) return;
  hub.report({.backend = backend_,
              .began_at = begin_site_,
              .nanoseconds = nanoseconds,
              .idle = idle,
              .idle_after = longest_idle_.after,
              .idle_until = longest_idle_.until,
              .foreign = std::move(foreign)});
}

std::uint64_t transaction::begin_call(std::uint64_t ticks, code_location site) noexcept {
  if (calls_in_flight_++ == 0) end_idling(ticks, site);
  return number_;
}

// A call may end after the transaction in which it began: one whose rows are read late.
void transaction::end_call(std::uint64_t number, std::uint64_t ticks, code_location site) noexcept {
  if (!is_open() || number != number_ || calls_in_flight_ == 0) return;
  if (--calls_in_flight_ == 0) begin_idling(ticks, site);
}

void transaction::begin_idling(std::uint64_t ticks, code_location site) noexcept {
  idle_since_ = ticks;
  last_site_ = site;
  shown_->begin_idling(ticks, site);
}

void transaction::end_idling(std::uint64_t ticks, code_location site) noexcept {
  shown_->end_idling();
  const std::uint64_t idle = note_idle(ticks, site);
  if (calls_ == 1) to_first_ = last_idle_;
  if (calls_ > 1) between_ += last_idle_;
  last_idle_ = idle;
  ++calls_;
}

std::uint64_t transaction::note_idle(std::uint64_t ticks, code_location site) noexcept {
  const std::uint64_t idle = backend_->recorder().time().nanoseconds_between(idle_since_, ticks);
  if (idle >= longest_idle_.nanoseconds) longest_idle_ = {idle, last_site_, site};
  return idle;
}

}  // namespace querytap
