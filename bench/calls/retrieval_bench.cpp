// What it costs to measure each search of a live service: ten results with their distances, passages and the
// question, beside a histogram and counters of prometheus-cpp that are given the same numbers; and a stage of a
// request.

#include "../support/benchmarks.hpp"

#include <querytap/calls/retrieval/rag_request.hpp>
#include <querytap/calls/retrieval/retrieval_quality.hpp>
#include <querytap/recording/recorder.hpp>
#include <querytap/snapshot/catalog.hpp>

#include <prometheus/counter.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <array>
#include <mutex>
#include <set>
#include <unordered_map>
#include <vector>

namespace {

using namespace querytap;
using namespace querytap::bench;

constexpr std::array distances{0.11, 0.13, 0.2, 0.21, 0.22, 0.3, 0.34, 0.4, 0.41, 0.5};

// 64 questions in turn, each with results of its own that change in one place.
std::array<std::uint64_t, 10> passages_of(std::uint64_t turn) {
  std::array<std::uint64_t, 10> passages{};
  for (std::size_t i = 0; i < passages.size(); ++i)
    passages[i] = (turn % 64) * 1000003 + i * 7919 + 1;
  passages[9] += turn;
  return passages;
}

void querytap_search(benchmark::State& state) {
  static recorder telemetry{{.service_name = "bench"}};
  static const retrieval_quality quality{telemetry, {.system = "chroma", .collection = "pages"}};
  std::uint64_t turn = 0;
  for (auto _ : state) {
    const auto passages = passages_of(++turn);
    quality.record({.asked = 10,
                    .returned = 10,
                    .distances = distances,
                    .passages = passages,
                    .question = turn % 64 + 1});
  }
}

// The same numbers, with sets for what repeats, under a mutex as prometheus-cpp's histograms are.
class prometheus_search {
 public:
  prometheus_search()
      : asked_{histogram("asked")},
        returned_{histogram("returned")},
        distance_{histogram("distance")},
        margin_{histogram("margin")},
        stability_{histogram("stability")},
        duplicates_{prometheus::BuildCounter().Name("duplicates").Register(registry_).Add({})} {}

  void record(std::uint64_t question, const std::array<std::uint64_t, 10>& passages) {
    asked_.Observe(10);
    returned_.Observe(10);
    for (const double distance : distances) distance_.Observe(distance);
    margin_.Observe(distances.back() - distances.front());
    const std::set<std::uint64_t> different{passages.begin(), passages.end()};
    duplicates_.Increment(static_cast<double>(passages.size() - different.size()));
    const std::lock_guard lock{mutex_};
    std::set<std::uint64_t>& last = questions_[question];
    std::size_t common = 0;
    for (const std::uint64_t passage : different) common += last.count(passage);
    const std::size_t all = different.size() + last.size() - common;
    stability_.Observe(static_cast<double>(common) / static_cast<double>(all));
    last = different;
  }

 private:
  prometheus::Histogram& histogram(const char* name) {
    const auto bounds = catalog::retrieval_distance.bounds;
    return prometheus::BuildHistogram().Name(name).Register(registry_).Add(
        {}, prometheus::Histogram::BucketBoundaries(bounds.begin(), bounds.end()));
  }

  prometheus::Registry registry_;
  prometheus::Histogram& asked_;
  prometheus::Histogram& returned_;
  prometheus::Histogram& distance_;
  prometheus::Histogram& margin_;
  prometheus::Histogram& stability_;
  prometheus::Counter& duplicates_;
  std::mutex mutex_;
  std::unordered_map<std::uint64_t, std::set<std::uint64_t>> questions_;
};

void prometheus_cpp_search(benchmark::State& state) {
  static prometheus_search quality;
  std::uint64_t turn = 0;
  for (auto _ : state) {
    const auto passages = passages_of(++turn);
    quality.record(turn % 64 + 1, passages);
  }
}

void querytap_stage(benchmark::State& state) {
  static recorder telemetry{{.service_name = "bench"}};
  static const rag_pipeline chat{telemetry, "POST /chat"};
  rag_request question{chat};
  for (auto _ : state) {
    auto search = question.begin(rag_stage::retrieve, "vector");
    search.results(10);
  }
}

}  // namespace

int main(int argc, char** argv) {
  measure_threads("calls/search_quality/querytap", querytap_search);
  measure_threads("calls/search_quality/prometheus_cpp", prometheus_cpp_search);
  measure("calls/rag_stage/querytap", querytap_stage);
  return run(argc, argv);
}
