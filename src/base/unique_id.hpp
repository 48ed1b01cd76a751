#pragma once

#include <atomic>
#include <cstdint>

namespace querytap::detail {

/// A number, from 1, that no other call in this process has returned. Unlike an address, it is
/// never used again.
[[nodiscard]] inline std::uint64_t next_unique_id() noexcept {
  // ORDER relaxed: only uniqueness matters; nothing is published with the number.
  static std::atomic<std::uint64_t> last{0};
  return last.fetch_add(1, std::memory_order_relaxed) + 1;
}

}  // namespace querytap::detail
