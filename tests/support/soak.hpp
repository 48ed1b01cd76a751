#pragma once

#include <support/sanitizer.hpp>

#include <cstdlib>

namespace querytap::testing {

/// How far a long test counts: to a tenth of `whole` in an ordinary run, to all of it where QUERYTAP_SOAK is
/// set, as `tests/run.sh soak` does, and to `sanitized` under a sanitizer, which makes everything slower.
inline int soak_count(int whole, int sanitized) {
  if (under_sanitizer) return sanitized;
  return std::getenv("QUERYTAP_SOAK") != nullptr ? whole : whole / 10;
}

}  // namespace querytap::testing
