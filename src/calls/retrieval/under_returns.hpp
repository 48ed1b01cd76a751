#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace querytap::detail {

/// Why a search returned fewer results than it was asked for.
enum class under_return_reason : std::uint8_t {
  unknown,       ///< nobody has counted yet
  threshold,     ///< the search itself leaves out what is too far away
  corpus,        ///< there is no more to be found
  search_width,  ///< there is more, which the index did not look at
};
inline constexpr std::size_t under_return_reasons = 4;

/// The value of the attribute `querytap.reason`.
[[nodiscard]] constexpr std::string_view name_of_reason(under_return_reason reason) noexcept {
  constexpr std::array<std::string_view, under_return_reasons> names{"unknown", "threshold",
                                                                     "corpus", "search_width"};
  return names[static_cast<std::size_t>(reason)];
}

/// The searches of a collection under one filter.
///
/// ORDER relaxed: counts, and the time from which somebody may count again, which threads claim by a
///       compare-and-swap.
class under_return_entry {
 public:
  std::atomic<std::uint64_t> key{0};  // hash of the filter; 0: free
  std::atomic<std::uint64_t> searches{0};
  std::atomic<std::uint64_t> short_searches{0};
  std::atomic<std::uint64_t> asked{0};       // by the short ones
  std::atomic<std::uint64_t> returned{0};    // to the short ones
  std::atomic<std::uint64_t> next_count{0};  // nanoseconds of the recorder's clock
  std::atomic<under_return_reason> reason{under_return_reason::unknown};
};

/// The filters of a collection, in the order in which they were seen.
///
/// Threads  any number at once. No lock, no allocation.
class under_returns {
 public:
  static constexpr std::size_t most_filters = 32;

  /// Null past the limit.
  [[nodiscard]] under_return_entry* find_or_add(std::uint64_t hash) noexcept {
    const std::uint64_t key = hash == 0 ? 1 : hash;
    for (under_return_entry& entry : entries_) {
      std::uint64_t known = entry.key.load(std::memory_order_relaxed);
      if (known == 0 && entry.key.compare_exchange_strong(known, key, std::memory_order_relaxed))
        return &entry;
      if (known == key) return &entry;
    }
    return nullptr;
  }

 private:
  std::array<under_return_entry, most_filters> entries_{};
};

}  // namespace querytap::detail
