#pragma once

#include "../../policies/pool_metrics.hpp"

#include <querytap/base/clock.hpp>
#include <querytap/recording/recorder.hpp>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace querytap::mongodb::detail {

/// What is known of a pool from outside: who waits, which clients are lent and since when.
///
/// Threads  any number at once.
/// ORDER    relaxed but for a lent client's place: whoever pops a client has it alone until it pushes it, and
///          libmongoc's own lock is between two that have it.
class client_lending {
 public:
  client_lending(recorder& telemetry, std::string_view name, std::uint32_t maximum);
  client_lending(const client_lending&) = delete;
  client_lending& operator=(const client_lending&) = delete;
  ~client_lending();

  [[nodiscard]] std::uint64_t ticks() const noexcept { return time_.ticks(); }
  void wait_began() const noexcept { metrics_.pending_requests.add(1); }
  /// `client` is null where the wait was in vain.
  void wait_ended(std::uint64_t begin, const void* client) noexcept;
  void lent(std::uint64_t ticks, const void* client) noexcept;
  void given_back(const void* client) noexcept;

 private:
  struct place {
    std::atomic<const void*> client{nullptr};
    std::atomic<std::uint64_t> since{0};  ///< ticks
  };

  [[nodiscard]] static std::size_t first_place_of(const void* client) noexcept;

  const clock& time_;
  const std::uint32_t maximum_;
  const querytap::detail::lending_metrics metrics_;
  std::atomic<std::int64_t> idle_clients_{0};
  std::atomic<std::int64_t> used_clients_{0};
  std::array<place, 256> places_;
};

}  // namespace querytap::mongodb::detail
