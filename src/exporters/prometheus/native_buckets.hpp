#pragma once

#include <querytap/snapshot/histogram_data.hpp>

#include <cstdint>
#include <span>
#include <vector>

namespace querytap::detail {

/// The buckets of a histogram in the form of Prometheus' native histograms: runs of neighbours, and
/// the difference of each count to the count before.
///
///     native_buckets buckets;
///     buckets.assign(data.exponential());
///
/// Source   Prometheus' index is OpenTelemetry's plus one: bucket p covers (2^((p-1)/8), 2^(p/8)].
class native_buckets {
 public:
  struct span {
    std::int32_t offset;  ///< of the first run its index, of others the buckets left out before
    std::uint32_t length;
  };

  void assign(const histogram_data::exponential_view& view);
  void clear() noexcept;

  [[nodiscard]] std::uint64_t zero_count() const noexcept { return zero_count_; }
  [[nodiscard]] std::span<const span> spans() const noexcept { return spans_; }
  [[nodiscard]] std::span<const std::int64_t> deltas() const noexcept { return deltas_; }

 private:
  std::uint64_t zero_count_ = 0;
  std::vector<span> spans_;
  std::vector<std::int64_t> deltas_;
};

}  // namespace querytap::detail
