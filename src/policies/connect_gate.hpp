#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <random>

namespace querytap::detail {

/// Whether a pool may make one more object: not too many at once, not soon after failures in a row, and not
/// while the server becomes slower, which more connections would make worse.
///
/// Units    nanoseconds of the pool's own clock.
/// Threads  one at a time: under the pool's lock.
class connect_gate {
 public:
  using nanoseconds = std::chrono::nanoseconds;

  connect_gate(std::size_t most_at_once, std::uint64_t seed) noexcept
      : most_at_once_{most_at_once}, random_{seed} {}

  [[nodiscard]] bool is_open(nanoseconds time) const noexcept {
    return connecting_ < most_at_once_ && time >= retry_at_;
  }
  void begin() noexcept { ++connecting_; }
  void succeeded() noexcept;
  void failed(nanoseconds time) noexcept;

  [[nodiscard]] std::size_t connecting() const noexcept { return connecting_; }
  /// Nothing is made before; zero without failures.
  [[nodiscard]] nanoseconds retry_at() const noexcept { return retry_at_; }
  [[nodiscard]] std::uint64_t failures_in_a_row() const noexcept { return failures_in_a_row_; }

  /// When look() is due.
  [[nodiscard]] nanoseconds next_look() const noexcept;
  /// How many uses there have been, and what they took in all.
  void look(nanoseconds time, std::uint64_t uses, std::uint64_t used_nanoseconds) noexcept;
  /// The uses between the last two looks took much longer than those before.
  [[nodiscard]] bool latency_rises() const noexcept { return rises_; }

  /// In the child of a fork, which does not have the threads that connect, and whose uses are yet to come.
  void start_anew() noexcept {
    connecting_ = 0;
    rises_ = false;
  }

  /// From 0 to 1, for jitter.
  [[nodiscard]] double chance() noexcept;

 private:
  std::size_t most_at_once_;
  std::size_t connecting_ = 0;
  std::uint64_t failures_in_a_row_ = 0;
  nanoseconds retry_at_{0};
  std::minstd_rand random_;

  // Of look(): at the last one, and the mean of those before it.
  nanoseconds looked_at_{0};
  nanoseconds judged_at_{0};
  std::uint64_t uses_ = 0;
  std::uint64_t used_nanoseconds_ = 0;
  double usual_ = 0;
  bool rises_ = false;
};

}  // namespace querytap::detail
