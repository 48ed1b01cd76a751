#include <querytap/calls/retrieval/filter_shape.hpp>

#include <algorithm>
#include <cstring>

namespace querytap {
namespace {

constexpr std::size_t most_filter_keys = 8;
constexpr std::size_t longest_filter_text = 96;
constexpr std::string_view further_keys = "…";

}  // namespace

// The smallest keys in their order, found one after the other: there are few of them.
filter_shape::filter_shape(std::span<const std::string_view> keys) noexcept {
  std::string_view last = {};
  for (std::size_t count = 0;; ++count) {
    const std::string_view* next = nullptr;
    for (const std::string_view& key : keys) {
      if (key > last && (next == nullptr || key < *next)) next = &key;
    }
    if (next == nullptr) return;
    const std::string_view separator = size_ == 0 ? "" : ", ";
    const bool fits =
        count < most_filter_keys && size_ + separator.size() + next->size() <= longest_filter_text;
    append(separator);
    append(fits ? *next : further_keys);
    if (!fits) return;
    last = *next;
  }
}

// There is room for a separator and the sign of further keys behind the longest text.
void filter_shape::append(std::string_view text) noexcept {
  std::memcpy(text_.data() + size_, text.data(), text.size());
  size_ = static_cast<std::uint8_t>(size_ + text.size());
}

}  // namespace querytap
