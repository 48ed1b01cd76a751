#pragma once

#include <concepts>
#include <cstdint>

namespace querytap {

/// A number to record: any unsigned one, or a constant that is not negative. A signed variable does not
/// compile, since -5 would be recorded as 1.8e19: say what becomes of it, by std::max() and a cast, say.
class recorded_value {
 public:
  template <std::unsigned_integral T>
  constexpr recorded_value(T value) noexcept : value_{value} {}
  template <std::signed_integral T>
  consteval recorded_value(T constant) : value_{static_cast<std::uint64_t>(constant)} {
    if (constant < 0) throw "a negative number cannot be recorded";
  }

  [[nodiscard]] constexpr std::uint64_t get() const noexcept { return value_; }

 private:
  std::uint64_t value_;
};

}  // namespace querytap
