#pragma once

#include <support/sanitizer.hpp>

#include <algorithm>
#include <cstdlib>

namespace querytap::testing {

/// How far a long test counts: to a tenth of `whole` in an ordinary run, to all of it where QUERYTAP_SOAK is
/// set, as `tests/run.sh soak` does. Under a sanitizer, which makes everything slower, `sanitized` takes the
/// place of the tenth.
inline int soak_count(int whole, int sanitized) {
  const bool is_soak = std::getenv("QUERYTAP_SOAK") != nullptr;
  if (under_sanitizer) return is_soak ? std::min(whole, 10 * sanitized) : sanitized;
  return is_soak ? whole : whole / 10;
}

}  // namespace querytap::testing
