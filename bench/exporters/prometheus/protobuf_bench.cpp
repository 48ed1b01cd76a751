// What a scrape costs in Prometheus' protobuf with native histograms, collection included, on the
// same data as text_bench.cpp. Between two scrapes every series changes.

#include "../../support/benchmarks.hpp"
#include "../../support/many_series.hpp"

#include <querytap/exporters/prometheus/prometheus_protobuf.hpp>

namespace {

using namespace querytap;
using namespace querytap::bench;

void protobuf(benchmark::State& state, histogram_form form) {
  querytap_series series{1000};
  prometheus_protobuf format{{.histograms = form}};
  std::string body;
  for (auto _ : state) {
    state.PauseTiming();
    series.record_into_each();
    state.ResumeTiming();
    format.render(series.recorder().collect(), body);
  }
  state.counters["bytes"] = static_cast<double>(body.size());
}

void both(benchmark::State& state) { protobuf(state, histogram_form::both); }
void native(benchmark::State& state) { protobuf(state, histogram_form::native); }
void classic(benchmark::State& state) { protobuf(state, histogram_form::classic); }

}  // namespace

int main(int argc, char** argv) {
  measure("exporters/protobuf_1000/querytap", both);
  measure("exporters/protobuf_1000_native/querytap", native);
  measure("exporters/protobuf_1000_classic/querytap", classic);
  return run(argc, argv);
}
