// The cost of a record whose four attributes are known only when it is made, beside what
// prometheus-cpp offers for that.

#include "../support/benchmarks.hpp"
#include "../support/latencies.hpp"

#include <querytap/calls/histogram_family.hpp>
#include <querytap/recording/recorder.hpp>
#include <querytap/snapshot/catalog.hpp>

#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <array>
#include <string>
#include <vector>

namespace {

using namespace querytap;
using namespace querytap::bench;

// Sixteen combinations in turn: most services have fewer per thread.
struct combination {
  std::string tenant, tool, model, region;
};

const std::vector<combination>& combinations() {
  static const auto all = [] {
    std::vector<combination> result;
    for (int i = 0; i < 16; ++i) {
      result.push_back({"tenant-" + std::to_string(i), i % 2 == 0 ? "search" : "calculator",
                        "llama-3.1-8b", i % 3 == 0 ? "eu-central-1" : "us-east-1"});
    }
    return result;
  }();
  return all;
}

constexpr std::string_view keys[] = {"tenant", "tool", "model", "region"};

void querytap_family(benchmark::State& state) {
  static recorder telemetry{{.service_name = "bench"}};
  static const histogram_family latency{telemetry, catalog::operation_duration, keys};
  latency_stream values;
  std::size_t turn = 0;
  for (auto _ : state) {
    const combination& labels = combinations()[turn++ % 16];
    latency.record(values.next(), {labels.tenant, labels.tool, labels.model, labels.region});
  }
}

void querytap_one_combination(benchmark::State& state) {
  static recorder telemetry{{.service_name = "bench"}};
  static const histogram_family latency{telemetry, catalog::operation_duration, keys};
  latency_stream values;
  const combination& labels = combinations()[0];
  for (auto _ : state)
    latency.record(values.next(), {labels.tenant, labels.tool, labels.model, labels.region});
}

void prometheus_cpp_add(benchmark::State& state) {
  static prometheus::Registry registry;
  static auto& family = prometheus::BuildHistogram().Name("stage_seconds").Register(registry);
  const auto bounds = catalog::operation_duration.bounds;
  const prometheus::Histogram::BucketBoundaries buckets(bounds.begin(), bounds.end());
  latency_stream values;
  std::size_t turn = 0;
  for (auto _ : state) {
    const combination& labels = combinations()[turn++ % 16];
    family
        .Add({{"tenant", labels.tenant},
              {"tool", labels.tool},
              {"model", labels.model},
              {"region", labels.region}},
             buckets)
        .Observe(static_cast<double>(values.next()) / 1e9);
  }
}

}  // namespace

int main(int argc, char** argv) {
  measure_threads("calls/four_attributes/querytap", querytap_family);
  measure("calls/four_attributes_one_combination/querytap", querytap_one_combination);
  measure_threads("calls/four_attributes/prometheus_cpp", prometheus_cpp_add);
  return run(argc, argv);
}
