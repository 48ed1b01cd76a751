#pragma once

#include <querytap/base/duration.hpp>
#include <querytap/recording/detail/lane.hpp>
#include <querytap/recording/detail/pending.hpp>
#include <querytap/recording/detail/series.hpp>
#include <querytap/recording/recorded_value.hpp>

#include <cstdint>

namespace querytap {

/// A bound histogram series.
///
///     const histogram latency = recorder.bind_histogram(catalog::operation_duration, labels);
///     latency.record(2'000'000);        // 2 ms
///
/// Units    the instrument's recorded integers: nanoseconds for `s`, else whole units.
/// Threads  any number at once, each into a lane of its own.
/// Cost     ~ 0.6 of an uncontended fetch_add, bench/recording/histogram_bench.cpp. No lock, no
///          allocation once the thread has recorded a value of this size into this series. The rarer
///          ones of more than 64 series cost a thread a locked instruction more, if there are many
///          threads or thousands of series; bench/recording/crowd_bench.cpp.
/// Errors   never throws; a value that cannot be stored is counted in `querytap.dropped`. A sum that
///          would exceed 64 bits stays at 2^64 - 1, which counts there too, reason `saturated`.
/// Lifetime a small value that the recorder must outlive. An unbound histogram records nothing.
class histogram {
 public:
  histogram() noexcept = default;

  void record(recorded_value number) const noexcept {
    if constexpr (!detail::is_compiled_in) return;
    if (!try_record(number.get())) [[unlikely]]
      detail::record_slow(*series_, number.get());
  }

  /// True for the overflow series, which records what exceeds a limit.
  [[nodiscard]] bool is_overflow() const noexcept {
    return series_->home != nullptr && series_->overflow == nullptr;
  }

  [[nodiscard]] detail::series& target() const noexcept { return *series_; }

  /// A negative duration is recorded as 0.
  void record(std::chrono::nanoseconds duration) const noexcept {
    record(static_cast<std::uint64_t>(duration.count() < 0 ? 0 : duration.count()));
  }

 private:
  friend class operation;
  friend class recorder;
  friend class detail::registry;
  explicit histogram(detail::series& series) noexcept : series_{&series} {}

  /// False, with nothing recorded, where only record_slow() can.
  [[nodiscard]] bool try_record(std::uint64_t value) const noexcept {
    const detail::series& series = *series_;
    const detail::lane_directory& lane = *detail::current_lane;
    if (lane.owner != series.recorder_id) [[unlikely]]
      return false;
    detail::cell* const cell = lane.find_cell(series.position);
    return cell != nullptr && cell->record(series.layout->find(value), value);
  }

  detail::series* series_ = &detail::no_series;
};

}  // namespace querytap
