#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace querytap::mongodb::detail {

enum class bson_type : std::uint8_t {
  real = 0x01,
  text = 0x02,
  document = 0x03,
  array = 0x04,
  binary = 0x05,
  undefined = 0x06,
  object_id = 0x07,
  boolean = 0x08,
  date = 0x09,
  null = 0x0A,
  regular_expression = 0x0B,
  reference = 0x0C,
  code = 0x0D,
  symbol = 0x0E,
  code_with_scope = 0x0F,
  integer32 = 0x10,
  timestamp = 0x11,
  integer64 = 0x12,
  decimal = 0x13,
  largest_key = 0x7F,
  smallest_key = 0xFF,
};

/// Of literals, whose sizes the compiler knows: most comparisons end with the size.
template <std::size_t... Sizes>
[[nodiscard]] bool is_one_of(std::string_view word, const char (&... words)[Sizes]) noexcept {
  return ((word.size() == Sizes - 1 && std::memcmp(word.data(), words, Sizes - 1) == 0) || ...);
}

/// The zero behind a key, or `end`: eight bytes at once, of which the lowest zero has the lowest sign.
[[nodiscard]] inline const char* end_of_key(const char* at, const char* end) noexcept {
  constexpr std::uint64_t ones = 0x0101010101010101;
  constexpr std::uint64_t signs = 0x8080808080808080;
  while (std::endian::native == std::endian::little && end - at >= 8) {
    std::uint64_t word;
    std::memcpy(&word, at, sizeof word);
    const std::uint64_t zeros = (word - ones) & ~word & signs;
    if (zeros != 0) return at + std::countr_zero(zeros) / 8;
    at += 8;
  }
  while (at != end && *at != 0) ++at;
  return at;
}

/// A member of a document: its key and the bytes of its value.
struct bson_element {
  bson_type type = bson_type::null;
  std::string_view key = {};
  std::string_view value = {};  ///< with its own size in front, where the type has one

  [[nodiscard]] bool is(bson_type expected) const noexcept { return type == expected; }
  [[nodiscard]] bool is_nested() const noexcept {
    return type == bson_type::document || type == bson_type::array;
  }
  /// Empty for other types.
  [[nodiscard]] std::string_view text() const noexcept {
    return type == bson_type::text ? value.substr(4, value.size() - 5) : std::string_view{};
  }
  /// True for the booleans and numbers that a server takes for it.
  [[nodiscard]] bool is_true() const noexcept {
    return type == bson_type::boolean ? value.front() != 0 : integer() != 0;
  }
  /// Of any of the numeric types, without its fraction; 0 for others.
  [[nodiscard]] std::int64_t integer() const noexcept;
};

/// Goes through the members of a document by its bytes, which may be anything.
///
///     for (bson_elements each{bytes}; each.next();) see(each.current());
///
/// Threads  one at a time.
/// Cost     some 3 ns for a member; nothing is copied, nothing allocated.
/// Errors   ends at the first member that does not fit into the bytes.
/// Source   bsonspec.org, version 1.1
class bson_elements {
 public:
  explicit bson_elements(std::string_view document) noexcept {
    constexpr std::size_t smallest = 5;
    if (document.size() < smallest) return;
    std::int32_t said;
    std::memcpy(&said, document.data(), sizeof said);
    if (said < static_cast<std::int32_t>(smallest)) return;
    const auto size = static_cast<std::size_t>(said);
    at_ = document.data() + sizeof said;
    end_ = document.data() + (size < document.size() ? size : document.size());
  }

  /// False at the end.
  [[nodiscard]] bool next() noexcept;
  /// After next() was true.
  [[nodiscard]] const bson_element& current() const noexcept { return current_; }
  /// Whether it ended as a document ends.
  [[nodiscard]] bool is_whole() const noexcept { return is_whole_; }

 private:
  [[nodiscard]] bool take(bson_type type, const char* key, const char* zero, std::size_t size,
                          std::size_t room) noexcept;
  [[nodiscard, gnu::noinline]] bool take_texts(bson_type type, const char* key, const char* zero,
                                               std::size_t room) noexcept;

  const char* at_ = nullptr;
  const char* end_ = nullptr;
  bool is_whole_ = false;
  bson_element current_;
};

/// How many members a document or list has, as far as its bytes are one.
[[nodiscard, gnu::hot]] std::uint64_t count_elements(std::string_view document) noexcept;

/// The member with this key; of type null where there is none.
[[nodiscard]] bson_element find_element(std::string_view document, std::string_view key) noexcept;

}  // namespace querytap::mongodb::detail
