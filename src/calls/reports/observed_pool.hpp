#pragma once

#include <querytap/snapshot/pool_report.hpp>

#include <cstdint>

namespace querytap::detail {

/// A pool as the report_hub sees it, which knows nothing of its objects.
///
/// Threads  called under a parts_lock, by one thread at a time. A borrower may hold the pool's own lock
///          meanwhile, and in the child of a fork for ever: none of these may wait for that lock.
class observed_pool {
 public:
  [[nodiscard]] virtual pool_report report() const = 0;
  /// In the child of a fork: the leases that there are belong to the parent, and are not shown.
  virtual void forget_leases() noexcept = 0;
  /// So many more leases last too long, and so many of those that did have ended.
  virtual void count_leaks(std::uint64_t leaks, std::uint64_t unleaks) noexcept = 0;

 protected:
  ~observed_pool() = default;
};

}  // namespace querytap::detail
