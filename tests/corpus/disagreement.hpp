#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace querytap::testing {

/// A kind of pair that we hold for the same statement and libpg_query does not, or the other way
/// round, and why we keep it so.
struct disagreement {
  enum class side : std::uint8_t { judge, ours };

  side says_same;
  bool (*applies)(const std::string& one, const std::string& other);
  std::string_view reason;
};

[[nodiscard]] std::span<const disagreement> disagreements();

/// Of the first kind that applies; empty where none does.
[[nodiscard]] std::string_view reason_of(disagreement::side says_same, const std::string& one,
                                         const std::string& other);

}  // namespace querytap::testing
