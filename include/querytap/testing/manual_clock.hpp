#pragma once

#include <querytap/base/clock.hpp>

namespace querytap {

/// A clock that stands still until a test moves it.
///
///     manual_clock time;
///     recorder recorder{{.time = &time}};
///     time.advance(30ms);
///
/// Threads  any number may read while one moves it.
class manual_clock final : public clock {
 public:
  manual_clock() noexcept : clock{source::manual, std::uint64_t{1} << 32} {}

  void advance(std::chrono::nanoseconds by) noexcept {
    manual_nanoseconds_.fetch_add(static_cast<std::uint64_t>(by.count()),
                                  std::memory_order_relaxed);
  }
};

}  // namespace querytap
