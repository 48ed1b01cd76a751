#pragma once

#include <querytap/base/clock.hpp>

namespace querytap {

/// A clock that advances only when a test calls advance().
///
///     manual_clock time;
///     recorder recorder{{.time = &time}};
///     time.advance(30ms);
///
/// Threads  any number may read while one thread advances it.
class manual_clock final : public clock {
 public:
  manual_clock() noexcept : clock{source::manual, std::uint64_t{1} << 32} {}

  void advance(std::chrono::nanoseconds duration) noexcept {
    // ORDER  relaxed: a reader takes the time alone, and no other data with it.
    manual_nanoseconds_.fetch_add(static_cast<std::uint64_t>(duration.count()),
                                  std::memory_order_relaxed);
  }
};

}  // namespace querytap
