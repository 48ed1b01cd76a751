#pragma once

#include <querytap/recording/detail/series.hpp>

#include <cstdint>

namespace querytap {

/// A bound gauge series: the last value set by any thread.
///
///     const gauge limit = recorder.bind_gauge(catalog::lanes, {});
///     limit.set(10);
///
/// Threads  any number at once; the last store wins.
/// Cost     one store.
/// Lifetime a small value that the recorder must outlive. Setting an unbound one has no effect.
class gauge {
 public:
  gauge() noexcept = default;
  void set(std::int64_t value) const noexcept {
    if constexpr (detail::is_compiled_in) series_->state.store(value, std::memory_order_relaxed);
  }

 private:
  friend class recorder;
  explicit gauge(detail::series& series) noexcept : series_{&series} {}

  detail::series* series_ = &detail::no_series;
};

}  // namespace querytap
