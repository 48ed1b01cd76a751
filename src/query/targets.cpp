#include "targets.hpp"

namespace querytap::detail {

std::string targets::text() const {
  std::array<char, longest_text> joined;
  std::size_t size = 0;
  for (std::size_t i = 0; i < count_; ++i) {
    const piece& next = pieces_[i];
    if (next.as == sort::query || next.as == sort::owner) continue;
    const std::size_t gap = size == 0 ? 0 : 1;
    if (next.size + gap > longest_text - size) break;
    joined[size] = ' ';
    std::memcpy(joined.data() + size + gap, text_of(next).data(), next.size);
    size += gap + next.size;
  }
  return {joined.data(), size};
}

bool targets::is_table(std::size_t at) const noexcept {
  const piece& candidate = pieces_[at];
  if (candidate.as != sort::table && candidate.as != sort::owner) return false;
  for (std::size_t i = 0; i < at; ++i) {
    const sort as = pieces_[i].as;
    const bool is_name = as != sort::operation && as != sort::other;
    if (is_name && pieces_[i].hash == candidate.hash) return false;
  }
  return true;
}

std::vector<std::string> targets::tables() const {
  std::array<std::uint8_t, most_pieces> found;
  std::size_t count = 0;
  for (std::size_t i = 0; i < count_; ++i) {
    if (is_table(i)) found[count++] = static_cast<std::uint8_t>(i);
  }
  std::vector<std::string> names;
  names.reserve(count);
  for (std::size_t i = 0; i < count; ++i) names.emplace_back(text_of(pieces_[found[i]]));
  return names;
}

}  // namespace querytap::detail
