// What a scrape costs: histograms of 10 buckets and 4 labels to Prometheus text, collection
// included, besides prometheus-cpp on equal data. Between two scrapes every series changes, unless
// said otherwise. The first scrape, which prepares the series, is not timed.

#include "../../support/benchmarks.hpp"
#include "../../support/many_series.hpp"

#include <querytap/exporters/prometheus/prometheus_text.hpp>

#include <prometheus/text_serializer.h>

namespace {

using namespace querytap;
using namespace querytap::bench;

void report_size(benchmark::State& state, const std::string& body) {
  state.counters["bytes"] = static_cast<double>(body.size());
}

void querytap_text(benchmark::State& state, std::size_t count) {
  querytap_series series{count};
  prometheus_text format;
  std::string body;
  format.render(series.recorder().collect(), body);
  for (auto _ : state) {
    state.PauseTiming();
    series.record_into_each();
    state.ResumeTiming();
    format.render(series.recorder().collect(), body);
  }
  report_size(state, body);
}

void querytap_text_unchanged(benchmark::State& state) {
  querytap_series series{1000};
  prometheus_text format;
  std::string body;
  format.render(series.recorder().collect(), body);
  for (auto _ : state) {
    format.render(series.recorder().collect(), body);
    benchmark::DoNotOptimize(body.data());
  }
}

void prometheus_cpp_text(benchmark::State& state, std::size_t count) {
  prometheus_series series{count};
  const prometheus::TextSerializer format;
  std::string body = format.Serialize(series.registry().Collect());
  for (auto _ : state) {
    state.PauseTiming();
    series.record_into_each();
    state.ResumeTiming();
    body = format.Serialize(series.registry().Collect());
  }
  report_size(state, body);
}

void querytap_1000(benchmark::State& state) { querytap_text(state, 1000); }
void querytap_10000(benchmark::State& state) { querytap_text(state, 10'000); }

// More series than the limit of one recorder.
void querytap_100000(benchmark::State& state) {
  querytap_series first{50'000};
  querytap_series second{50'000};
  prometheus_text format_of_first;
  prometheus_text format_of_second;
  std::string bodies[2];
  format_of_first.render(first.recorder().collect(), bodies[0]);
  format_of_second.render(second.recorder().collect(), bodies[1]);
  for (auto _ : state) {
    state.PauseTiming();
    first.record_into_each();
    second.record_into_each();
    state.ResumeTiming();
    format_of_first.render(first.recorder().collect(), bodies[0]);
    format_of_second.render(second.recorder().collect(), bodies[1]);
  }
  state.counters["bytes"] = static_cast<double>(bodies[0].size() + bodies[1].size());
}
void prometheus_cpp_1000(benchmark::State& state) { prometheus_cpp_text(state, 1000); }
void prometheus_cpp_10000(benchmark::State& state) { prometheus_cpp_text(state, 10'000); }

}  // namespace

int main(int argc, char** argv) {
  measure("exporters/text_1000/querytap", querytap_1000);
  measure("exporters/text_1000/prometheus_cpp", prometheus_cpp_1000);
  measure("exporters/text_1000_unchanged/querytap", querytap_text_unchanged);
  measure("exporters/text_10000/querytap", querytap_10000);
  measure("exporters/text_10000/prometheus_cpp", prometheus_cpp_10000);
  measure("exporters/text_100000/querytap", querytap_100000);
  return run(argc, argv);
}
