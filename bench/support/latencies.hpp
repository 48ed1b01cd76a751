#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <random>

namespace querytap::bench {

/// Log-normal latencies in nanoseconds, median 2 ms, sigma 1.5: spread like those of real queries,
/// so that branches are mispredicted as in a service. 16,384 values do not fit a branch predictor.
inline const std::array<std::uint64_t, 16384>& latencies() {
  static const auto values = [] {
    std::array<std::uint64_t, 16384> result{};
    std::mt19937_64 random{1};
    std::lognormal_distribution<double> latency{std::log(2e6), 1.5};
    for (std::uint64_t& value : result) value = static_cast<std::uint64_t>(latency(random));
    return result;
  }();
  return values;
}

/// Returns the latencies in turn.
class latency_stream {
 public:
  std::uint64_t next() noexcept { return values_[next_++ % values_.size()]; }

 private:
  const std::array<std::uint64_t, 16384>& values_ = latencies();
  std::size_t next_ = 0;
};

}  // namespace querytap::bench
