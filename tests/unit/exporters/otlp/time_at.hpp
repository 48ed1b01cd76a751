#pragma once

#include <chrono>
#include <cstdint>

namespace querytap::testing {

[[nodiscard]] constexpr std::chrono::system_clock::time_point time_at(
    std::int64_t nanoseconds_since_1970) {
  return std::chrono::system_clock::time_point{std::chrono::nanoseconds{nanoseconds_since_1970}};
}

}  // namespace querytap::testing
