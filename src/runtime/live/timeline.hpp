#pragma once

#include <querytap/snapshot/snapshot.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

namespace querytap::detail {

/// The last minutes as lines: for each kind of backend the calls, errors and latency of every five seconds, for each
/// pool what was lent and who waited.
///
/// Units    seconds, and numbers per second.
/// Threads  a plain value.
/// Cost     memory: at most 16 systems and 16 pools, 200 KiB for 15 minutes; besides, the last snapshot's values. add(): one
///          difference().
class timeline {
 public:
  static constexpr std::chrono::seconds step{5};

  struct system_moment {
    std::size_t system;  ///< index into systems()
    float calls;         ///< per second
    float errors;        ///< per second
    float p50;
    float p95;
    float p99;
  };
  struct pool_moment {
    std::size_t pool;  ///< index into pools()
    std::uint32_t used;
    std::uint32_t waiting;
  };
  struct moment {
    std::chrono::system_clock::time_point end;
    std::chrono::nanoseconds length;
    std::vector<system_moment> systems;  ///< those that were called
    std::vector<pool_moment> pools;
  };

  /// Keeps the last `length`; 0: nothing.
  explicit timeline(std::chrono::seconds length) noexcept : length_{length} {}

  [[nodiscard]] bool is_on() const noexcept { return length_.count() != 0; }
  /// True if the last moment ended a step ago or longer, by the recorder's clock.
  [[nodiscard]] bool is_due(std::chrono::nanoseconds span) const noexcept;
  /// Adds what happened since the last call, if that is due.
  void add(const snapshot& current);

  [[nodiscard]] const std::deque<moment>& moments() const noexcept { return moments_; }
  [[nodiscard]] const std::vector<std::string>& systems() const noexcept { return systems_; }
  [[nodiscard]] const std::vector<std::string>& pools() const noexcept { return pools_; }

 private:
  [[nodiscard]] std::vector<system_moment> systems_of(const snapshot& change);
  [[nodiscard]] std::vector<pool_moment> pools_of(const snapshot& current);

  std::chrono::seconds length_;
  std::deque<moment> moments_;
  std::vector<std::string> systems_;
  std::vector<std::string> pools_;
  std::shared_ptr<const snapshot> last_;  // its counts; null before the first
};

}  // namespace querytap::detail
