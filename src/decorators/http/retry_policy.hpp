#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <random>
#include <string_view>

namespace querytap::detail {

/// How long to wait before a request is retried, where its protocol allows that.
///
/// Source   OTLP: exponential backoff with random jitter.
class backoff {
 public:
  using nanoseconds = std::chrono::nanoseconds;

  explicit backoff(std::uint64_t seed, nanoseconds first = std::chrono::seconds{1},
                   nanoseconds longest = std::chrono::seconds{30}) noexcept
      : random_{seed}, first_{first}, longest_{longest} {}

  /// A random time between half of a wait and all of it; the wait doubles with each try, up to the longest.
  [[nodiscard]] nanoseconds wait_after(int tries) noexcept;

 private:
  std::minstd_rand random_;
  nanoseconds first_;
  nanoseconds longest_;
};

/// Another one each time, on whatever thread.
[[nodiscard]] std::uint64_t seed_of_backoff() noexcept;

/// Blocks this thread for so long, by the monotonic clock: only runtime may include <thread>.
void wait_before_retry(std::chrono::nanoseconds time) noexcept;

/// The wait that `Retry-After` asks for, in seconds or as a date; never negative. None if it is neither.
///
/// Source   RFC 9110, section 10.2.3.
[[nodiscard]] std::optional<std::chrono::seconds> parse_retry_after(
    std::string_view header, std::chrono::system_clock::time_point time);

}  // namespace querytap::detail
