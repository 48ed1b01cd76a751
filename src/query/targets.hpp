#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace querytap::detail {

/// The pieces that a summary is made of, and which of them are tables.
///
/// Cost     no allocation before `text()` and `tables()`.
class targets {
 public:
  enum class sort : std::uint8_t {
    operation,
    table,
    owner,  ///< a table that the summary does not name: the one that an index is on
    query,  ///< a common table expression
    other,
  };

  /// One more piece; what does not fit is left out as a whole, and all that follows with it.
  void add(std::string_view text, sort as, std::uint64_t hash = 0) noexcept {
    if (count_ == most_pieces) is_full_ = true;
    if (is_full_) return;
    pieces_[count_] = {hash, static_cast<std::uint16_t>(size_), 0, as};
    ++count_;
    append(text);
  }

  /// The last piece goes on: `.name`.
  void extend(std::string_view part, std::uint64_t hash) noexcept {
    if (is_full_) return;
    append(".");
    if (is_full_) return;
    pieces_[count_ - 1].hash = pieces_[count_ - 1].hash * 31 + hash;
    append(part);
  }

  /// It is a function, and no table.
  void last_is_no_table() noexcept {
    if (!is_full_ && count_ != 0) pieces_[count_ - 1].as = sort::other;
  }

  /// Operations and targets in the order of the statement.
  [[nodiscard]] std::string text() const;

  /// Each table once; names that the statement itself gives to queries are none.
  [[nodiscard]] std::vector<std::string> tables() const;

 private:
  struct piece {
    std::uint64_t hash;
    std::uint16_t begin;
    std::uint16_t size;
    sort as;
  };

  static constexpr std::size_t longest_text = 255;
  static constexpr std::size_t capacity = 4096;
  static constexpr std::size_t most_pieces = 128;

  void append(std::string_view text) noexcept {
    piece& last = pieces_[count_ - 1];
    if (text.size() > capacity - size_) {
      is_full_ = true;
      size_ = last.begin;
      --count_;
      return;
    }
    std::memcpy(buffer_.data() + size_, text.data(), text.size());
    size_ += text.size();
    last.size = static_cast<std::uint16_t>(last.size + text.size());
  }

  [[nodiscard]] std::string_view text_of(const piece& one) const noexcept {
    return {buffer_.data() + one.begin, one.size};
  }
  [[nodiscard]] bool is_table(std::size_t at) const noexcept;

  std::array<char, capacity> buffer_;  // filled as far as `size_`
  std::array<piece, most_pieces> pieces_;
  std::size_t size_ = 0;
  std::size_t count_ = 0;
  bool is_full_ = false;
};

}  // namespace querytap::detail
