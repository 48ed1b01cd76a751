#pragma once

#include <chrono>
#include <optional>
#include <random>
#include <string_view>

namespace querytap::detail {

/// How long to wait before a request is tried again, where its protocol allows that.
///
/// Source   OTLP: exponential backoff with random jitter.
class backoff {
 public:
  using nanoseconds = std::chrono::nanoseconds;

  explicit backoff(std::uint64_t seed, nanoseconds first = std::chrono::seconds{1},
                   nanoseconds longest = std::chrono::seconds{30}) noexcept
      : random_{seed}, first_{first}, longest_{longest} {}

  /// A random time between half of it and all of it: twice as long each time, up to the longest.
  [[nodiscard]] nanoseconds wait_after(int tries) noexcept;

 private:
  std::minstd_rand random_;
  nanoseconds first_;
  nanoseconds longest_;
};

/// What `Retry-After` asks for: seconds, or a date; never less than nothing. None if it is neither.
///
/// Source   RFC 9110, section 10.2.3.
[[nodiscard]] std::optional<std::chrono::seconds> parse_retry_after(
    std::string_view header, std::chrono::system_clock::time_point now);

}  // namespace querytap::detail
