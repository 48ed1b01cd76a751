#pragma once

#include <querytap/recording/detail/lane.hpp>
#include <querytap/recording/detail/series.hpp>

#include <cstdint>

namespace querytap {

namespace detail {

// WRITER load + store instead of fetch_add: only this thread writes the counters of its lane.
inline void add(series& series, std::uint64_t amount) noexcept {
  if constexpr (!is_compiled_in) return;
  const lane_directory& lane = *current_lane;
  if (lane.owner == series.recorder_id) [[likely]] {
    if (std::atomic<std::uint64_t>* count = lane.find_counter(series.position)) [[likely]] {
      count->store(count->load(std::memory_order_relaxed) + amount, std::memory_order_relaxed);
      return;
    }
  }
  add_slow(series, amount);
}

}  // namespace detail

/// A bound counter series: a number that only grows.
///
///     const counter timeouts = recorder.bind_counter(catalog::connection_timeouts, labels);
///     timeouts.add();
///
/// Threads  any number at once, each into a lane of its own.
/// Cost     a load, an add and a store; bench/recording/counter_bench.cpp. No lock, no allocation
///          once the thread has counted into this series. 8 bytes for each lane.
/// Errors   never throws. An amount above 2^48 counts as 2^48, and the sum ends at 2^63 - 1; both are
///          counted in `querytap.dropped`, reason `saturated`.
/// Lifetime a small value that the recorder must outlive. An unbound counter counts nothing.
class counter {
 public:
  counter() noexcept = default;
  void add(std::uint64_t amount = 1) const noexcept {
    // Without cost for a constant amount.
    if (amount > detail::most_added) [[unlikely]]
      amount = detail::clamped(*series_);
    detail::add(*series_, amount);
  }

 private:
  friend class recorder;
  explicit counter(detail::series& series) noexcept : series_{&series} {}

  detail::series* series_ = &detail::no_series;
};

/// A bound up-down counter series: a number that every thread may raise and lower, such as the
/// connections in use. One thread may subtract what another has added: the value is the sum of all
/// lanes.
///
/// Threads, Cost and Lifetime as for counter.
class up_down_counter {
 public:
  up_down_counter() noexcept = default;
  void add(std::int64_t amount) const noexcept {
    detail::add(*series_, static_cast<std::uint64_t>(amount));  // wraps as two's complement does
  }

 private:
  friend class recorder;
  explicit up_down_counter(detail::series& series) noexcept : series_{&series} {}

  detail::series* series_ = &detail::no_series;
};

}  // namespace querytap
