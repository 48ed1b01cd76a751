#pragma once

#include <querytap/base/duration.hpp>

#include <cstdint>
#include <optional>
#include <string_view>

namespace querytap {

class clock;

/// What an endpoint says of a limit of calls or tokens; nothing where it does not.
struct rate_limit {
  std::optional<std::uint64_t> limit = {};
  std::optional<std::uint64_t> remaining = {};
  std::optional<std::chrono::nanoseconds> reset = {};  ///< until all of it is there again
};

/// What the headers of a reply say of limits, and of the endpoint's own time: in the names that OpenAI gave them and
/// others took over, and in Anthropic's.
///
///     rate_limit_headers headers;
///     headers.read("x-ratelimit-remaining-tokens", "149984");
///     headers.read("anthropic-ratelimit-input-tokens-reset", "2026-11-30T12:00:00Z");
///
/// Threads  one at a time.
/// Errors   never throws; what cannot be read, and numbers below 1 for a limit, count as not there.
class rate_limit_headers {
 public:
  /// `name` in any case; of other headers nothing is read. `time`, or the clock of the process, is looked at
  /// where a header has a date.
  void read(std::string_view name, std::string_view value, const clock& time) noexcept;
  void read(std::string_view name, std::string_view value) noexcept;

  [[nodiscard]] const rate_limit& requests() const noexcept { return requests_; }
  [[nodiscard]] const rate_limit& tokens() const noexcept { return tokens_; }
  /// Of input and of output alone, where the endpoint counts them apart.
  [[nodiscard]] const rate_limit& input_tokens() const noexcept { return input_tokens_; }
  [[nodiscard]] const rate_limit& output_tokens() const noexcept { return output_tokens_; }
  /// How long the endpoint asks to wait: `retry-after-ms`, else `Retry-After` in seconds or as a date.
  [[nodiscard]] std::optional<std::chrono::nanoseconds> retry_after() const noexcept {
    return exact_retry_after_ ? exact_retry_after_ : retry_after_;
  }
  /// `x-should-retry`, where the endpoint sends it.
  [[nodiscard]] std::optional<bool> should_retry() const noexcept { return should_retry_; }
  /// How long the endpoint worked before it began to answer: `openai-processing-ms`.
  [[nodiscard]] std::optional<std::chrono::nanoseconds> processing_time() const noexcept {
    return processing_time_;
  }

 private:
  [[nodiscard]] rate_limit* find_limit(std::string_view kind) noexcept;

  rate_limit requests_;
  rate_limit tokens_;
  rate_limit input_tokens_;
  rate_limit output_tokens_;
  std::optional<std::chrono::nanoseconds> retry_after_;
  std::optional<std::chrono::nanoseconds> exact_retry_after_;
  std::optional<std::chrono::nanoseconds> processing_time_;
  std::optional<bool> should_retry_;
};

/// A duration as Go writes it: `6m0s`, `12ms`, `1h2m3.5s`. Nothing if it is anything else, below 0, or longer
/// than a year.
[[nodiscard]] std::optional<std::chrono::nanoseconds> parse_go_duration(
    std::string_view text) noexcept;

/// The time of a header: RFC 3339 (`2026-11-30T12:00:00.5+01:00`), or an HTTP date as servers send it
/// (`Mon, 30 Nov 2026 12:00:00 GMT`). Nothing if it is neither.
[[nodiscard]] std::optional<std::chrono::sys_time<std::chrono::nanoseconds>> parse_header_time(
    std::string_view text) noexcept;

}  // namespace querytap
