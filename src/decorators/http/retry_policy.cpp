#include "retry_policy.hpp"

#include <curl/curl.h>

#include <algorithm>
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
