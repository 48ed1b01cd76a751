#pragma once

#include <querytap/base/duration.hpp>
#include <querytap/base/outcome.hpp>

#include <optional>
#include <stdexcept>
#include <string_view>

namespace querytap::llm {

/// A call that failed. What the endpoint says of it in words is not in here, since it may repeat the prompt.
///
///     if (error.retry_after()) wait(*error.retry_after());
class error : public std::runtime_error {
 public:
  error(std::string_view call, const outcome& failure, int status,
        std::optional<std::chrono::nanoseconds> retry_after);

  /// `error.type`: the endpoint's own code, such as `insufficient_quota`, else a status or a kind of
  /// failure: `operation_timedout`, `stream_cut`, `unreadable_reply`, `budget_exceeded`.
  [[nodiscard]] const outcome& failure() const noexcept { return failure_; }
  /// Of HTTP; 0 where none came.
  [[nodiscard]] int status() const noexcept { return status_; }
  /// How long the endpoint asks to wait.
  [[nodiscard]] std::optional<std::chrono::nanoseconds> retry_after() const noexcept {
    return retry_after_;
  }

 private:
  outcome failure_;
  int status_;
  std::optional<std::chrono::nanoseconds> retry_after_;
};

}  // namespace querytap::llm
