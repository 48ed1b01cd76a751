#pragma once

#include <chrono>
#include <thread>

namespace querytap::testing {

/// Waits for something that another thread, process or server does; false after half a minute. `pause`: between two looks,
/// of those that cost others something.
template <class Condition>
[[nodiscard]] bool became_true(Condition condition,
                               std::chrono::seconds longest = std::chrono::seconds{30},
                               std::chrono::milliseconds pause = {}) {
  const auto deadline = std::chrono::steady_clock::now() + longest;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(pause);
    std::this_thread::yield();
  }
  return true;
}

}  // namespace querytap::testing
