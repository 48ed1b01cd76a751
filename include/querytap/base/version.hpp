#pragma once

#include <string_view>

namespace querytap {

inline constexpr std::string_view version = "0.2.0";

}  // namespace querytap
