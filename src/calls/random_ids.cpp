#include "random_ids.hpp"

#include <querytap/calls/detail/parameter_digest.hpp>

#include <sys/random.h>
#include <unistd.h>

#include <atomic>
#include <bit>
#include <chrono>
#include <cstring>

namespace querytap::detail {
namespace {

std::uint64_t random_seed() noexcept {
  std::uint64_t word = 0;
  if (getrandom(&word, sizeof word, GRND_NONBLOCK) == sizeof word) return word;
  // Early in a boot the kernel has no random bytes yet: time and process id differ between
  // processes.
  const auto time = std::chrono::steady_clock::now().time_since_epoch().count();
  return static_cast<std::uint64_t>(time) * 0x9E3779B97F4A7C15 ^
         static_cast<std::uint64_t>(getpid());
}

// splitmix64: each word occurs once in a period.
std::uint64_t next_random_word() noexcept {
  // ORDER relaxed: each thread needs a value of its own, and publishes nothing with it.
  static std::atomic<std::uint64_t> state{random_seed()};
  // The child of a fork continues from the same state: its process id keeps its words apart from
  // the parent's.
  std::uint64_t word = state.fetch_add(0x9E3779B97F4A7C15, std::memory_order_relaxed) +
                       static_cast<std::uint64_t>(getpid()) * 0xD6E8FEB86659FD93;
  word = (word ^ word >> 30) * 0xBF58476D1CE4E5B9;
  word = (word ^ word >> 27) * 0x94D049BB133111EB;
  word ^= word >> 31;
  return word == 0 ? 1 : word;  // an id of zeros is invalid
}

}  // namespace

std::array<std::uint64_t, 2> secret_of_process() noexcept {
  static const std::array<std::uint64_t, 2> secret{random_seed(), random_seed()};
  return secret;
}

trace_context random_trace() noexcept {
  trace_context fresh;
  const std::array<std::uint64_t, 2> words{next_random_word(), next_random_word()};
  std::memcpy(fresh.trace_id.data(), words.data(), sizeof words);
  fresh.flags = trace_context::sampled_flag;
  return fresh;
}

std::array<std::uint8_t, 8> random_span_id() noexcept {
  return std::bit_cast<std::array<std::uint8_t, 8>>(next_random_word());
}

}  // namespace querytap::detail
