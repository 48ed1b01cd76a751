#include "remembered_questions.hpp"

#include <algorithm>

namespace querytap {

std::optional<std::uint64_t> retrieval_quality::remembered_questions::replace(
    std::uint64_t question, std::span<const std::uint64_t> passages) noexcept {
  constexpr std::uint64_t whole = 1'000'000;
  std::array<std::uint32_t, most_passages> sorted{};
  const std::size_t taken = std::min(passages.size(), sorted.size());
  std::transform(passages.begin(), passages.begin() + static_cast<std::ptrdiff_t>(taken),
                 sorted.begin(),
                 [](std::uint64_t hash) { return static_cast<std::uint32_t>(hash); });
  const auto end = sorted.begin() + static_cast<std::ptrdiff_t>(taken);
  std::sort(sorted.begin(), end);
  const auto size = static_cast<std::size_t>(std::unique(sorted.begin(), end) - sorted.begin());

  place& known = places_[question % most_questions];
  if (known.in_use.test_and_set(std::memory_order_acquire)) return std::nullopt;
  std::optional<std::uint64_t> index;
  if (known.question == question) {
    std::size_t common = 0;
    for (std::size_t i = 0, j = 0; i < size && j < known.size;) {
      if (sorted[i] == known.passages[j]) ++common;
      const bool is_behind = sorted[i] <= known.passages[j];
      const bool is_ahead = sorted[i] >= known.passages[j];
      i += is_behind ? 1 : 0;
      j += is_ahead ? 1 : 0;
    }
    const std::size_t all = size + known.size - common;
    index = all == 0 ? whole : common * whole / all;
  }
  known.question = question;
  known.size = size;
  known.passages = sorted;
  known.in_use.clear(std::memory_order_release);
  return index;
}

}  // namespace querytap
