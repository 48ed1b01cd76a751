#include <querytap/decorators/sqlite/detail/value_notes.hpp>

#include <utility>

namespace querytap::sqlite::detail {

bool value_notes::begin_by_index(int parameters) {
  if (!is_in_order_ && hashes_.size() == static_cast<std::size_t>(parameters)) return false;
  hashes_.assign(static_cast<std::size_t>(parameters), 0);
  return std::exchange(is_in_order_, false);
}

void value_notes::forget(int index) noexcept {
  if (is_in_order_) {
    is_known_ = false;
  } else if (static_cast<std::size_t>(index) <= hashes_.size()) {
    hashes_[static_cast<std::size_t>(index - 1)] = 0;
  }
}

std::optional<std::uint64_t> value_notes::hash(std::uint64_t text_hash) const noexcept {
  if (is_in_order_) return is_known_ ? std::optional{digest_.hash()} : std::nullopt;
  parameter_digest all;
  all.add(text_hash);
  for (const std::uint64_t alone : hashes_) {
    if (alone == 0) return std::nullopt;
    all.add(alone);
  }
  return all.hash();
}

}  // namespace querytap::sqlite::detail
