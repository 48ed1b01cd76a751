#include "pool_view.hpp"

#include <querytap/snapshot/call_site.hpp>

#include <algorithm>
#include <utility>

namespace querytap::detail {

pool_view::pool_view(std::string name, std::chrono::nanoseconds held_after, const clock& time,
                     std::string_view source_root, const slot_table& slots,
                     const pool_metrics& metrics)
    : name_{std::move(name)},
      held_after_{held_after},
      time_{time},
      source_root_{source_root},
      slots_{slots},
      metrics_{metrics},
      made_at_{time.ticks()} {}

std::size_t pool_view::idle() const noexcept {
  std::size_t idle = 0;
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    const pool_slot& slot = slots_[i];
    if (slot.is_idle.load(std::memory_order_relaxed)) ++idle;
  }
  return idle;
}

pool_report pool_view::report() const {
  pool_report state{.name = name_,
                    .maximum = maximum_.load(std::memory_order_relaxed),
                    .waiting = waiting_.load(std::memory_order_relaxed),
                    .timeouts = timeouts_.load(std::memory_order_relaxed),
                    .held_after = held_after_};
  state.minimum = minimum_.load(std::memory_order_relaxed);
  state.idle = idle();
  state.connecting = connecting_.load(std::memory_order_relaxed);
  state.age = age_of(made_at_);
  state.nested = nested_.load(std::memory_order_relaxed);
  if (state.nested != 0) {
    const auto line = [&](const std::atomic<const void*>& pointer) {
      return site_of(code_location::at(pointer.load(std::memory_order_relaxed)), source_root_);
    };
    state.nested_at = line(nested_at_);
    state.nested_in = line(nested_in_);
  }
  if (state.waiting != 0) {
    state.longest_wait = age_of(oldest_wait_.load(std::memory_order_relaxed));
  }
  std::uint64_t used_nanoseconds = 0;
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    const pool_slot& slot = slots_[i];
    state.uses += slot.uses.load(std::memory_order_relaxed);
    used_nanoseconds += slot.used_nanoseconds.load(std::memory_order_relaxed);
    lease_record::content lease = slot.lease.read(slot.request);
    if (lease.number == 0) continue;
    state.leases.push_back({.number = lease.number,
                            .site = site_of(lease.site, source_root_),
                            .request = std::move(lease.request),
                            .age = age_of(lease.begin),
                            .server_pid = lease.server_pid,
                            .thread = lease.thread});
  }
  state.use_time = std::chrono::nanoseconds{static_cast<std::int64_t>(used_nanoseconds)};
  state.used = state.leases.size();
  std::ranges::sort(state.leases, {}, &pool_lease::number);
  if (state.leases.size() > most_listed) state.leases.resize(most_listed);
  return state;
}

std::chrono::nanoseconds pool_view::age_of(std::uint64_t ticks) const noexcept {
  return std::chrono::nanoseconds{
      static_cast<std::int64_t>(time_.nanoseconds_between(ticks, time_.ticks()))};
}

void pool_view::forget_leases() noexcept {
  for (std::size_t i = 0; i < slots_.size(); ++i) slots_[i].lease.end();
  waiting_.store(0, std::memory_order_relaxed);
  timeouts_.store(0, std::memory_order_relaxed);
  nested_.store(0, std::memory_order_relaxed);
}

void pool_view::count_leaks(std::uint64_t leaks, std::uint64_t unleaks) noexcept {
  if (leaks != 0) metrics_.leaks.add(leaks);
  if (unleaks != 0) metrics_.unleaks.add(unleaks);
}

}  // namespace querytap::detail
