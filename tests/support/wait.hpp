#pragma once

#include <chrono>
#include <thread>

namespace querytap::testing {

/// Waits for something that another thread, process or server does; false after half a minute.
template <class Condition>
[[nodiscard]] bool became_true(Condition condition) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{30};
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::yield();
  }
  return true;
}

}  // namespace querytap::testing
