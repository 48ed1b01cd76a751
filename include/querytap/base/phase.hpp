#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace querytap {

/// A part of an operation, or of what comes before it can begin.
enum class phase : std::uint8_t {
  pool_wait,   ///< for a right to a connection
  connect,     ///< until there is one
  validate,    ///< is the pooled one still good?
  lock_wait,   ///< in the server, for another's lock
  execute,     ///< until the call is answered, where it is not told apart any further
  first_byte,  ///< until the first row, token or byte
  fetch,       ///< from then on
  commit,
};

inline constexpr std::size_t phases = 8;

/// As `querytap.phase` has it.
[[nodiscard]] constexpr std::string_view to_string(phase of) noexcept {
  constexpr std::array<std::string_view, phases> names{
      "pool_wait", "connect", "validate", "lock_wait", "execute", "first_byte", "fetch", "commit"};
  return names[static_cast<std::size_t>(of)];
}

/// How long each phase took.
struct phase_times {
  std::array<std::chrono::nanoseconds, phases> spent{};

  [[nodiscard]] std::chrono::nanoseconds& operator[](phase of) noexcept {
    return spent[static_cast<std::size_t>(of)];
  }
  [[nodiscard]] std::chrono::nanoseconds operator[](phase of) const noexcept {
    return spent[static_cast<std::size_t>(of)];
  }
  [[nodiscard]] std::chrono::nanoseconds total() const noexcept {
    std::chrono::nanoseconds sum{};
    for (const std::chrono::nanoseconds one : spent) sum += one;
    return sum;
  }
};

}  // namespace querytap
