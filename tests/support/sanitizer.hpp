#pragma once

namespace querytap::testing {

/// Sanitizers make code many times slower: tests with large counts use smaller ones under a
/// sanitizer.
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
