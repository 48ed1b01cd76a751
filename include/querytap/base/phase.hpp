#pragma once

#include <querytap/base/duration.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace querytap {

/// A part of an operation, or of the work that is done before the operation can begin.
enum class phase : std::uint8_t {
  pool_wait,   ///< for a free slot of the connection pool
  connect,     ///< until a new connection is open
  tls,         ///< of the TLS handshake, behind CONNECT where there is a proxy
  validate,    ///< check that a pooled connection still works
  compile,     ///< of a statement that the client compiles itself, as SQLite does
  lock_wait,   ///< for a lock of another session or connection
  execute,     ///< until the call is answered, where no finer phases are measured
  first_byte,  ///< until the first row, token or byte
  fetch,       ///< from the first row, token or byte to the last
  commit,
};

inline constexpr std::size_t phases = 10;

/// The value of the attribute `querytap.phase`.
[[nodiscard]] constexpr std::string_view to_string(phase phase) noexcept {
  constexpr std::array<std::string_view, phases> names{
      "pool_wait", "connect", "tls",        "validate", "compile",
      "lock_wait", "execute", "first_byte", "fetch",    "commit"};
  return names[static_cast<std::size_t>(phase)];
}

/// How long each phase took.
struct phase_times {
  std::array<std::chrono::nanoseconds, phases> spent{};

  [[nodiscard]] std::chrono::nanoseconds& operator[](phase phase) noexcept {
    return spent[static_cast<std::size_t>(phase)];
  }
  [[nodiscard]] std::chrono::nanoseconds operator[](phase phase) const noexcept {
    return spent[static_cast<std::size_t>(phase)];
  }
  [[nodiscard]] std::chrono::nanoseconds total() const noexcept {
    std::chrono::nanoseconds sum{};
    for (const std::chrono::nanoseconds duration : spent) sum += duration;
    return sum;
  }
};

}  // namespace querytap
