#pragma once

#include <querytap/snapshot/finding.hpp>
#include <querytap/snapshot/pool_report.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace querytap::detail {

/// What a pool had to do between two reports of it.
struct pool_load {
  std::chrono::nanoseconds time{};
  std::uint64_t uses = 0;
  std::chrono::nanoseconds use_time{};  ///< of these, in all

  /// Objects in use on average: Little's law.
  [[nodiscard]] double in_use() const noexcept;
  [[nodiscard]] double uses_per_second() const noexcept;
  [[nodiscard]] double mean_use_seconds() const noexcept;
};

[[nodiscard]] pool_load load_between(const pool_report& before, const pool_report& after) noexcept;

/// If its maximum does not fit the load: callers wait that would not with a few more objects, or several times
/// as many are open as the load needs. Nothing if the load says too little.
[[nodiscard]] std::optional<finding> misfit_of_pool(const pool_report& pool, const pool_load& load,
                                                    std::chrono::system_clock::time_point time);

/// Between which sizes a pool may adapt.
struct size_bounds {
  std::size_t least = 1;
  std::size_t most = 1;
};

/// The maximum that fits a load, from what it is now: one step at a time, up faster than down. Not up while uses take
/// much longer than they `usually` did: the server is slow then, and more connections make it slower.
[[nodiscard]] std::size_t adapted_size(std::size_t size, size_bounds bounds, const pool_load& load,
                                       double usual_use_seconds) noexcept;

}  // namespace querytap::detail
