#pragma once

#include "observed_pool.hpp"

#include <querytap/snapshot/finding.hpp>
#include <querytap/snapshot/pool_report.hpp>

#include <chrono>
#include <cstdint>
#include <vector>

namespace querytap::detail {

/// A pool and what was reported of it, so that each lease that is held for long, and each time that
/// callers wait in vain, is a finding once.
///
/// Threads  one at a time.
class watched_pool {
 public:
  explicit watched_pool(observed_pool& pool) noexcept : pool_{&pool} {}

  [[nodiscard]] bool is(const observed_pool& pool) const noexcept { return pool_ == &pool; }
  /// The state of the pool; appends what is new to `found`.
  [[nodiscard]] pool_report look(std::chrono::system_clock::time_point time,
                                 std::vector<finding>& found);
  /// In the child of a fork.
  void start_from_zero() noexcept;

 private:
  void find_held_leases(const pool_report& state, std::chrono::system_clock::time_point time,
                        std::vector<finding>& found);
  void find_shortage(const pool_report& state, std::chrono::system_clock::time_point time,
                     std::vector<finding>& found);
  void find_nesting(const pool_report& state, std::chrono::system_clock::time_point time,
                    std::vector<finding>& found);
  void find_misfit(const pool_report& state, std::chrono::system_clock::time_point time,
                   std::vector<finding>& found);

  observed_pool* pool_;
  std::vector<std::uint64_t> held_;  // numbers of the leases that were reported and still last
  std::uint64_t timeouts_ = 0;
  std::uint64_t nested_ = 0;
  bool is_short_ = false;   // was reported, and callers have waited ever since
  pool_report begin_ = {};  // of the time whose load is judged next
  bool is_misfit_ = false;  // at the last look
};

}  // namespace querytap::detail
