#include <querytap/policies/pool_slots.hpp>

#include "../base/bounded_wait.hpp"
#include "../base/fork_hooks.hpp"

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
  std::condition_variable served;
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
    slots_.mutex_.unlock();
  }

  pool_slots& slots_;
};

pool_slots::pool_slots(recorder& recorder, pool_options options)
    : options_{validated_pool_options(std::move(options))}, time_{recorder.time()} {
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
}

pool_slots::~pool_slots() {
  fork_guard_ = nullptr;
  idle_count_.add(-signed_count(filled_.size()));
  idle_max_.add(-signed_count(options_.maximum));
  idle_min_.add(-signed_count(options_.minimum));
  max_.add(-signed_count(options_.maximum));
}

std::size_t pool_slots::take() {
  const ledger_phase in_request{time_, phase::pool_wait};
  const std::uint64_t begin = ticks();
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
  waited_since(begin);
  return slot;
}

void pool_slots::waited_since(std::uint64_t begin) noexcept {
  last_pool_wait = since(begin);
  wait_time_.record(last_pool_wait);
}

std::size_t pool_slots::wait_for_slot(std::unique_lock<std::mutex>& lock, std::uint64_t begin) {
  const auto patience = bounded_wait(options_.acquisition_timeout);
  waiter self;
  queue_.push_back(&self);
  ++waiting_;
  pending_requests_.add(1);
  self.served.wait_for(lock, patience, [&] { return self.has_slot; });
  --waiting_;
  pending_requests_.add(-1);
  // Callers that gave up count as well: without them the histogram would look best when all time
  // out.
  waited_since(begin);
  if (self.has_slot) return self.slot;

  std::erase(queue_, &self);
  timeouts_.add();
  current_request_failed(out_of_patience);
  throw pool_timeout{fmt::format("querytap: pool '{}': all {} in use for {} ms", options_.name,
                                 options_.maximum, options_.acquisition_timeout.count())};
}

std::size_t pool_slots::take_empty() {
  const std::lock_guard lock{mutex_};
  const std::size_t slot = empty_.back();
  empty_.pop_back();
  return slot;
}

void pool_slots::give_back(std::size_t slot, bool filled) noexcept {
  lease_lane();
  const std::lock_guard lock{mutex_};
  if (!queue_.empty()) {
    waiter& first = *queue_.front();
    queue_.pop_front();
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
