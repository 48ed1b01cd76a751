#include "pool_state.hpp"
#include "pool_waiter.hpp"

#include "../base/bounded_wait.hpp"
#include "../calls/request_series.hpp"

#include <querytap/base/exception_outcome.hpp>
#include <querytap/calls/detail/ledger.hpp>
#include <querytap/calls/detail/ledger_phase.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

// What a caller of acquire() does: takes an idle slot, or waits for its turn, and makes the object usable.

namespace querytap::detail {
namespace {

// In a request, the time until a free slot is taken is the application's.
constexpr std::uint64_t shortest_shown_wait = 1000;  // nanoseconds
// A caller that has waited for longer is not overtaken. Shorter, and threads would take turns at each lease;
// longer, and the wait would be seen beside a query.
constexpr std::uint64_t longest_overtaken_wait = 1'000'000;  // nanoseconds

constexpr outcome out_of_patience = outcome::error("pool_timeout", {}, failure_kind::timeout);
constexpr outcome turned_away = outcome::error("pool_closed");

std::optional<outcome> outcome_of_pool_exception() noexcept {
  try {
    throw;
  } catch (const pool_timeout&) {
    return out_of_patience;
  } catch (const pool_closed&) {
    return turned_away;
  } catch (...) {
    return std::nullopt;
  }
}

const exception_classifier pool_exceptions{&outcome_of_pool_exception};

/// Adds the time from its construction to its destruction to a sum.
class added_time {
 public:
  added_time(const clock& time, std::uint64_t& sum) noexcept
      : time_{time}, sum_{sum}, begin_{time.ticks()} {}
  ~added_time() { sum_ += time_.nanoseconds_between(begin_, time_.ticks()); }
  added_time(const added_time&) = delete;
  added_time& operator=(const added_time&) = delete;

 private:
  const clock& time_;
  std::uint64_t& sum_;
  const std::uint64_t begin_;
};

// In the current request, of whichever backend is called next, or else of the pool.
ledger_phase phase_in_request(const clock& time, std::uint64_t recorder_id, phase phase,
                              std::string_view pool) noexcept {
  const bool is_ours = current_ledger != nullptr && current_ledger->recorder_id() == recorder_id;
  return {time, phase, {}, is_ours ? pool : std::string_view{}};
}

}  // namespace

pool_slots::lent pool_slots::state::take(code_location site) {
  const std::uint64_t begin = time_.ticks();
  const idle_stack::taken taken = idle_.take();
  if (taken.slot == nullptr || begin >= taken.slot->examine_at) [[unlikely]] {
    return take_slow({taken.slot, taken.number, taken.slot != nullptr}, begin, site);
  }
  pool_slot& slot = *taken.slot;
  slot.is_idle.store(false, std::memory_order_relaxed);
  metrics_.change(-1, 1);
  metrics_.wait_time.record(std::uint64_t{0});
  last_pool_wait = 0;
  if (current_ledger == nullptr) {
    slot.lease.begin(taken.number, begin, site, report_hub::thread_number(), {}, slot.request);
  } else {
    lend(slot, taken.number, begin, site);
  }
  slot.use_begin = begin;
  if (objects_->has_server_pid) show_server_pid(slot);
  return {&slot, slot.object};
}

void pool_slots::state::lend(pool_slot& slot, std::uint64_t number, std::uint64_t ticks,
                             code_location site) noexcept {
  std::string_view request;
  if (current_ledger != nullptr) {
    const ledger* const own = innermost_of(recorder_id_, current_ledger);
    if (own != nullptr) request = own->series()->name();
  }
  slot.lease.begin(number, ticks, site, report_hub::thread_number(), request, slot.request);
}

void pool_slots::state::show_server_pid(pool_slot& slot) noexcept {
  const std::uint32_t pid = objects_->server_pid(slot.object);
  if (pid != 0) slot.lease.set_server_pid(pid);
}

pool_slots::lent pool_slots::state::take_slow(taken_slot taken, std::uint64_t begin,
                                              code_location site) {
  const caller_inside inside{*this};
  metrics_.lease_lane();
  acquisition call{.begin = begin, .site = site};
  const auto record = [&] {
    metrics_.wait_time.record(call.queued);
    if (call.has_waited) metrics_.queueing.record(call.queued);
    if (call.connected != 0) metrics_.connecting.record(call.connected);
    if (call.validated != 0) metrics_.validating.record(call.validated);
  };
  try {
    do {
      if (taken.slot == nullptr) taken = obtain(call);
    } while (!make_usable(taken, call) && (taken = {}, true));
  } catch (...) {
    record();
    throw;
  }
  record();
  last_pool_wait = call.queued;
  taken.slot->use_begin = time_.ticks();
  if (objects_->has_server_pid) show_server_pid(*taken.slot);
  return {taken.slot, taken.slot->object};
}

// False if the object was no longer fit, and the slot is another's.
bool pool_slots::state::make_usable(const taken_slot& taken, acquisition& call) {
  pool_slot& slot = *taken.slot;
  lend(slot, taken.number, time_.ticks(), call.site);
  if (taken.was_idle) {
    slot.is_idle.store(false, std::memory_order_relaxed);
    metrics_.change(-1, 1);
  }
  if (slot.object != nullptr && !passes_examination(slot, call)) {
    give_back_slow(slot, false, time_.ticks());
    return false;
  }
  if (slot.object == nullptr) {
    const ledger_phase in_request =
        phase_in_request(time_, recorder_id_, phase::connect, shown_as_);
    const added_time connecting{time_, call.connected};
    connect(slot);
  }
  return true;
}

bool pool_slots::state::passes_examination(pool_slot& slot, acquisition& call) noexcept {
  const std::uint64_t ticks = time_.ticks();
  if (ticks >= slot.expires_at) return false;
  if (idle_ticks_ != pool_slot::never && ticks - std::min(ticks, slot.idle_since) >= idle_ticks_) {
    const std::lock_guard lock{mutex_};
    if (staying() > minimum_) return false;
  }
  const bool must_validate = validate_ticks_ != pool_slot::never &&
                             ticks - std::min(ticks, slot.idle_since) >= validate_ticks_;
  if (!must_validate) return true;
  const ledger_phase in_request = phase_in_request(time_, recorder_id_, phase::validate, shown_as_);
  const added_time validating{time_, call.validated};
  return objects_->is_valid(slot.object);
}

void pool_slots::state::connect(pool_slot& slot) {
  const std::uint64_t begin = time_.ticks();
  try {
    slot.object = objects_->make();
  } catch (...) {
    const std::uint64_t end = time_.ticks();
    const std::lock_guard lock{mutex_};
    gate_.failed(time_of(end));
    view_.set_connecting(gate_.connecting());
    vacate(slot);
    settle(end);
    throw;
  }
  const std::uint64_t end = time_.ticks();
  metrics_.create_time.record(time_.nanoseconds_between(begin, end));
  metrics_.change(0, 1);
  const std::lock_guard lock{mutex_};
  const double share_of_life = 1 - 0.1 * gate_.chance();
  slot.expires_at =
      life_ticks_ == pool_slot::never
          ? pool_slot::never
          : end + static_cast<std::uint64_t>(share_of_life * static_cast<double>(life_ticks_));
  gate_.succeeded();
  view_.set_connecting(gate_.connecting());
  settle(end);
}

pool_slots::state::taken_slot pool_slots::state::obtain(acquisition& call) {
  const std::uint64_t begin = std::exchange(call.has_asked, true) ? time_.ticks() : call.begin;
  std::unique_lock lock{mutex_};
  taken_slot taken;
  if (!is_closed_ && !is_strict_) taken = look(begin, queue_.empty());
  if (!is_closed_ && taken.slot == nullptr) {
    if (!std::exchange(call.has_waited, true)) {
      call.deadline = std::chrono::steady_clock::now() + bounded_wait(options_.acquisition_timeout);
      note_nesting(call.site);
    }
    taken = wait_for_slot(lock, call);
  }
  const bool is_closed = is_closed_;
  const bool gives_up = !is_closed && taken.slot == nullptr;
  const std::string reason = gives_up ? what_is_missing() : std::string{};
  lock.unlock();

  const std::uint64_t spent = time_.nanoseconds_between(begin, time_.ticks());
  call.queued += spent;
  waited(begin, spent, taken.slot == nullptr);
  if (taken.slot != nullptr) return taken;
  if (gives_up) give_up(reason);
  current_request_failed(turned_away);
  throw pool_closed{fmt::format("querytap: pool '{}' is closed", options_.name)};
}

std::string pool_slots::state::what_is_missing() const {
  const auto patience = options_.acquisition_timeout.count();
  const std::uint64_t failures = gate_.failures_in_a_row();
  const std::size_t connecting = gate_.connecting();
  if (failures != 0) {
    return fmt::format("nothing to lend for {} ms; create() failed {} times in a row", patience,
                       failures);
  }
  if (connecting != 0) {
    return fmt::format("nothing to lend for {} ms; create() is at work on {} of {}", patience,
                       connecting, maximum_);
  }
  if (staying() < maximum_ && gate_.latency_rises()) {
    return fmt::format("all {} in use for {} ms; no more are made while the server is slow",
                       staying(), patience);
  }
  return fmt::format("all {} in use for {} ms", maximum_, patience);
}

void pool_slots::state::give_up(std::string_view reason) {
  metrics_.timeouts.add();
  current_request_failed(out_of_patience);
  view_.count_timeout();
  throw pool_timeout{fmt::format("querytap: pool '{}': {}", options_.name, reason)};
}

// In the request of this pool's recorder, whose ledger may name the pool as long as it likes; a request
// of another recorder learns of the time alone.
void pool_slots::state::waited(std::uint64_t begin, std::uint64_t nanoseconds,
                               bool failed) const noexcept {
  last_pool_wait = nanoseconds;
  if (current_ledger == nullptr || (nanoseconds < shortest_shown_wait && !failed)) return;
  if (ledger* const own = innermost_of(recorder_id_, current_ledger)) {
    own->add_wait({shown_as_, begin, nanoseconds, failed});
  } else {
    current_ledger->add(phase::pool_wait, nanoseconds);
  }
}

void pool_slots::state::note_nesting(code_location site) noexcept {
  const std::uint64_t thread = report_hub::thread_number();
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    const lease_record& lease = slots_[i].lease;
    if (lease.is_of(thread)) return view_.count_nested(site, lease.site());
  }
}

pool_slots::state::taken_slot pool_slots::state::wait_for_slot(std::unique_lock<std::mutex>& lock,
                                                               const acquisition& call) {
  waiter self{call.begin};
  // One whose object was not fit has its place among the others, by when it came.
  queue_.insert(std::ranges::upper_bound(queue_, self.begin, {}, &waiter::begin), &self);
  metrics_.pending_requests.add(1);
  show_waiting();
  settle(time_.ticks());
  for (;;) {
    wait_for_alert(lock, self, call);
    if (self.served.slot != nullptr || is_closed_) break;
    const std::uint64_t ticks = time_.ticks();
    const bool is_first = queue_.front() == &self;
    if (is_first || self.is_alerted) {
      self.is_alerted = false;
      self.served = look(ticks, is_first);
      if (self.served.slot != nullptr) break;
      if (is_first && time_.nanoseconds_between(self.begin, ticks) >= longest_overtaken_wait) {
        is_strict_ = true;
      }
    }
    if (std::chrono::steady_clock::now() >= call.deadline) break;
    settle(ticks);
  }
  leave_queue(self);
  metrics_.pending_requests.add(-1);
  settle(time_.ticks());
  return self.served;
}

void pool_slots::state::wait_for_alert(std::unique_lock<std::mutex>& lock, waiter& self,
                                       const acquisition& call) {
  auto until = call.deadline;
  self.looks_again_at = std::chrono::nanoseconds{0};
  const auto time = time_of(time_.ticks());
  if (queue_.front() == &self && look_again_at_ > time) {
    self.looks_again_at = look_again_at_;
    until = std::min(until, std::chrono::steady_clock::now() + (look_again_at_ - time));
  }
  self.changed.wait_until(
      lock, until, [&] { return self.is_alerted || self.served.slot != nullptr || is_closed_; });
}

pool_slots::state::taken_slot pool_slots::state::look(std::uint64_t ticks, bool is_first) noexcept {
  const idle_stack::taken idle = idle_.take(idle_stack::closed);
  if (idle.slot != nullptr) return {idle.slot, idle.number, true};
  if (!is_first || !may_connect(ticks)) return {};
  return {&begin_connect(), idle_.count_taking(), false};
}

void pool_slots::state::leave_queue(waiter& self) noexcept {
  std::erase(queue_, &self);
  show_waiting();
}

void pool_slots::state::show_waiting() noexcept {
  view_.set_waiting(queue_.size(), queue_.empty() ? 0 : queue_.front()->begin);
}

void pool_slots::state::alert(waiter& waiting) noexcept {
  waiting.is_alerted = true;
  waiting.changed.notify_one();
}

// Who changes what waiting callers look for, or who they are, ends with this: the first of them is alerted if there
// is something for it, and the marks say what holds.
void pool_slots::state::settle(std::uint64_t ticks) noexcept {
  std::uint64_t marks = 0;
  if (is_closed_) marks |= idle_stack::closed;
  if (queue_.empty()) {
    is_strict_ = false;
    static_cast<void>(idle_.set_marks(marks, false));
    return;
  }
  waiter& first = *queue_.front();
  if (time_.nanoseconds_between(first.begin, ticks) < longest_overtaken_wait) is_strict_ = false;
  if (!first.is_alerted) {
    const bool may_make = may_connect(ticks);
    const bool must_set_its_alarm =
        look_again_at_ > time_of(ticks) && first.looks_again_at != look_again_at_;
    if (may_make || must_set_its_alarm) alert(first);
  }
  marks |= idle_stack::waiting;
  if (is_strict_) marks |= idle_stack::strict;
  if (!first.is_alerted && idle_.set_marks(marks, true)) return;
  if (!first.is_alerted) alert(first);
  static_cast<void>(idle_.set_marks(marks | idle_stack::alerted, false));
}

bool pool_slots::state::may_connect(std::uint64_t ticks) noexcept {
  look_again_at_ = std::chrono::nanoseconds{0};
  if (is_closed_ || staying() >= maximum_ || empty_.empty()) return false;
  if (!gate_.is_open(time_of(ticks))) {
    look_again_at_ = gate_.retry_at();
    return false;
  }
  const std::size_t connected = staying() - std::min(staying(), gate_.connecting());
  if (connected < std::max<std::size_t>(1, minimum_) || !latency_rises(ticks)) return true;
  look_again_at_ = gate_.next_look();
  return false;
}

bool pool_slots::state::latency_rises(std::uint64_t ticks) noexcept {
  const auto time = time_of(ticks);
  if (time < gate_.next_look()) return gate_.latency_rises();
  std::uint64_t uses = 0;
  std::uint64_t used_nanoseconds = 0;
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    uses += slots_[i].uses.load(std::memory_order_relaxed);
    used_nanoseconds += slots_[i].used_nanoseconds.load(std::memory_order_relaxed);
  }
  gate_.look(time, uses, used_nanoseconds);
  return gate_.latency_rises();
}

pool_slot& pool_slots::state::begin_connect() noexcept {
  pool_slot& slot = slots_[empty_.back()];
  empty_.pop_back();
  ++total_;
  gate_.begin();
  view_.set_connecting(gate_.connecting());
  return slot;
}

}  // namespace querytap::detail
