#include <querytap/policies/detail/pool_slots.hpp>

#include "../base/bounded_wait.hpp"
#include "pool_state.hpp"
#include "pool_waiter.hpp"
#include "valid_pool_options.hpp"

#include <querytap/calls/detail/ledger.hpp>
#include <querytap/recording/detail/pending.hpp>
#include <querytap/recording/recorder.hpp>

#include <algorithm>
#include <new>
#include <random>
#include <utility>

namespace querytap::detail {
namespace {

constexpr std::chrono::nanoseconds between_upkeeps = std::chrono::seconds{1};
constexpr std::chrono::milliseconds look_for_callers_every{1};

std::int64_t signed_count(std::size_t count) noexcept { return static_cast<std::int64_t>(count); }

std::uint64_t ticks_of_clock(const clock& time, std::chrono::nanoseconds duration) noexcept {
  return static_cast<std::uint64_t>(static_cast<double>(duration.count()) /
                                    time.nanoseconds_per_tick());
}

// A century is as good as never.
std::uint64_t ticks_or_never(const clock& time, std::chrono::milliseconds duration) noexcept {
  constexpr std::chrono::milliseconds century = std::chrono::hours{24 * 36'525};
  if (duration.count() == 0 || duration >= century) return pool_slot::never;
  return ticks_of_clock(time, duration);
}

std::uint64_t validate_ticks_of(const clock& time, const pool_options& options,
                                const pool_objects& objects) noexcept {
  if (!objects.has_validator) return pool_slot::never;
  return options.validate_after.count() == 0 ? 0 : ticks_or_never(time, options.validate_after);
}

}  // namespace

/// Keeps a pool usable in the child of a fork. What other threads of the parent had borrowed stays lent
/// there, and is replaced here; those that waited are not waited for.
class pool_slots::state::fork_guard final : public fork_hook {
 public:
  // Before the recorders' locks, as everywhere.
  explicit fork_guard(state& pool) : fork_hook{fork_stage::tasks}, pool_{pool} { add(); }
  ~fork_guard() { remove(); }

 private:
  void before_fork() noexcept override {
    pool_.mutex_.lock();
    own_leases_ = pool_.leases_of(report_hub::thread_number());
  }
  void in_parent() noexcept override { pool_.mutex_.unlock(); }
  void in_child() noexcept override {
    pool_.metrics_.pending_requests.add(-signed_count(pool_.queue_.size()));
    pool_.queue_.clear();
    pool_.show_waiting();
    pool_.replace_orphans(own_leases_);
    pool_.gate_.start_anew();
    pool_.view_.set_connecting(pool_.gate_.connecting());
    pool_.callers_inside_.store(0, std::memory_order_relaxed);
    // The parent's threads that drain() would be waited for when it is destroyed.
    new (&pool_.ended_) std::condition_variable;
    pool_.settle(pool_.time_.ticks());
    pool_.mutex_.unlock();
  }

  state& pool_;
  std::size_t own_leases_ = 0;
};

pool_slots::state::state(recorder& recorder, pool_options given,
                         std::unique_ptr<pool_objects> functions)
    : options_{valid_pool_options(std::move(given))},
      objects_{std::move(functions)},
      time_{recorder.time()},
      start_{time_.ticks()},
      idle_ticks_{ticks_or_never(time_, options_.idle_timeout)},
      life_ticks_{ticks_or_never(time_, options_.longest_life)},
      validate_ticks_{validate_ticks_of(time_, options_, *objects_)},
      examine_ticks_{std::min(idle_ticks_, validate_ticks_)},
      upkeep_ticks_{ticks_of_clock(time_, between_upkeeps)},
      recorder_id_{recorder.id()},
      hub_{recorder.part<report_hub>()},
      shown_as_{hub_.label_of_pool(options_.name)},
      metrics_{recorder, options_.name},
      view_{options_.name, bounded_wait(options_.held_after),
            time_,         recorder.options().source_root,
            slots_,        metrics_},
      upkeep_due_{start_ + upkeep_ticks_},
      gate_{options_.concurrent_connects,
            options_.random_seed != 0 ? options_.random_seed : std::random_device{}()},
      minimum_{options_.minimum},
      maximum_{options_.maximum} {
  slots_.grow(maximum_);
  empty_.resize(maximum_);
  // The first of them at the end, where they are taken.
  for (std::size_t i = 0; i < maximum_; ++i) {
    empty_[i] = static_cast<std::uint32_t>(maximum_ - 1 - i);
  }
  view_.set_limits(minimum_, maximum_);
  metrics_.change_limits(signed_count(minimum_), signed_count(maximum_));
  fork_guard_ = std::make_unique<fork_guard>(*this);
  hub_.register_pool(view_);
}

pool_slots::state::~state() { fork_guard_ = nullptr; }

std::size_t pool_slots::state::leases_of(std::uint64_t thread) const noexcept {
  std::size_t leases = 0;
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    if (slots_[i].lease.is_of(thread)) ++leases;
  }
  return leases;
}

void pool_slots::state::replace_orphans(std::size_t own_leases) noexcept {
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    slots_[i].is_idle.store(false, std::memory_order_relaxed);
  }
  std::size_t idle = 0;
  pool_slot* const top = idle_.take_all();
  pool_slot* last = top;
  for (pool_slot* slot = top; slot != nullptr; slot = idle_.below(*slot)) {
    slot->is_idle.store(true, std::memory_order_relaxed);
    last = slot;
    ++idle;
  }
  if (top != nullptr) idle_.put_chain(*top, *last);
  std::size_t lent = 0;
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    const bool is_idle = slots_[i].is_idle.load(std::memory_order_relaxed);
    if (!is_idle && slots_[i].object != nullptr) ++lent;
  }
  const std::size_t lost = lent - std::min(lent, own_leases + orphaned_lent_);
  metrics_.change(0, -signed_count(lost));
  orphaned_lent_ += lost;
  const std::size_t orphans = staying() - std::min(staying(), idle + own_leases);
  const std::size_t slots_before = slots_.size();
  try {
    empty_.reserve(slots_before + orphans);
    slots_.grow(slots_before + orphans);
    for (std::size_t slot = slots_before; slot < slots_before + orphans; ++slot) {
      empty_.push_back(static_cast<std::uint32_t>(slot));
    }
    orphaned_ += orphans;
  } catch (const std::bad_alloc&) {
    return;
  }
}

// What comes back.

void pool_slots::state::give_back(pool_slot& slot, bool is_reusable) noexcept {
  const std::uint64_t end = time_.ticks();
  const std::uint64_t used = time_.nanoseconds_between(slot.use_begin, end);
  last_pool_wait = 0;
  if (!try_record_with_next(metrics_.use_time.target(), used)) [[unlikely]]
    record_with_next_slow(metrics_.use_time.target(), used);
  slot.count_use(used);
  slot.lease.end();
  const bool is_simple = is_reusable && !objects_->has_reset && end < slot.expires_at &&
                         end < upkeep_due_.load(std::memory_order_relaxed);
  if (is_simple) [[likely]] {
    slot.begin_rest(end, examine_ticks_);
    slot.is_idle.store(true, std::memory_order_relaxed);
    metrics_.change(1, -1);
    // From here on the slot is another's, and the pool may have ended.
    if (idle_.put(slot)) return;
    slot.is_idle.store(false, std::memory_order_relaxed);
    metrics_.change(-1, 1);
  }
  give_back_slow(slot, is_reusable, end);
}

void pool_slots::state::give_back_slow(pool_slot& slot, bool is_reusable,
                                       std::uint64_t ticks) noexcept {
  metrics_.lease_lane();
  if (ticks >= upkeep_due_.load(std::memory_order_relaxed)) retire_old(ticks);
  is_reusable = is_reusable && ticks < slot.expires_at && (!objects_->has_reset || was_reset(slot));
  end_use(slot, is_reusable, ticks);
}

// Not once the pool is closed: the object is destroyed anyway, and what the application's function refers to
// may have ended with the pool, which waits for those that run.
bool pool_slots::state::was_reset(pool_slot& slot) noexcept {
  std::unique_lock lock{mutex_};
  if (is_closed_) return false;
  const caller_inside inside{*this};
  lock.unlock();
  return objects_->reset(slot.object);
}

void pool_slots::state::end_use(pool_slot& slot, bool is_reusable, std::uint64_t ticks) noexcept {
  std::unique_lock lock{mutex_};
  if (is_reusable && !is_closed_ && staying() <= maximum_) {
    put_back(slot, ticks);
  } else {
    ++retiring_;
    lock.unlock();
    destroy(slot);
    metrics_.change(0, -1);
    lock.lock();
    --retiring_;
    vacate(slot);
  }
  settle(ticks);
  const bool is_last = is_over();
  lock.unlock();
  if (is_last) delete owner_;
}

// Where callers must not be overtaken, the slot goes to the one that has waited longest.
void pool_slots::state::put_back(pool_slot& slot, std::uint64_t ticks) noexcept {
  slot.begin_rest(ticks, examine_ticks_);
  if (is_strict_ && !queue_.empty()) {
    waiter& first = *queue_.front();
    leave_queue(first);
    first.served = {&slot, idle_.count_taking(), false};
    // Under the lock: once the waiter can take it, its condition variable may be destroyed.
    first.changed.notify_one();
    return;
  }
  slot.is_idle.store(true, std::memory_order_relaxed);
  metrics_.change(1, -1);
  idle_.put_chain(slot, slot);
}

void pool_slots::state::destroy(pool_slot& slot) noexcept {
  objects_->destroy(std::exchange(slot.object, nullptr));
}

void pool_slots::state::vacate(pool_slot& slot) noexcept {
  slot.lease.end();
  empty_.push_back(slot.index);  // within its capacity
  --total_;
  if (is_closed_) ended_.notify_all();
}

// Without a borrower.

void pool_slots::state::warm_up() {
  for (std::size_t made = 0; made < minimum_; ++made) {
    std::unique_lock lock{mutex_};
    pool_slot& slot = begin_connect();
    lock.unlock();
    connect(slot);
    end_use(slot, true, time_.ticks());
  }
}

bool pool_slots::state::make_missing() noexcept {
  std::unique_lock lock{mutex_};
  if (is_closed_ || staying() >= minimum_ || !may_connect(time_.ticks())) return false;
  pool_slot& slot = begin_connect();
  lock.unlock();
  try {
    connect(slot);
  } catch (...) {
    return false;
  }
  end_use(slot, true, time_.ticks());
  return true;
}

void pool_slots::state::retire_old(std::uint64_t ticks) noexcept {
  std::unique_lock lock{mutex_};
  pool_slot* const first = unlink_old(ticks);
  static_cast<void>(latency_rises(ticks));
  upkeep_due_.store(staying() > maximum_ ? 0 : ticks + upkeep_ticks_, std::memory_order_relaxed);
  settle(ticks);
  lock.unlock();
  for (pool_slot* slot = first; slot != nullptr; slot = idle_.below(*slot)) destroy(*slot);
  lock.lock();
  for (pool_slot* slot = first; slot != nullptr;) {
    pool_slot* const next = idle_.below(*slot);
    --retiring_;
    vacate(*slot);
    slot = next;
  }
  settle(ticks);
}

// A chain of those that are to be destroyed.
pool_slot* pool_slots::state::unlink_old(std::uint64_t ticks) noexcept {
  pool_slot* oldest = nullptr;
  for (pool_slot* slot = idle_.take_all(); slot != nullptr;) {
    pool_slot* const next = idle_.below(*slot);
    idle_.set_below(*slot, oldest);
    oldest = slot;
    slot = next;
  }
  pool_slot* retired = nullptr;
  pool_slot* top = nullptr;
  pool_slot* bottom = nullptr;
  for (pool_slot* slot = oldest; slot != nullptr;) {
    pool_slot* const next = idle_.below(*slot);
    if (must_go(*slot, ticks)) {
      slot->is_idle.store(false, std::memory_order_relaxed);
      metrics_.change(-1, 0);
      ++retiring_;
      idle_.set_below(*slot, retired);
      retired = slot;
    } else {
      idle_.set_below(*slot, top);
      top = slot;
      if (bottom == nullptr) bottom = slot;
    }
    slot = next;
  }
  if (top != nullptr) idle_.put_chain(*top, *bottom);
  return retired;
}

bool pool_slots::state::must_go(const pool_slot& idle, std::uint64_t ticks) const noexcept {
  if (is_closed_ || ticks >= idle.expires_at || staying() > maximum_) return true;
  const bool was_idle_for_long =
      idle_ticks_ != pool_slot::never && ticks >= pool_slot::later(idle.idle_since, idle_ticks_);
  return was_idle_for_long && staying() > minimum_;
}

// Callers that wait leave by themselves.
void pool_slots::state::close() noexcept {
  {
    const std::lock_guard lock{mutex_};
    is_closed_ = true;
    for (waiter* const waiting : queue_) alert(*waiting);
    settle(time_.ticks());
  }
  retire_old(time_.ticks());
}

pool_slots::pool_slots(std::unique_ptr<state> made) noexcept : state_{std::move(made)} {}
pool_slots::~pool_slots() = default;

pool_slots* pool_slots::make(recorder& recorder, pool_options options,
                             std::unique_ptr<pool_objects> objects) {
  auto made = std::make_unique<state>(recorder, std::move(options), std::move(objects));
  auto* const slots = new pool_slots{std::move(made)};
  slots->state_->owner_ = slots;
  if (slots->state_->options_.warm_up_in_background) return slots;
  try {
    slots->state_->warm_up();
  } catch (...) {
    slots->close_and_release();
    throw;
  }
  return slots;
}

void pool_slots::close_and_release() noexcept {
  state& pool = *state_;
  pool.metrics_.lease_lane();
  pool.close();
  pool.hub_.unregister_pool(pool.view_);
  std::unique_lock lock{pool.mutex_};
  // Pairs with caller_inside: what callers that left have done to the state comes before its end.
  while (pool.callers_inside_.load(std::memory_order_acquire) > 0) {
    pool.ended_.wait_for(lock, look_for_callers_every);
  }
  pool.metrics_.change_limits(-signed_count(pool.minimum_), -signed_count(pool.maximum_));
  pool.is_abandoned_ = true;
  const bool is_last = pool.is_over();
  lock.unlock();
  if (is_last) delete this;
}

pool_slots::lent pool_slots::take(code_location site) { return state_->take(site); }

void pool_slots::give_back(pool_slot& slot, bool is_reusable) noexcept {
  state_->give_back(slot, is_reusable);
}

void pool_slots::resize(std::size_t minimum, std::size_t maximum) {
  state& pool = *state_;
  check_pool_limits(pool.options_.name, minimum, maximum);
  pool.metrics_.lease_lane();
  std::unique_lock lock{pool.mutex_};
  const std::size_t slots_before = pool.slots_.size();
  const std::size_t slots = maximum + pool.orphaned_;  // those of the parent's threads stay taken
  if (slots > slots_before) {
    pool.empty_.reserve(slots);
    pool.slots_.grow(slots);
    for (std::size_t slot = slots_before; slot < slots; ++slot) {
      pool.empty_.push_back(static_cast<std::uint32_t>(slot));
    }
  }
  pool.metrics_.change_limits(signed_count(minimum) - signed_count(pool.minimum_),
                              signed_count(maximum) - signed_count(pool.maximum_));
  pool.minimum_ = minimum;
  pool.maximum_ = maximum;
  pool.view_.set_limits(minimum, maximum);
  const std::uint64_t ticks = pool.time_.ticks();
  pool.settle(ticks);
  lock.unlock();
  pool.retire_old(ticks);
}

bool pool_slots::drain(std::chrono::milliseconds within) {
  state& pool = *state_;
  const auto deadline = std::chrono::steady_clock::now() + bounded_wait(within);
  pool.metrics_.lease_lane();
  pool.close();
  std::unique_lock lock{pool.mutex_};
  return pool.ended_.wait_until(lock, deadline, [&] { return pool.total_ <= pool.orphaned_; });
}

std::chrono::nanoseconds pool_slots::maintain() {
  state& pool = *state_;
  const state::caller_inside inside{pool};
  pool.metrics_.lease_lane();
  pool.retire_old(pool.time_.ticks());
  while (pool.make_missing()) {
  }
  const std::lock_guard lock{pool.mutex_};
  const std::uint64_t ticks = pool.time_.ticks();
  // The clock of the pool may be another than that by which callers wait.
  if (!pool.queue_.empty()) pool.alert(*pool.queue_.front());
  pool.settle(ticks);
  // When the next object may be made, if one is missing.
  if (pool.staying() < pool.minimum_) static_cast<void>(pool.may_connect(ticks));
  const auto time = pool.time_of(ticks);
  const bool waits_to_connect = pool.look_again_at_ > time;
  return waits_to_connect ? std::min(between_upkeeps, pool.look_again_at_ - time) : between_upkeeps;
}

pool_report pool_slots::report() const { return state_->view_.report(); }

std::size_t pool_slots::idle() const { return state_->view_.idle(); }

std::size_t pool_slots::used() const {
  const std::lock_guard lock{state_->mutex_};
  const std::size_t idle = state_->view_.idle();
  return state_->total_ - std::min(idle + state_->orphaned_, state_->total_);
}

}  // namespace querytap::detail
