#include "pool_leases.hpp"

#include "../base/utf8.hpp"
#include "../calls/reports/report_hub.hpp"

#include <querytap/snapshot/call_site.hpp>

#include <algorithm>
#include <cstring>

namespace querytap::detail {
namespace {

// More than a slot is written while a reader reads it once.
constexpr int most_tries = 100;

}  // namespace

pool_leases::pool_leases(const pool_options& options, const clock& time,
                         std::string_view source_root)
    : options_{options}, time_{time}, source_root_{source_root}, slots_(options.maximum) {}

template <class Change>
void pool_leases::write(lease_slot& slot, Change change) noexcept {
  const std::uint64_t version = slot.version.load(std::memory_order_relaxed);
  slot.version.store(version + 1, std::memory_order_relaxed);
  change();
  slot.version.store(version + 2, std::memory_order_release);
}

void pool_leases::begin(std::size_t slot, std::uint64_t number, std::uint64_t ticks,
                        code_location site, std::string_view request) noexcept {
  std::array<std::uint64_t, words_of_name> name{};
  const std::string_view shown = utf8_prefix(request, sizeof name - 1);
  shown.copy(reinterpret_cast<char*>(name.data()), shown.size());
  lease_slot& lent = slots_[slot];
  write(lent, [&] {
    lent.number.store(number, std::memory_order_release);
    lent.begin.store(ticks, std::memory_order_release);
    lent.site.store(site.pointer(), std::memory_order_release);
    lent.server_pid.store(0, std::memory_order_release);
    lent.thread.store(report_hub::thread_number(), std::memory_order_release);
    for (std::size_t i = 0; i < name.size(); ++i) {
      lent.request[i].store(name[i], std::memory_order_release);
    }
  });
}

void pool_leases::set_server_pid(std::size_t slot, std::uint32_t pid) noexcept {
  slots_[slot].server_pid.store(pid, std::memory_order_relaxed);  // shown at once or a little later
}

void pool_leases::end(std::size_t slot) noexcept {
  lease_slot& lent = slots_[slot];
  write(lent, [&] { lent.number.store(0, std::memory_order_release); });
}

void pool_leases::set_waiting(std::size_t callers, std::uint64_t oldest) noexcept {
  oldest_wait_.store(oldest, std::memory_order_relaxed);
  waiting_.store(callers, std::memory_order_relaxed);
}

pool_report pool_leases::report() const {
  pool_report state{.name = options_.name,
                    .maximum = options_.maximum,
                    .waiting = waiting_.load(std::memory_order_relaxed),
                    .timeouts = timeouts_.load(std::memory_order_relaxed),
                    .held_after = options_.held_after};
  if (state.waiting != 0) {
    state.longest_wait = age_of(oldest_wait_.load(std::memory_order_relaxed));
  }
  for (const lease_slot& slot : slots_) {
    if (pool_lease lease = read(slot); lease.number != 0) state.leases.push_back(std::move(lease));
  }
  state.used = state.leases.size();
  std::ranges::sort(state.leases, {}, &pool_lease::number);
  if (state.leases.size() > most_listed) state.leases.resize(most_listed);
  return state;
}

pool_lease pool_leases::read(const lease_slot& slot) const {
  for (int i = 0; i < most_tries; ++i) {
    const std::uint64_t before = slot.version.load(std::memory_order_acquire);
    if (slot.number.load(std::memory_order_acquire) == 0) return {};
    if (before % 2 != 0) continue;
    pool_lease lease = read_once(slot);
    if (slot.version.load(std::memory_order_relaxed) == before) return lease;
  }
  return {};
}

pool_lease pool_leases::read_once(const lease_slot& slot) const {
  std::array<std::uint64_t, words_of_name> name{};
  for (std::size_t i = 0; i < name.size(); ++i) {
    name[i] = slot.request[i].load(std::memory_order_acquire);
  }
  std::array<char, sizeof name + 1> bytes{};  // ends with a 0 also if this was read amid a write
  std::memcpy(bytes.data(), name.data(), sizeof name);
  const auto site = code_location::at(slot.site.load(std::memory_order_acquire));
  return {.number = slot.number.load(std::memory_order_acquire),
          .site = site_of(site, source_root_),
          .request = bytes.data(),
          .age = age_of(slot.begin.load(std::memory_order_acquire)),
          .server_pid = slot.server_pid.load(std::memory_order_acquire),
          .thread = slot.thread.load(std::memory_order_acquire)};
}

std::chrono::nanoseconds pool_leases::age_of(std::uint64_t ticks) const noexcept {
  return std::chrono::nanoseconds{
      static_cast<std::int64_t>(time_.nanoseconds_between(ticks, time_.ticks()))};
}

// A thread of the parent may have been writing a slot: it is written anew by the next lease.
void pool_leases::forget_leases() noexcept {
  for (lease_slot& slot : slots_) {
    slot.number.store(0, std::memory_order_relaxed);
    slot.version.store(0, std::memory_order_relaxed);
  }
  waiting_.store(0, std::memory_order_relaxed);
  timeouts_.store(0, std::memory_order_relaxed);
}

}  // namespace querytap::detail
