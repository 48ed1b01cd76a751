// What a record costs with several threads and series, quiet, scraped, and with threads that come and
// go, beside what Debian has to offer: prometheus-cpp, and the map under a mutex that is written
// first in most services. `nothing` is the floor: the input, and the memory of the threads.
// bench/rivals.sh adds rivals that Debian does not have.
//
//     matrix --seconds=0.6 --threads=1,2,8,64 --series=1,64,2000 --out=matrix.json

#include "../support/matrix.hpp"
#include "../support/many_series.hpp"

#include <algorithm>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

namespace {

using namespace querytap;
using namespace querytap::bench;

std::string label(std::size_t series) { return "SELECT table_" + std::to_string(series); }

/// Without limits that would have it record less than the others.
class querytap_contender {
 public:
  explicit querytap_contender(std::size_t count)
      : recorder_{{.service_name = "bench",
                   .series_limit = count + 1,
                   .byte_limit = std::size_t{8} << 30}} {
    for (std::size_t i = 0; i < count; ++i) {
      series_.push_back(
          recorder_.bind_histogram(catalog::operation_duration, {{"db.query.summary", label(i)}}));
    }
  }

  void record(std::size_t series, std::uint64_t value) { series_[series].record(value); }
  void scrape() { static_cast<void>(recorder_.collect().find(catalog::operation_duration.name)); }

 private:
  recorder recorder_;
  std::vector<histogram> series_;
};

class prometheus_contender {
 public:
  explicit prometheus_contender(std::size_t count) {
    const auto bounds = catalog::operation_duration.bounds;
    auto& family = prometheus::BuildHistogram().Name("duration_seconds").Register(registry_);
    for (std::size_t i = 0; i < count; ++i) {
      series_.push_back(
          &family.Add({{"db_query_summary", label(i)}},
                      prometheus::Histogram::BucketBoundaries{bounds.begin(), bounds.end()}));
    }
  }

  void record(std::size_t series, std::uint64_t value) {
    series_[series]->Observe(static_cast<double>(value) / 1e9);
  }
  void scrape() { static_cast<void>(registry_.Collect()); }

 private:
  prometheus::Registry registry_;
  std::vector<prometheus::Histogram*> series_;
};

class mutex_and_map_contender {
 public:
  explicit mutex_and_map_contender(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      labels_.push_back(label(i));
      series_.emplace(label(i), data{});
    }
  }

  void record(std::size_t series, std::uint64_t value) {
    const double seconds = static_cast<double>(value) / 1e9;
    const std::lock_guard lock{mutex_};
    data& found = series_.find(labels_[series])->second;
    const auto bucket = std::lower_bound(bounds_.begin(), bounds_.end(), seconds);
    ++found.buckets[static_cast<std::size_t>(bucket - bounds_.begin())];
    found.sum += seconds;
  }
  void scrape() {
    const std::lock_guard lock{mutex_};
    static_cast<void>(std::unordered_map<std::string, data>{series_});
  }

 private:
  struct data {
    std::vector<std::uint64_t> buckets = std::vector<std::uint64_t>(bounds().size() + 1);
    double sum = 0;
  };

  static std::vector<double> bounds() {
    const auto edges = catalog::operation_duration.bounds;
    return {edges.begin(), edges.end()};
  }

  std::vector<double> bounds_ = bounds();
  std::vector<std::string> labels_;
  std::mutex mutex_;
  std::unordered_map<std::string, data> series_;
};

struct nothing {
  explicit nothing(std::size_t) {}
  void record(std::size_t series, std::uint64_t value) {
    asm volatile("" : : "r"(series), "r"(value));
  }
  void scrape() {}
};

}  // namespace

int main(int argc, char** argv) {
  return matrix::run(argc, argv,
                     {{"querytap", matrix::measure<querytap_contender>},
                      {"prometheus-cpp", matrix::measure<prometheus_contender>},
                      {"mutex and map", matrix::measure<mutex_and_map_contender>},
                      {"nothing", matrix::measure<nothing>}});
}
