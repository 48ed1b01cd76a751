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

// On one line of the processor's cache.
alignas(64) constexpr std::array<bson_extent, 0x14> extents{{
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

bson_extent extent_of(bson_type type) noexcept {
  const auto number = static_cast<std::size_t>(type);
  if (number < extents.size()) return extents[number];
  const bool is_key = type == bson_type::largest_key || type == bson_type::smallest_key;
  return {is_key ? bson_size::fixed : bson_size::unknown, 0};
}

// Of a value that says its size.
std::size_t size_from(bson_extent extent, bson_type type, const char* at,
                      std::size_t left) noexcept {
  if (extent.how == bson_size::unknown || left < sizeof(std::int32_t)) return broken_value;
  const auto said = number_from<std::int32_t>(at);
  const std::int32_t least = extent.how == bson_size::own ? 5 : type == bson_type::binary ? 0 : 1;
  return said < least ? broken_value : static_cast<std::size_t>(said) + extent.bytes;
}

// Of a list of documents, whose keys are their numbers: all that is read is how long each is.
bool count_documents(std::string_view list, std::uint64_t& count) noexcept {
  const char* at = list.data() + sizeof(std::int32_t);
  const char* const end = list.data() + list.size();
  std::size_t digits = 1;
  std::uint64_t first_longer = 10;
  for (count = 0; end - at > 1; ++count) {
    if (count == first_longer) ++digits, first_longer *= 10;
    const std::size_t before = 1 + digits + 1;
    const auto room = static_cast<std::size_t>(end - at);
    if (static_cast<bson_type>(*at) != bson_type::document) return false;
    if (room < before + sizeof(std::int32_t) || at[1 + digits] != 0) return false;
    const auto size = number_from<std::uint32_t>(at + before);
    if (size > room - before) return false;
    at += before + size;
  }
  return at != end && *at == 0;
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
  const char* const zero = end_of_key(key, end);
  if (zero == end) return false;
  const auto room = static_cast<std::size_t>(end - zero) - 1;
  const bson_extent extent = extent_of(type);
  // A call in the way of all others would cost them as much as they do.
  if (extent.how == bson_size::special) [[unlikely]]
    return take_texts(type, key, zero, room);
  const bool is_fixed = extent.how == bson_size::fixed;
  return take(type, key, zero, is_fixed ? extent.bytes : size_from(extent, type, zero + 1, room),
              room);
}

bool bson_elements::take(bson_type type, const char* key, const char* zero, std::size_t size,
                         std::size_t room) noexcept {
  if (size > room) return false;
  current_.type = type;
  current_.key = {key, static_cast<std::size_t>(zero - key)};
  current_.value = {zero + 1, size};
  at_ = zero + 1 + size;
  return true;
}

bool bson_elements::take_texts(bson_type type, const char* key, const char* zero,
                               std::size_t room) noexcept {
  return take(type, key, zero, size_of_two_texts(zero + 1, room), room);
}

std::uint64_t count_elements(std::string_view document) noexcept {
  std::uint64_t count = 0;
  const bool is_whole =
      document.size() >= 5 && number_from<std::uint32_t>(document.data()) == document.size();
  if (is_whole && count_documents(document, count)) return count;
  count = 0;
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
