#pragma once

#include <querytap/recording/detail/lane.hpp>
#include <querytap/recording/detail/series.hpp>

#include <chrono>
#include <cstdint>

namespace querytap {

/// A bound histogram series.
///
///     const histogram latency = recorder.bind_histogram(catalog::operation_duration, where);
///     latency.record(2'000'000);        // 2 ms
///
/// Units    the instrument's recorded integers: nanoseconds for `s`, else whole units.
/// Threads  any number at once, each into its own lane.
/// Cost     ~ 0.6 of an uncontended fetch_add, bench/recording/histogram_bench.cpp. No lock, no
///          allocation once the thread has recorded a value of this size into this series.
/// Errors   never throws; what cannot be stored is counted in `querytap.dropped`.
/// Lifetime a small value that the recorder must outlive. Unbound, it records nowhere.
class histogram {
 public:
  histogram() noexcept = default;

  void record(std::uint64_t value) const noexcept {
    if constexpr (!detail::is_compiled_in) return;
    detail::series& to = *series_;
    const detail::lane_directory& lane = *detail::current_lane;
    if (lane.owner == to.recorder_id) [[likely]] {
      detail::cell* cell = lane.find_cell(to.position);
      if (cell != nullptr && cell->record(to.layout->find(value), value)) [[likely]]
        return;
    }
    detail::record_slow(to, value);
  }

  /// True for the series that takes what is past a limit.
  [[nodiscard]] bool is_overflow() const noexcept {
    return series_->home != nullptr && series_->overflow == nullptr;
  }

  [[nodiscard]] const detail::series& target() const noexcept { return *series_; }

  /// Times before 0 count as 0.
  void record(std::chrono::nanoseconds duration) const noexcept {
    record(static_cast<std::uint64_t>(duration.count() < 0 ? 0 : duration.count()));
  }

 private:
  friend class recorder;
  friend class detail::registry;
  explicit histogram(detail::series& to) noexcept : series_{&to} {}

  detail::series* series_ = &detail::no_series;
};

}  // namespace querytap
