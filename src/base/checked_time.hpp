#pragma once

#include <querytap/base/error.hpp>

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace querytap::detail {

/// The time in nanoseconds, if it is `shortest` or longer.
///
/// Errors   configuration_error that names the option and the time.
[[nodiscard]] inline std::uint64_t checked_time(std::string_view option,
                                                std::chrono::nanoseconds time,
                                                std::chrono::nanoseconds shortest) {
  if (time < shortest) {
    throw configuration_error{
        option, std::to_string(time.count()) + " ns",
        shortest.count() == 0 ? "expected a time of 0 or more" : "expected a positive time"};
  }
  return static_cast<std::uint64_t>(time.count());
}

inline constexpr std::chrono::nanoseconds any_time{0};
inline constexpr std::chrono::nanoseconds positive_time{1};

}  // namespace querytap::detail
