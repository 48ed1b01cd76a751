#pragma once

namespace querytap::testing {

/// Sanitizers make everything many times slower: tests that count to large numbers count to smaller
/// ones.
#if defined(__has_feature)
#if __has_feature(thread_sanitizer) || __has_feature(address_sanitizer)
inline constexpr bool under_sanitizer = true;
#else
inline constexpr bool under_sanitizer = false;
#endif
#else
inline constexpr bool under_sanitizer = false;
#endif

}  // namespace querytap::testing
