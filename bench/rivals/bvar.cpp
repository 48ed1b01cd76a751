// brpc's bvar as a contender of bench/recording/matrix: a LatencyRecorder for each series. It keeps
// samples of the last seconds, 254 for each power of two, and no histogram: its percentiles are estimates,
// and not for a scraper to add up.

#include "../support/matrix.hpp"

#include <bvar/bvar.h>

#include <memory>
#include <vector>

namespace {

namespace matrix = querytap::bench::matrix;

class bvar_contender {
 public:
  explicit bvar_contender(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i)
      series_.push_back(std::make_unique<bvar::LatencyRecorder>());
  }

  // In microseconds, bvar's unit: it has 32 bits for a latency.
  void record(std::size_t series, std::uint64_t value) {
    *series_[series] << static_cast<std::int64_t>(value / 1000);
  }

  void scrape() {
    for (const auto& series : series_) {
      const auto percentiles = series->latency_percentiles();
      const std::int64_t count = series->count();
      asm volatile("" : : "r"(percentiles[0]), "r"(count));
    }
  }

 private:
  std::vector<std::unique_ptr<bvar::LatencyRecorder>> series_;
};

}  // namespace

int main(int argc, char** argv) {
  return matrix::run(argc, argv, {{"bvar", matrix::measure<bvar_contender>}});
}
