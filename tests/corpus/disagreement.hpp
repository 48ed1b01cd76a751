#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace querytap::testing {

/// A kind of pair that is the same statement to querytap and not to libpg_query, or the other way
/// round, and why that is right.
struct disagreement {
  enum class side : std::uint8_t { judge, ours };

  side says_same;
  bool (*applies)(const std::string& left, const std::string& right);
  std::string_view reason;
};

[[nodiscard]] std::span<const disagreement> disagreements();

/// The reason of the first kind that applies; empty where none does.
[[nodiscard]] std::string_view reason_of(disagreement::side says_same, const std::string& left,
                                         const std::string& right);

}  // namespace querytap::testing
