#pragma once

#include "../calls/reports/observed_pool.hpp"
#include "pool_metrics.hpp"
#include "pool_slot.hpp"

#include <querytap/base/clock.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace querytap::detail {

/// A pool as reports show it: who has which slot, and who waits, for readers that take no lock.
///
/// Threads  the setters: under the pool's lock. All others: any, at any time.
/// ORDER    relaxed: numbers for reports. Between the two of a wait a reader may see the begin of a caller
///          that has just been served.
class pool_view final : public observed_pool {
 public:
  /// The references are alive as long as this; `source_root` as in recorder_options.
  pool_view(std::string name, std::chrono::nanoseconds held_after, const clock& time,
            std::string_view source_root, const slot_table& slots, const pool_metrics& metrics);

  void set_limits(std::size_t minimum, std::size_t maximum) noexcept {
    minimum_.store(minimum, std::memory_order_relaxed);
    maximum_.store(maximum, std::memory_order_relaxed);
  }
  /// `oldest` is when the caller that has waited longest began to wait, in ticks.
  void set_waiting(std::size_t callers, std::uint64_t oldest) noexcept {
    oldest_wait_.store(oldest, std::memory_order_relaxed);
    waiting_.store(callers, std::memory_order_relaxed);
  }
  void set_connecting(std::size_t objects) noexcept {
    connecting_.store(objects, std::memory_order_relaxed);
  }
  /// A thread waits at the one line, and has a slot that it acquired at the other.
  void count_nested(code_location waits_at, code_location acquired_at) noexcept {
    nested_at_.store(waits_at.pointer(), std::memory_order_relaxed);
    nested_in_.store(acquired_at.pointer(), std::memory_order_relaxed);
    nested_.fetch_add(1, std::memory_order_relaxed);
  }
  void count_timeout() noexcept { timeouts_.fetch_add(1, std::memory_order_relaxed); }

  [[nodiscard]] std::size_t idle() const noexcept;

  [[nodiscard]] pool_report report() const override;
  void forget_leases() noexcept override;
  void count_leaks(std::uint64_t leaks, std::uint64_t unleaks) noexcept override;

 private:
  static constexpr std::size_t most_listed = 100;

  [[nodiscard]] std::chrono::nanoseconds age_of(std::uint64_t ticks) const noexcept;

  const std::string name_;
  const std::chrono::nanoseconds held_after_;
  const clock& time_;
  const std::string_view source_root_;
  const slot_table& slots_;
  const pool_metrics& metrics_;
  const std::uint64_t made_at_;  // ticks
  std::atomic<std::size_t> minimum_{0};
  std::atomic<std::size_t> maximum_{0};
  std::atomic<std::size_t> connecting_{0};
  std::atomic<std::size_t> waiting_{0};
  std::atomic<std::uint64_t> oldest_wait_{0};  // ticks
  std::atomic<std::uint64_t> timeouts_{0};
  std::atomic<std::uint64_t> nested_{0};
  std::atomic<const void*> nested_at_{nullptr};  // code_location::pointer(), as the next
  std::atomic<const void*> nested_in_{nullptr};
};

}  // namespace querytap::detail
