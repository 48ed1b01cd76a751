// HdrHistogram_c as a contender of bench/recording/matrix: an interval recorder for each series, which
// any thread may write, with its writer-reader phaser. Two significant figures: one would be coarser than
// querytap's buckets.

#include "../support/matrix.hpp"

#include <hdr/hdr_histogram.h>
#include <hdr/hdr_interval_recorder.h>

#include <new>
#include <vector>

namespace {

namespace matrix = querytap::bench::matrix;

class hdr_contender {
 public:
  explicit hdr_contender(std::size_t count) : series_(count), spare_(count, nullptr) {
    constexpr std::int64_t hour = 3'600'000'000'000;
    for (hdr_interval_recorder& recorder : series_) {
      if (hdr_interval_recorder_init_all(&recorder, 1, hour, 2) != 0) throw std::bad_alloc{};
    }
  }
  hdr_contender(const hdr_contender&) = delete;
  hdr_contender& operator=(const hdr_contender&) = delete;
  ~hdr_contender() {
    for (hdr_interval_recorder& recorder : series_) hdr_interval_recorder_destroy(&recorder);
    for (hdr_histogram* histogram : spare_) {
      if (histogram != nullptr) hdr_close(histogram);
    }
  }

  void record(std::size_t series, std::uint64_t value) {
    hdr_interval_recorder_record_value_atomic(&series_[series], static_cast<std::int64_t>(value));
  }

  // What was recorded since the last time; to add it to a total is the exporter's.
  void scrape() {
    for (std::size_t i = 0; i < series_.size(); ++i)
      spare_[i] = hdr_interval_recorder_sample_and_recycle(&series_[i], spare_[i]);
  }

 private:
  std::vector<hdr_interval_recorder> series_;
  std::vector<hdr_histogram*> spare_;
};

}  // namespace

int main(int argc, char** argv) {
  return matrix::run(argc, argv, {{"HdrHistogram_c", matrix::measure<hdr_contender>}});
}
