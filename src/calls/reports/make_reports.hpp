#pragma once

#include "pending_report.hpp"

#include <querytap/base/clock.hpp>
#include <querytap/snapshot/call_report.hpp>
#include <querytap/snapshot/request_report.hpp>

#include <chrono>
#include <cstdint>
#include <string_view>

namespace querytap::detail {

class ledger;

[[nodiscard]] inline std::chrono::nanoseconds as_chrono(std::uint64_t nanoseconds) noexcept {
  return std::chrono::nanoseconds{static_cast<std::int64_t>(nanoseconds)};
}

/// What time of day it was at a tick that was not long ago.
///
/// Threads  a plain value.
class wall_times {
 public:
  explicit wall_times(const clock& time) : time_{time}, ticks_{time.ticks()}, wall_{time.wall()} {}

  [[nodiscard]] std::chrono::system_clock::time_point at(std::uint64_t ticks) const;

 private:
  const clock& time_;
  const std::uint64_t ticks_;
  const std::chrono::system_clock::time_point wall_;
};

/// Plain values of what the threads reported; without numbers, which the store gives them.
/// Source files are relative to `source_root`.
[[nodiscard]] call_report report_of(const pending_report& pending, const wall_times& times,
                                    std::string_view source_root);
[[nodiscard]] request_report report_of(ledger& ledger, const clock& time, const wall_times& times,
                                       std::string_view source_root);

}  // namespace querytap::detail
