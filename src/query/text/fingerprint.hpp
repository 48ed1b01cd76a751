#pragma once

#include "word_hash.hpp"

#include <cstdint>

namespace querytap::detail {

/// A hash of a sequence of tokens, fed one at a time; a value that can be kept and gone back to.
class fingerprint {
 public:
  void add(std::uint64_t token) noexcept { state_ = mixed(state_, token); }
  void add(const fingerprint& sequence) noexcept { add(sequence.state_); }
  [[nodiscard]] std::uint64_t value() const noexcept { return avalanched(state_); }

  friend bool operator==(const fingerprint&, const fingerprint&) = default;

 private:
  std::uint64_t state_ = 0x2545F4914F6CDD1Du;
};

}  // namespace querytap::detail
