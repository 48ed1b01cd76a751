#include <querytap/policies/detail/pool_slots.hpp>

#include "../base/bounded_wait.hpp"
#include "../base/fork_hooks.hpp"
#include "../calls/reports/report_hub.hpp"
#include "../calls/request_series.hpp"
#include "pool_leases.hpp"

#include <querytap/base/error.hpp>
#include <querytap/base/exception_outcome.hpp>
#include <querytap/calls/detail/ledger.hpp>
#include <querytap/recording/counter.hpp>
#include <querytap/recording/histogram.hpp>
#include <querytap/recording/recorder.hpp>
#include <querytap/snapshot/catalog.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace querytap::detail {
namespace {

// Far beyond any server's connection limit, and below what a negative number turns into.
constexpr std::size_t most_slots = 65536;
// In a request, the time until a free slot is taken is the application's.
constexpr std::uint64_t shortest_shown_wait = 1000;  // nanoseconds

pool_options validated_pool_options(pool_options options) {
  const auto refuse = [&](std::string_view option, auto value, std::string_view reason) {
    throw configuration_error{option, fmt::format("{}", value),
                              fmt::format("pool '{}': {}", options.name, reason)};
  };
  if (options.name.empty()) throw configuration_error{"name", "", "a pool needs a name"};
  if (options.maximum == 0 || options.maximum > most_slots) {
    refuse("maximum", options.maximum, fmt::format("expected 1 to {}", most_slots));
  }
  if (options.minimum > options.maximum) {
    refuse("minimum", options.minimum,
           fmt::format("expected no more than the maximum of {}", options.maximum));
  }
  if (options.acquisition_timeout < std::chrono::milliseconds::zero()) {
    refuse("acquisition_timeout", fmt::format("{} ms", options.acquisition_timeout.count()),
           "expected no less than 0 ms");
  }
  if (options.held_after < std::chrono::milliseconds::zero()) {
    refuse("held_after", fmt::format("{} ms", options.held_after.count()),
           "expected no less than 0 ms");
  }
  return options;
}

constexpr outcome out_of_patience = outcome::error("pool_timeout", {}, failure_kind::timeout);

std::optional<outcome> outcome_of_pool_exception() noexcept {
  try {
    throw;
  } catch (const pool_timeout&) {
    return out_of_patience;
  } catch (...) {
    return std::nullopt;
  }
}

const exception_classifier pool_exceptions{&outcome_of_pool_exception};

std::int64_t signed_count(std::size_t count) noexcept { return static_cast<std::int64_t>(count); }

}  // namespace

/// What a pool of slots consists of; out of the header, as it is long to compile.
struct pool_slots::state {
  state(recorder& recorder, pool_options given);
  state(const state&) = delete;
  state& operator=(const state&) = delete;
  ~state();

  struct waiter;
  class fork_guard;

  // No thread takes its first lane under the lock: that may destroy a recorder that has ended, which
  // waits for a fork, which waits for the lock.
  void lease_lane() noexcept { used_count_.add(0); }

  /// A slot that was taken, which lease it is for, and since when.
  struct taken_slot {
    std::size_t slot;
    std::uint64_t lease;
    std::uint64_t ticks;
  };

  [[nodiscard]] taken_slot take_free(std::uint64_t begin);
  [[nodiscard]] taken_slot wait_for_slot(std::unique_lock<std::mutex>& lock, std::uint64_t begin);
  void show_waiting() noexcept;
  void waited(std::uint64_t begin, std::uint64_t end, bool failed) noexcept;
  [[nodiscard]] std::string_view request_name() const noexcept;
  [[nodiscard]] std::uint64_t since(std::uint64_t begin) const noexcept {
    return time_.nanoseconds_between(begin, time_.ticks());
  }

  const pool_options options_;
  const clock& time_;
  const std::uint64_t recorder_id_;
  report_hub& hub_;
  const std::string_view shown_as_;  // "pool " and the name; alive as long as the recorder
  const std::unique_ptr<pool_leases> leases_;

  up_down_counter idle_count_;
  up_down_counter used_count_;
  up_down_counter idle_max_;
  up_down_counter idle_min_;
  up_down_counter max_;
  up_down_counter pending_requests_;
  counter timeouts_;
  histogram create_time_;
  histogram wait_time_;
  histogram use_time_;

  // While a slot is free no caller waits: give_back() serves the queue first.
  mutable std::mutex mutex_;
  std::vector<std::size_t> filled_;
  std::vector<std::size_t> empty_;
  std::deque<waiter*> queue_;
  std::size_t waiting_ = 0;  // in the queue, or just served
  std::uint64_t last_lease_ = 0;

  std::unique_ptr<fork_guard> fork_guard_;  // the last: a fork may call it at once
};

struct pool_slots::state::waiter {
  std::uint64_t begin;  // ticks
  std::condition_variable served = {};
  bool has_slot = false;
  std::size_t slot = 0;
};

/// Keeps a pool usable in the child of a fork. What other threads of the parent had borrowed stays
/// lent there; those that waited are not waited for.
class pool_slots::state::fork_guard final : public fork_hook {
 public:
  // Before the recorders' locks, as everywhere.
  explicit fork_guard(state& slots) : fork_hook{fork_stage::tasks}, slots_{slots} { add(); }
  ~fork_guard() { remove(); }

 private:
  void before_fork() noexcept override { slots_.mutex_.lock(); }
  void in_parent() noexcept override { slots_.mutex_.unlock(); }
  void in_child() noexcept override {
    slots_.pending_requests_.add(-signed_count(std::exchange(slots_.waiting_, 0)));
    slots_.queue_.clear();
    slots_.show_waiting();
    slots_.mutex_.unlock();
  }

  state& slots_;
};

pool_slots::state::state(recorder& recorder, pool_options given)
    : options_{validated_pool_options(std::move(given))},
      time_{recorder.time()},
      recorder_id_{recorder.id()},
      hub_{recorder.part<report_hub>()},
      shown_as_{hub_.label_of_pool(options_.name)},
      leases_{std::make_unique<pool_leases>(options_, time_, recorder.options().source_root)} {
  const attributes labels{{"db.client.connection.pool.name", options_.name}};
  const auto bind_count = [&](std::string_view name) {
    attributes with_state = labels;
    with_state.set({"db.client.connection.state", name});
    return recorder.bind_up_down_counter(catalog::connection_count, with_state);
  };
  idle_count_ = bind_count("idle");
  used_count_ = bind_count("used");
  idle_max_ = recorder.bind_up_down_counter(catalog::connection_idle_max, labels);
  idle_min_ = recorder.bind_up_down_counter(catalog::connection_idle_min, labels);
  max_ = recorder.bind_up_down_counter(catalog::connection_max, labels);
  pending_requests_ = recorder.bind_up_down_counter(catalog::connection_pending_requests, labels);
  timeouts_ = recorder.bind_counter(catalog::connection_timeouts, labels);
  create_time_ = recorder.bind_histogram(catalog::connection_create_time, labels);
  wait_time_ = recorder.bind_histogram(catalog::connection_wait_time, labels);
  use_time_ = recorder.bind_histogram(catalog::connection_use_time, labels);

  filled_.reserve(options_.maximum);
  empty_.resize(options_.maximum);
  for (std::size_t slot = 0; slot < empty_.size(); ++slot) empty_[slot] = slot;

  idle_max_.add(signed_count(options_.maximum));
  idle_min_.add(signed_count(options_.minimum));
  max_.add(signed_count(options_.maximum));
  fork_guard_ = std::make_unique<fork_guard>(*this);
  hub_.register_pool(*leases_);
}

pool_slots::state::~state() {
  hub_.unregister_pool(*leases_);
  fork_guard_ = nullptr;
  idle_count_.add(-signed_count(filled_.size()));
  idle_max_.add(-signed_count(options_.maximum));
  idle_min_.add(-signed_count(options_.minimum));
  max_.add(-signed_count(options_.maximum));
}

std::size_t pool_slots::take(code_location site) {
  const state::taken_slot taken = state_->take_free(ticks());
  state_->leases_->begin(taken.slot, taken.lease, taken.ticks, site, state_->request_name());
  return taken.slot;
}

pool_slots::state::taken_slot pool_slots::state::take_free(std::uint64_t begin) {
  lease_lane();
  std::unique_lock lock{mutex_};
  if (filled_.empty() && empty_.empty()) return wait_for_slot(lock, begin);

  const bool is_filled = !filled_.empty();
  std::vector<std::size_t>& slots = is_filled ? filled_ : empty_;
  const std::size_t slot = slots.back();
  slots.pop_back();
  if (is_filled) {
    idle_count_.add(-1);
    used_count_.add(1);
  }
  const taken_slot taken{slot, ++last_lease_, time_.ticks()};
  waited(begin, taken.ticks, false);
  return taken;
}

// In the request of this pool's recorder, whose ledger may name the pool as long as it likes; a request
// of another recorder learns of the time alone.
void pool_slots::state::waited(std::uint64_t begin, std::uint64_t end, bool failed) noexcept {
  last_pool_wait = time_.nanoseconds_between(begin, end);
  wait_time_.record(last_pool_wait);
  if (current_ledger == nullptr || (last_pool_wait < shortest_shown_wait && !failed)) return;
  if (ledger* const own = innermost_of(recorder_id_, current_ledger)) {
    own->add_wait({shown_as_, begin, last_pool_wait, failed});
  } else {
    current_ledger->add(phase::pool_wait, last_pool_wait);
  }
}

std::string_view pool_slots::state::request_name() const noexcept {
  const ledger* const own = innermost_of(recorder_id_, current_ledger);
  return own == nullptr ? std::string_view{} : std::string_view{own->series()->name()};
}

ledger_phase pool_slots::time_in_request(phase phase) const noexcept {
  const bool is_ours =
      current_ledger != nullptr && current_ledger->recorder_id() == state_->recorder_id_;
  return {state_->time_, phase, {}, is_ours ? state_->shown_as_ : std::string_view{}};
}

pool_slots::state::taken_slot pool_slots::state::wait_for_slot(std::unique_lock<std::mutex>& lock,
                                                               std::uint64_t begin) {
  const auto patience = bounded_wait(options_.acquisition_timeout);
  waiter self{begin};
  queue_.push_back(&self);
  ++waiting_;
  pending_requests_.add(1);
  show_waiting();
  self.served.wait_for(lock, patience, [&] { return self.has_slot; });
  --waiting_;
  pending_requests_.add(-1);
  const std::uint64_t end = time_.ticks();
  // Callers that gave up count as well: without them the histogram would look best when all time
  // out.
  waited(begin, end, !self.has_slot);
  if (self.has_slot) return {self.slot, ++last_lease_, end};

  std::erase(queue_, &self);
  show_waiting();
  timeouts_.add();
  current_request_failed(out_of_patience);
  leases_->count_timeout();
  throw pool_timeout{fmt::format("querytap: pool '{}': all {} in use for {} ms", options_.name,
                                 options_.maximum, options_.acquisition_timeout.count())};
}

void pool_slots::state::show_waiting() noexcept {
  leases_->set_waiting(queue_.size(), queue_.empty() ? 0 : queue_.front()->begin);
}

void pool_slots::set_server_pid(std::size_t slot, std::uint32_t pid) noexcept {
  if (pid != 0) state_->leases_->set_server_pid(slot, pid);
}

std::size_t pool_slots::take_empty() {
  const std::lock_guard lock{state_->mutex_};
  const std::size_t slot = state_->empty_.back();
  state_->empty_.pop_back();
  return slot;
}

void pool_slots::give_back(std::size_t slot, bool filled) noexcept {
  state_->lease_lane();
  state_->leases_->end(slot);
  const std::lock_guard lock{state_->mutex_};
  if (!state_->queue_.empty()) {
    state::waiter& first = *state_->queue_.front();
    state_->queue_.pop_front();
    state_->show_waiting();
    first.slot = slot;
    first.has_slot = true;
    // Under the lock: once the waiter can take it, its condition variable may be destroyed.
    first.served.notify_one();
    return;
  }
  (filled ? state_->filled_ : state_->empty_).push_back(slot);
  if (filled) {
    state_->used_count_.add(-1);
    state_->idle_count_.add(1);
  }
}

void pool_slots::created_since(std::uint64_t begin) noexcept {
  state_->create_time_.record(state_->since(begin));
  state_->used_count_.add(1);
}

void pool_slots::used_since(std::uint64_t begin) noexcept {
  last_pool_wait = 0;
  state_->use_time_.record(state_->since(begin));
}

void pool_slots::destroyed() noexcept { state_->used_count_.add(-1); }

std::size_t pool_slots::idle() const {
  const std::lock_guard lock{state_->mutex_};
  return state_->filled_.size();
}

std::size_t pool_slots::used() const {
  const std::lock_guard lock{state_->mutex_};
  return state_->options_.maximum - state_->filled_.size() - state_->empty_.size();
}

pool_slots::pool_slots(recorder& recorder, pool_options options)
    : state_{std::make_unique<state>(recorder, std::move(options))} {}
pool_slots::~pool_slots() = default;

const pool_options& pool_slots::options() const noexcept { return state_->options_; }
std::uint64_t pool_slots::ticks() const noexcept { return state_->time_.ticks(); }

}  // namespace querytap::detail
