#include <querytap/policies/detail/pool_slots.hpp>

#include "../base/bounded_wait.hpp"
#include "../base/fork_hooks.hpp"
#include "../calls/reports/report_hub.hpp"
#include "../calls/request_series.hpp"
#include "pool_leases.hpp"

#include <querytap/base/error.hpp>
#include <querytap/base/exception_outcome.hpp>
#include <querytap/calls/detail/ledger.hpp>
#include <querytap/snapshot/catalog.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <condition_variable>
#include <optional>
#include <string_view>
#include <utility>

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

struct pool_slots::waiter {
  std::uint64_t begin;  // ticks
  std::condition_variable served = {};
  bool has_slot = false;
  std::size_t slot = 0;
};

/// Keeps a pool usable in the child of a fork. What other threads of the parent had borrowed stays
/// lent there; those that waited are not waited for.
class pool_slots::fork_guard final : public fork_hook {
 public:
  // Before the recorders' locks, as everywhere.
  explicit fork_guard(pool_slots& slots) : fork_hook{fork_stage::tasks}, slots_{slots} { add(); }
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

  pool_slots& slots_;
};

pool_slots::pool_slots(recorder& recorder, pool_options options)
    : options_{validated_pool_options(std::move(options))},
      time_{recorder.time()},
      recorder_id_{recorder.id()},
      hub_{recorder.part<report_hub>()},
      shown_as_{hub_.label_of_pool(options_.name)},
      leases_{std::make_unique<pool_leases>(options_, time_, recorder.options().source_root)} {
  const attributes labels{{"db.client.connection.pool.name", options_.name}};
  const auto bind_count = [&](std::string_view state) {
    attributes with_state = labels;
    with_state.set({"db.client.connection.state", state});
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

pool_slots::~pool_slots() {
  hub_.unregister_pool(*leases_);
  fork_guard_ = nullptr;
  idle_count_.add(-signed_count(filled_.size()));
  idle_max_.add(-signed_count(options_.maximum));
  idle_min_.add(-signed_count(options_.minimum));
  max_.add(-signed_count(options_.maximum));
}

std::size_t pool_slots::take(code_location site) {
  const taken_slot taken = take_free(ticks());
  leases_->begin(taken.slot, taken.lease, taken.ticks, site, request_name());
  return taken.slot;
}

pool_slots::taken_slot pool_slots::take_free(std::uint64_t begin) {
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
  const taken_slot taken{slot, ++last_lease_, ticks()};
  waited(begin, taken.ticks, false);
  return taken;
}

// In the request of this pool's recorder, whose ledger may name the pool as long as it likes; a request
// of another recorder learns of the time alone.
void pool_slots::waited(std::uint64_t begin, std::uint64_t end, bool failed) noexcept {
  last_pool_wait = time_.nanoseconds_between(begin, end);
  wait_time_.record(last_pool_wait);
  if (current_ledger == nullptr || (last_pool_wait < shortest_shown_wait && !failed)) return;
  if (ledger* const own = innermost_of(recorder_id_, current_ledger)) {
    own->add_wait({shown_as_, begin, last_pool_wait, failed});
  } else {
    current_ledger->add(phase::pool_wait, last_pool_wait);
  }
}

std::string_view pool_slots::request_name() const noexcept {
  const ledger* const own = innermost_of(recorder_id_, current_ledger);
  return own == nullptr ? std::string_view{} : std::string_view{own->series()->name()};
}

ledger_phase pool_slots::time_in_request(phase phase) const noexcept {
  const bool is_ours = current_ledger != nullptr && current_ledger->recorder_id() == recorder_id_;
  return {time_, phase, {}, is_ours ? shown_as_ : std::string_view{}};
}

pool_slots::taken_slot pool_slots::wait_for_slot(std::unique_lock<std::mutex>& lock,
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
  const std::uint64_t end = ticks();
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

void pool_slots::show_waiting() noexcept {
  leases_->set_waiting(queue_.size(), queue_.empty() ? 0 : queue_.front()->begin);
}

void pool_slots::set_server_pid(std::size_t slot, std::uint32_t pid) noexcept {
  if (pid != 0) leases_->set_server_pid(slot, pid);
}

std::size_t pool_slots::take_empty() {
  const std::lock_guard lock{mutex_};
  const std::size_t slot = empty_.back();
  empty_.pop_back();
  return slot;
}

void pool_slots::give_back(std::size_t slot, bool filled) noexcept {
  lease_lane();
  leases_->end(slot);
  const std::lock_guard lock{mutex_};
  if (!queue_.empty()) {
    waiter& first = *queue_.front();
    queue_.pop_front();
    show_waiting();
    first.slot = slot;
    first.has_slot = true;
    // Under the lock: once the waiter can take it, its condition variable may be destroyed.
    first.served.notify_one();
    return;
  }
  (filled ? filled_ : empty_).push_back(slot);
  if (filled) {
    used_count_.add(-1);
    idle_count_.add(1);
  }
}

void pool_slots::created_since(std::uint64_t begin) noexcept {
  create_time_.record(since(begin));
  used_count_.add(1);
}

void pool_slots::used_since(std::uint64_t begin) noexcept {
  last_pool_wait = 0;
  use_time_.record(since(begin));
}

void pool_slots::destroyed() noexcept { used_count_.add(-1); }

std::size_t pool_slots::idle() const {
  const std::lock_guard lock{mutex_};
  return filled_.size();
}

std::size_t pool_slots::used() const {
  const std::lock_guard lock{mutex_};
  return options_.maximum - filled_.size() - empty_.size();
}

}  // namespace querytap::detail
