#pragma once

#include "statement_buffer.hpp"
#include "writer_state.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace querytap::detail {

/// Text and fingerprint of what is no SQL, written token by token.
class command_text {
 public:
  explicit command_text(std::string_view source) noexcept
      : end_{source.data() + source.size()}, now_{buffer_.begin()} {}

  void put(std::string_view token, spacing as, std::uint64_t hash) noexcept {
    now_.put(token, as, buffer_.limit(), end_);
    now_.hash.add(hash);
  }
  void put(char token, spacing as) noexcept {
    now_.put(token, as, buffer_.limit());
    now_.hash.add(static_cast<unsigned char>(token) * 0xC3A5C85C97CB3127u);
  }
  void value() noexcept { put('?', spacing::value); }

  /// For folds.
  [[nodiscard]] writer_state& now() noexcept { return now_; }

  [[nodiscard]] std::string text() { return buffer_.text(now_); }
  [[nodiscard]] std::uint64_t fingerprint() const noexcept { return now_.hash.value(); }

 private:
  statement_buffer buffer_;
  const char* end_;
  writer_state now_;
};

}  // namespace querytap::detail
