#pragma once

#include "word_hash.hpp"

#include <cstdint>

namespace querytap::detail {

/// A hash of a sequence of tokens, fed one at a time; a copy can be restored later.
class fingerprint_state {
 public:
  void add(std::uint64_t token) noexcept { state_ = mix_hash(state_, token); }
  void add(const fingerprint_state& sequence) noexcept { add(sequence.state_); }
  [[nodiscard]] std::uint64_t value() const noexcept { return spread_hash(state_); }

  friend bool operator==(const fingerprint_state&, const fingerprint_state&) = default;

 private:
  std::uint64_t state_ = 0x2545F4914F6CDD1Du;
};

}  // namespace querytap::detail
