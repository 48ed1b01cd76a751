#pragma once

#include <string>

namespace querytap {

/// A duration as people read it, in three digits: `812 ns`, `4.81 µs`, `30.2 ms`, `1.50 s`.
[[nodiscard]] std::string human_duration(double seconds);

}  // namespace querytap
