#pragma once

#include "chunk.hpp"
#include "layout.hpp"

#include <array>
#include <cstddef>
#include <cstring>
#include <string>
#include <string_view>

namespace querytap::detail {

/// Lays tokens out with the blanks that a reader expects, up to a limit.
///
///     writer.put("count", layout::word);  writer.put('(', layout::open);  …
///     identity.text = writer.text();
///
/// Cost     no allocation before `text()`, which makes one of the size of the result.
class text_writer {
 public:
  /// A place to come back to.
  struct mark {
    char* at;
    layout last;
    bool is_full;
  };

  text_writer() noexcept = default;
  text_writer(const text_writer&) = delete;
  text_writer& operator=(const text_writer&) = delete;

  /// The token's size is that of a chunk at most.
  void put(const chunk& token, std::size_t size, layout as) noexcept {
    char* const from = begin_token(as);
    if (from + size > limit_) [[unlikely]]
      return cut_before(as);
    token.store(from);
    at_ = from + size;
    last_ = as;
  }

  void put(std::string_view token, layout as) noexcept {
    char* const from = begin_token(as);
    if (token.size() > static_cast<std::size_t>(capacity) || from + token.size() > limit_) {
      return cut_before(as);
    }
    std::memcpy(from, token.data(), token.size());
    at_ = from + token.size();
    last_ = as;
  }

  void put(char token, layout as) noexcept {
    char* const from = begin_token(as);
    if (from >= limit_) [[unlikely]]
      return cut_before(as);
    *from = token;
    at_ = from + 1;
    last_ = as;
  }

  /// What was put last, or would have been.
  [[nodiscard]] layout last() const noexcept { return last_; }

  [[nodiscard]] mark here() const noexcept { return {at_, last_, is_full()}; }
  void rewind(const mark& to) noexcept {
    at_ = to.at;
    last_ = to.last;
    if (!to.is_full) limit_ = end_of_text();
  }

  [[nodiscard]] std::string text() {
    if (is_full()) {
      if (is_blank_before_cut_) *at_++ = ' ';
      std::memcpy(at_, cut.data(), cut.size());
      at_ += cut.size();
    }
    return {buffer_.data(), static_cast<std::size_t>(at_ - buffer_.data())};
  }

 private:
  static constexpr std::string_view cut = "…";
  static constexpr std::size_t capacity = 4096;

  // Read again, a text that was cut must be cut in the same place: the sign and its blank never
  // take room from a token.
  [[nodiscard]] char* end_of_text() noexcept { return buffer_.data() + capacity - cut.size() - 1; }
  [[nodiscard]] bool is_full() const noexcept { return limit_ == buffer_.data(); }

  [[nodiscard]] char* begin_token(layout as) noexcept {
    *at_ = ' ';  // overwritten where no blank is needed
    return at_ + (needs_blank(last_, as) ? 1 : 0);
  }

  /// Nothing fits from here on.
  void cut_before(layout as) noexcept {
    if (!is_full()) is_blank_before_cut_ = needs_blank(last_, layout::word);
    limit_ = buffer_.data();
    last_ = as;
  }

  std::array<char, capacity + 2 * chunk::size> buffer_;  // filled as far as `at_`
  char* at_ = buffer_.data();
  char* limit_ = end_of_text();
  layout last_ = layout::begin;
  bool is_blank_before_cut_ = false;
};

}  // namespace querytap::detail
