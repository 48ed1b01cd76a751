#include "retry_policy.hpp"

#include <curl/curl.h>
#include <time.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <charconv>
#include <string>

namespace querytap::detail {

std::chrono::nanoseconds backoff::wait_after(int tries) noexcept {
  nanoseconds longest_wait = first_;
  for (int i = 1; i < tries && longest_wait < longest_; ++i) longest_wait *= 2;
  longest_wait = std::min(longest_wait, longest_);
  std::uniform_int_distribution<nanoseconds::rep> jitter{longest_wait.count() / 2,
                                                         longest_wait.count()};
  return nanoseconds{jitter(random_)};
}

std::uint64_t seed_of_backoff() noexcept {
  // ORDER relaxed: a number that differs each time; it says nothing of other memory.
  static std::atomic<std::uint64_t> count{0};
  const auto time = std::chrono::steady_clock::now().time_since_epoch().count();
  return static_cast<std::uint64_t>(time) + count.fetch_add(0x9E3779B9, std::memory_order_relaxed);
}

void wait_before_retry(std::chrono::nanoseconds time) noexcept {
  constexpr std::chrono::nanoseconds::rep second = 1'000'000'000;
  timespec left{.tv_sec = time.count() / second, .tv_nsec = time.count() % second};
  while (clock_nanosleep(CLOCK_MONOTONIC, 0, &left, &left) == EINTR) continue;
}

std::optional<std::chrono::seconds> parse_retry_after(std::string_view header,
                                                      std::chrono::system_clock::time_point time) {
  using std::chrono::seconds;
  constexpr seconds longest{std::numeric_limits<std::uint32_t>::max()};
  std::uint32_t count = 0;
  const char* end = header.data() + header.size();
  const auto [stopped, error] = std::from_chars(header.data(), end, count);
  if (!header.empty() && stopped == end) {
    return error == std::errc{} ? seconds{count} : longest;
  }
  const std::time_t date = curl_getdate(std::string{header}.c_str(), nullptr);
  if (date == -1) return std::nullopt;
  return std::clamp(seconds{date - std::chrono::system_clock::to_time_t(time)}, seconds{0},
                    longest);
}

}  // namespace querytap::detail
