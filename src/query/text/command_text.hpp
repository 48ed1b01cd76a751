#pragma once

#include "statement_buffer.hpp"
#include "writer_state.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace querytap::detail {

/// Text and fingerprint of a command that is not SQL, written token by token.
class command_text {
 public:
  explicit command_text(std::string_view source) noexcept
      : end_{source.data() + source.size()}, writer_{buffer_.begin()} {}

  void put(std::string_view token, spacing as, std::uint64_t hash) noexcept {
    writer_.put(token, as, buffer_.limit(), end_);
    writer_.hash.add(hash);
  }
  /// A token that is not part of the source.
  void put_made(std::string_view token, spacing as, std::uint64_t hash) noexcept {
    writer_.put(token, as, buffer_.limit(), token.data() + token.size());
    writer_.hash.add(hash);
  }
  void put(char token, spacing as) noexcept {
    writer_.put(token, as, buffer_.limit());
    writer_.hash.add(static_cast<unsigned char>(token) * 0xC3A5C85C97CB3127u);
  }
  void value() noexcept { put('?', spacing::value); }

  /// For list_folding.
  [[nodiscard]] writer_state& writer() noexcept { return writer_; }

  [[nodiscard]] std::string text() { return buffer_.text(writer_); }
  [[nodiscard]] std::uint64_t fingerprint() const noexcept { return writer_.hash.value(); }

 private:
  statement_buffer buffer_;
  const char* end_;
  writer_state writer_;
};

}  // namespace querytap::detail
