#pragma once

#include <atomic>
#include <cstdint>

namespace querytap::detail {

/// A number that no other call in this process has had, from 1: unlike an address, it never comes
/// to mean something else.
[[nodiscard]] inline std::uint64_t next_unique_id() noexcept {
  // ORDER relaxed: only uniqueness is asked of it.
  static std::atomic<std::uint64_t> last{0};
  return last.fetch_add(1, std::memory_order_relaxed) + 1;
}

}  // namespace querytap::detail
