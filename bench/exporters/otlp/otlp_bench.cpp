// What a request costs: histograms of 10 buckets and 4 labels to OTLP protobuf, collection
// included, besides prometheus-cpp's text of equal data: Debian has no OpenTelemetry C++. Between
// two requests every series changes, unless said otherwise. The first request is not timed.

#include "../../support/benchmarks.hpp"
#include "../../support/many_series.hpp"

#include <querytap/exporters/otlp/otlp_json.hpp>
#include <querytap/exporters/otlp/otlp_metrics.hpp>

#include <prometheus/text_serializer.h>

namespace {

using namespace querytap;
using namespace querytap::bench;

const otlp_metrics_options as_explicit{};
const otlp_metrics_options as_exponential{.histograms = otlp_histograms::exponential};

template <class Render>
void measure_requests(benchmark::State& state, std::size_t count, Render render) {
  querytap_series series{count};
  std::string body = render(series.recorder());
  for (auto _ : state) {
    state.PauseTiming();
    series.record_into_each();
    state.ResumeTiming();
    body = render(series.recorder());
  }
  state.counters["bytes"] = static_cast<double>(body.size());
}

void protobuf(benchmark::State& state, std::size_t count, const otlp_metrics_options& options) {
  otlp_metrics format{options};
  measure_requests(state, count,
                   [&](recorder& telemetry) { return format.render(telemetry.collect()).body; });
}

void explicit_1000(benchmark::State& state) { protobuf(state, 1000, as_explicit); }
void explicit_10000(benchmark::State& state) { protobuf(state, 10'000, as_explicit); }
void exponential_1000(benchmark::State& state) { protobuf(state, 1000, as_exponential); }

void delta_1000(benchmark::State& state) {
  otlp_metrics format{{.temporality = otlp_temporality::delta}};
  snapshot before;
  measure_requests(state, 1000, [&](recorder& telemetry) {
    snapshot current = telemetry.collect();
    std::string body = format.render(current, before).body;
    before = std::move(current);
    return body;
  });
}

void json_1000(benchmark::State& state) {
  otlp_metrics format;
  measure_requests(state, 1000, [&](recorder& telemetry) {
    return otlp_json(otlp_signal::metrics, format.render(telemetry.collect()).body);
  });
}

// The encoder alone, without collection.
void collected_1000(benchmark::State& state) {
  querytap_series series{1000};
  otlp_metrics format;
  const snapshot collected = series.recorder().collect();
  for (auto _ : state) benchmark::DoNotOptimize(format.render(collected));
}

void prometheus_cpp_1000(benchmark::State& state) {
  prometheus_series series{1000};
  const prometheus::TextSerializer format;
  for (auto _ : state) {
    state.PauseTiming();
    series.record_into_each();
    state.ResumeTiming();
    benchmark::DoNotOptimize(format.Serialize(series.registry().Collect()));
  }
}

}  // namespace

int main(int argc, char** argv) {
  measure("exporters/otlp_1000/querytap", explicit_1000);
  measure("exporters/otlp_1000/prometheus_cpp", prometheus_cpp_1000);
  measure("exporters/otlp_1000_collected/querytap", collected_1000);
  measure("exporters/otlp_1000_exponential/querytap", exponential_1000);
  measure("exporters/otlp_1000_delta/querytap", delta_1000);
  measure("exporters/otlp_1000_json/querytap", json_1000);
  measure("exporters/otlp_10000/querytap", explicit_10000);
  return run(argc, argv);
}
