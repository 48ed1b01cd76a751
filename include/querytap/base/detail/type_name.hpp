#pragma once

#include <string_view>

namespace querytap::detail {

/// A text that no two named types share, and that is the same in all libraries of a program that one compiler
/// made. It takes no RTTI, which applications may have switched off.
template <class T>
[[nodiscard]] constexpr std::string_view type_name() noexcept {
  return __PRETTY_FUNCTION__;
}

}  // namespace querytap::detail
