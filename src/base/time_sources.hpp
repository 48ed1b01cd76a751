#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace querytap::detail {

/// What the kernel's choice of a clock source says while it trusts the processor's counter.
inline constexpr std::string_view tsc_choice = "tsc";

[[nodiscard]] std::uint64_t monotonic_nanoseconds() noexcept;

/// What a counter_clock goes by: the machine's clocks, or those of a test.
///
/// Threads  any number at once.
class time_sources {
 public:
  [[nodiscard]] static time_sources& machine() noexcept;

  /// The processor's time stamp counter; 0 where there is none.
  [[nodiscard]] virtual std::uint64_t counter() const noexcept = 0;
  /// CLOCK_MONOTONIC, in nanoseconds.
  [[nodiscard]] virtual std::uint64_t monotonic() const noexcept = 0;
  /// The clock source that the kernel uses; empty if that cannot be read.
  [[nodiscard]] virtual std::string kernel_choice() const = 0;
  virtual void pause(std::chrono::nanoseconds length) = 0;

 protected:
  ~time_sources() = default;
};

}  // namespace querytap::detail
