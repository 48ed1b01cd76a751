#include "bson_elements.hpp"

#include <array>
#include <cmath>

namespace querytap::mongodb::detail {
namespace {

constexpr std::size_t broken_value = static_cast<std::size_t>(-1);

template <class Number>
Number number_from(const char* bytes) noexcept {
  Number value;
  std::memcpy(&value, bytes, sizeof value);
  return value;
}

/// How the size of a value is known.
enum class bson_size : std::uint8_t { unknown, fixed, own, behind_it, special };

struct bson_extent {
  bson_size how;
  std::uint8_t bytes;  // of it all, or besides the size that it says
};

constexpr std::array<bson_extent, 0x14> extents{{
    {bson_size::unknown, 0},    {bson_size::fixed, 8},  // real
    {bson_size::behind_it, 4},                          // text
    {bson_size::own, 0},                                // document
    {bson_size::own, 0},                                // array
    {bson_size::behind_it, 5},                          // binary
    {bson_size::fixed, 0},                              // undefined
    {bson_size::fixed, 12},                             // object_id
    {bson_size::fixed, 1},                              // boolean
    {bson_size::fixed, 8},                              // date
    {bson_size::fixed, 0},                              // null
    {bson_size::special, 0},                            // regular_expression
    {bson_size::behind_it, 16},                         // reference
    {bson_size::behind_it, 4},                          // code
    {bson_size::behind_it, 4},                          // symbol
    {bson_size::own, 0},                                // code_with_scope
    {bson_size::fixed, 4},                              // integer32
    {bson_size::fixed, 8},                              // timestamp
    {bson_size::fixed, 8},                              // integer64
    {bson_size::fixed, 16},                             // decimal
}};

// Two texts, each with a zero behind it.
std::size_t size_of_two_texts(const char* at, std::size_t left) noexcept {
  std::size_t size = 0;
  for (int i = 0; i < 2; ++i) {
    const void* const zero = std::memchr(at + size, 0, left - size);
    if (zero == nullptr) return broken_value;
    size = static_cast<std::size_t>(static_cast<const char*>(zero) - at) + 1;
  }
  return size;
}

std::size_t size_of_value(bson_type type, const char* at, std::size_t left) noexcept {
  if (type == bson_type::largest_key || type == bson_type::smallest_key) return 0;
  const auto number = static_cast<std::size_t>(type);
  const bson_extent extent = number < extents.size() ? extents[number] : extents[0];
  if (extent.how == bson_size::fixed) return extent.bytes;
  if (extent.how == bson_size::special) return size_of_two_texts(at, left);
  if (extent.how == bson_size::unknown || left < sizeof(std::int32_t)) return broken_value;
  const auto said = number_from<std::int32_t>(at);
  const bool is_own = extent.how == bson_size::own;
  const std::int32_t least = is_own ? 5 : type == bson_type::binary ? 0 : 1;
  if (said < least) return broken_value;
  return static_cast<std::size_t>(said) + (is_own ? 0 : extent.bytes);
}

}  // namespace

std::int64_t bson_element::integer() const noexcept {
  switch (type) {
    case bson_type::integer32: return number_from<std::int32_t>(value.data());
    case bson_type::integer64: return number_from<std::int64_t>(value.data());
    case bson_type::boolean: return value.front() != 0 ? 1 : 0;
    case bson_type::real: {
      const auto real = number_from<double>(value.data());
      constexpr double largest = 9e18;
      return std::abs(real) < largest ? static_cast<std::int64_t>(real) : 0;
    }
    default: return 0;
  }
}

bson_elements::bson_elements(std::string_view document) noexcept {
  constexpr std::size_t smallest = 5;
  if (document.size() < smallest) return;
  const auto said = number_from<std::int32_t>(document.data());
  if (said < static_cast<std::int32_t>(smallest)) return;
  const auto size = static_cast<std::size_t>(said);
  at_ = document.data() + sizeof said;
  end_ = document.data() + (size < document.size() ? size : document.size());
}

bool bson_elements::next() noexcept {
  if (at_ == end_) return false;
  const char* const end = end_;
  const auto type = static_cast<bson_type>(static_cast<unsigned char>(*at_));
  const char* const key = at_ + 1;
  at_ = end;  // unless all of it fits
  if (static_cast<std::uint8_t>(type) == 0) {
    is_whole_ = key == end;
    return false;
  }
  // Keys are short: a call would cost more than it finds.
  const char* zero = key;
  while (zero != end && *zero != 0) ++zero;
  if (zero == end) return false;
  const char* const value = zero + 1;
  const auto room = static_cast<std::size_t>(end - value);
  const std::size_t size = size_of_value(type, value, room);
  if (size > room) return false;
  current_.type = type;
  current_.key = {key, static_cast<std::size_t>(zero - key)};
  current_.value = {value, size};
  at_ = value + size;
  return true;
}

std::uint64_t count_elements(std::string_view document) noexcept {
  std::uint64_t count = 0;
  for (bson_elements each{document}; each.next();) ++count;
  return count;
}

bson_element find_element(std::string_view document, std::string_view key) noexcept {
  for (bson_elements each{document}; each.next();) {
    if (each.current().key == key) return each.current();
  }
  return {};
}

}  // namespace querytap::mongodb::detail
