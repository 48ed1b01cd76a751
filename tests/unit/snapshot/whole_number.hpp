#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace querytap::testing {

/// A whole number of any size, to compare powers without rounding them.
class whole_number {
 public:
  explicit whole_number(std::uint64_t value)
      : digits_{static_cast<std::uint32_t>(value), static_cast<std::uint32_t>(value >> 32)} {
    drop_leading_zeros();
  }

  [[nodiscard]] whole_number operator*(const whole_number& by) const {
    whole_number result{0};
    result.digits_.assign(digits_.size() + by.digits_.size(), 0);
    for (std::size_t i = 0; i < digits_.size(); ++i) {
      std::uint64_t carry = 0;
      for (std::size_t j = 0; j < by.digits_.size(); ++j) {
        carry += std::uint64_t{digits_[i]} * by.digits_[j] + result.digits_[i + j];
        result.digits_[i + j] = static_cast<std::uint32_t>(carry);
        carry >>= 32;
      }
      result.digits_[i + by.digits_.size()] = static_cast<std::uint32_t>(carry);
    }
    result.drop_leading_zeros();
    return result;
  }

  /// This number times 2^bits.
  [[nodiscard]] whole_number operator<<(unsigned bits) const {
    whole_number result = *this * whole_number{std::uint64_t{1} << bits % 32};
    if (!result.digits_.empty()) result.digits_.insert(result.digits_.begin(), bits / 32, 0);
    return result;
  }

  [[nodiscard]] bool operator<=(const whole_number& other) const {
    if (digits_.size() != other.digits_.size()) return digits_.size() < other.digits_.size();
    return !std::lexicographical_compare(other.digits_.rbegin(), other.digits_.rend(),
                                         digits_.rbegin(), digits_.rend());
  }

  [[nodiscard]] int bit_width() const {
    if (digits_.empty()) return 0;
    return static_cast<int>(digits_.size()) * 32 - std::countl_zero(digits_.back());
  }

 private:
  void drop_leading_zeros() {
    while (!digits_.empty() && digits_.back() == 0) digits_.pop_back();
  }

  std::vector<std::uint32_t> digits_;  // the least significant first
};

[[nodiscard]] inline whole_number eighth_power(std::uint64_t base) {
  const whole_number square = whole_number{base} * whole_number{base};
  const whole_number fourth = square * square;
  return fourth * fourth;
}

/// OpenTelemetry's index at scale 3 of value / per_unit, from its definition alone: the i for which
/// 2^i < (value / per_unit)^8 <= 2^(i + 1). `value` is not 0.
[[nodiscard]] inline int exact_exponential_index(std::uint64_t value, std::uint64_t per_unit) {
  const whole_number above = eighth_power(value);
  const whole_number below = eighth_power(per_unit);
  for (int power = above.bit_width() - below.bit_width() - 1;; ++power) {
    const bool reached = power < 0 ? above << static_cast<unsigned>(-power) <= below
                                   : above <= below << static_cast<unsigned>(power);
    if (reached) return power - 1;
  }
}

}  // namespace querytap::testing
