#pragma once

#include "../calls/reports/observed_pool.hpp"

#include <querytap/base/clock.hpp>
#include <querytap/base/code_location.hpp>
#include <querytap/policies/detail/pool_slots.hpp>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace querytap::detail {

/// Who has which slot of a pool, and who waits, for readers that take no lock.
///
/// Threads  begin(), set_server_pid() and end() of a slot: the thread that has taken the slot.
///          set_waiting() and count_timeout(): under the pool's lock. report(): any, at any time.
/// Cost     begin(): some 20 stores and a copy of the request's name. No allocation.
/// ORDER    a slot has a number that is odd while the slot is being written. The writer stores the odd
///          number, then the members with release, then the even number with release; the reader loads
///          the number with acquire, the members with acquire, then the number again. A reader that
///          sees a new member sees the odd number too, and tries again. On x86 these are plain moves.
class pool_leases final : public observed_pool {
 public:
  /// `source_root` as in recorder_options; alive as long as this, like the other two.
  pool_leases(const pool_options& options, const clock& time, std::string_view source_root);

  void begin(std::size_t slot, std::uint64_t number, std::uint64_t ticks, code_location site,
             std::string_view request) noexcept;
  void set_server_pid(std::size_t slot, std::uint32_t pid) noexcept;
  void end(std::size_t slot) noexcept;

  /// `oldest` is when the caller that has waited longest began to wait, in ticks.
  void set_waiting(std::size_t callers, std::uint64_t oldest) noexcept;
  void count_timeout() noexcept { timeouts_.fetch_add(1, std::memory_order_relaxed); }

  [[nodiscard]] pool_report report() const override;
  void forget_leases() noexcept override;

 private:
  static constexpr std::size_t most_listed = 100;
  static constexpr std::size_t words_of_name = 8;

  struct lease_slot {
    std::atomic<std::uint64_t> version{0};
    std::atomic<std::uint64_t> number{0};    // of the lease; 0: the slot is not lent
    std::atomic<std::uint64_t> begin{0};     // ticks
    std::atomic<const void*> site{nullptr};  // code_location::pointer()
    std::atomic<std::uint32_t> server_pid{0};
    std::atomic<std::uint64_t> thread{0};
    std::array<std::atomic<std::uint64_t>, words_of_name> request{};  // bytes, then zeros
  };

  template <class Change>
  static void write(lease_slot& slot, Change change) noexcept;
  /// Number 0 if the slot is not lent, or is written all the time.
  [[nodiscard]] pool_lease read(const lease_slot& slot) const;
  [[nodiscard]] pool_lease read_once(const lease_slot& slot) const;
  [[nodiscard]] std::chrono::nanoseconds age_of(std::uint64_t ticks) const noexcept;

  const pool_options& options_;
  const clock& time_;
  const std::string_view source_root_;
  std::vector<lease_slot> slots_;
  // ORDER relaxed: numbers for reports. Between the two of a wait a reader may see the begin of a
  //       caller that has just been served.
  std::atomic<std::size_t> waiting_{0};
  std::atomic<std::uint64_t> oldest_wait_{0};  // ticks
  std::atomic<std::uint64_t> timeouts_{0};
};

}  // namespace querytap::detail
