#pragma once

#include "call_record.hpp"

#include <querytap/base/clock.hpp>
#include <querytap/snapshot/request_report.hpp>
#include <querytap/snapshot/slow_query.hpp>

#include <chrono>

namespace querytap::detail {

class ledger;

/// Tells what time it was at a tick that was not long ago.
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

/// Plain values of what was handed over; without numbers yet.
[[nodiscard]] slow_query value_of(const call_record& from, const wall_times& times);
[[nodiscard]] request_report value_of(ledger& from, const clock& time, const wall_times& times);

}  // namespace querytap::detail
