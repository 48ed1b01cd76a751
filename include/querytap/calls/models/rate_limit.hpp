#pragma once

#include <querytap/base/duration.hpp>

#include <cstdint>
#include <optional>
#include <string_view>

namespace querytap {

/// What an endpoint says of a limit of calls or tokens; nothing where it does not.
struct rate_limit {
  std::optional<std::uint64_t> limit = {};
  std::optional<std::uint64_t> remaining = {};
  std::optional<std::chrono::nanoseconds> reset = {};  ///< until all of it is there again
};

/// What the headers of a reply say of limits, in the names that OpenAI gave them and others took over.
///
///     rate_limit_headers headers;
///     headers.read("x-ratelimit-remaining-tokens", "149984");
///
/// Threads  one at a time.
/// Errors   never throws; what cannot be read, and numbers below 1 for a limit, count as not there.
class rate_limit_headers {
 public:
  /// `name` in any case; of other headers nothing is read.
  void read(std::string_view name, std::string_view value) noexcept;

  [[nodiscard]] const rate_limit& requests() const noexcept { return requests_; }
  [[nodiscard]] const rate_limit& tokens() const noexcept { return tokens_; }
  /// How long the endpoint asks to wait: `retry-after-ms`, else `Retry-After` in seconds.
  [[nodiscard]] std::optional<std::chrono::nanoseconds> retry_after() const noexcept {
    return exact_retry_after_ ? exact_retry_after_ : retry_after_;
  }
  /// `x-should-retry`, where the endpoint sends it.
  [[nodiscard]] std::optional<bool> should_retry() const noexcept { return should_retry_; }

 private:
  rate_limit requests_;
  rate_limit tokens_;
  std::optional<std::chrono::nanoseconds> retry_after_;
  std::optional<std::chrono::nanoseconds> exact_retry_after_;
  std::optional<bool> should_retry_;
};

/// A duration as Go writes it: `6m0s`, `12ms`, `1h2m3.5s`. Nothing if it is anything else, below 0, or longer
/// than a year.
[[nodiscard]] std::optional<std::chrono::nanoseconds> parse_go_duration(
    std::string_view text) noexcept;

}  // namespace querytap
