#pragma once

#include "mongodb_failure.hpp"

#include <querytap/calls/operation.hpp>
#include <querytap/decorators/mongodb/error.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>

namespace querytap::mongodb {

class call;

namespace detail {

/// A command between its start and its end, and the call that it is of.
struct command_in_flight {
  std::uint64_t owner = 0;  ///< the number of the watcher; 0: none is in flight
  std::int64_t request = 0;
  std::int64_t operation_number = 0;
  const statement* identity = nullptr;  ///< as long as the operation lasts
  transaction* open = nullptr;
  code_location site = {};
  std::uint64_t rows = 0;
  std::uint64_t batch_size = 0;
  std::uint32_t retries = 0;
  bool has_rows = false;
  command_traits traits = {};

  [[nodiscard]] operation& timed() noexcept {
    return *std::launder(reinterpret_cast<operation*>(room));
  }
  alignas(operation) std::byte room[sizeof(operation)];
};

/// A command that failed, and may be sent once more.
struct failed_attempt {
  std::uint64_t owner = 0;  ///< the number of the watcher; 0: there is none
  std::int64_t operation_number = 0;
  command_kind kind = command_kind::other;
};

/// What a thread is at. Of plain data alone: it is there from the thread's begin to its end.
struct thread_state {
  command_in_flight command;
  call* scope = nullptr;
  std::array<failed_attempt, 4> attempts = {};  ///< one of a client; of more clients the last ones
  std::size_t next_attempt = 0;
  failure last = {};

  /// Null where the watcher has none.
  [[nodiscard]] failed_attempt* attempt_of(std::uint64_t owner) noexcept {
    for (failed_attempt& each : attempts) {
      if (each.owner == owner) return &each;
    }
    return nullptr;
  }
  void note_attempt(const failed_attempt& attempt) noexcept {
    failed_attempt* place = attempt_of(attempt.owner);
    if (place == nullptr) place = attempt_of(0);
    if (place == nullptr) place = &attempts[next_attempt++ % attempts.size()];
    *place = attempt;
  }
};

extern constinit thread_local thread_state this_thread;

}  // namespace detail
}  // namespace querytap::mongodb
