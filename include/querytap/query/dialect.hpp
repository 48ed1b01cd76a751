#pragma once

#include <cstdint>

namespace querytap {

/// Whose rules the text of a statement follows: what quotes a string, what starts a comment.
enum class dialect : std::uint8_t { postgresql, sqlite };

}  // namespace querytap
