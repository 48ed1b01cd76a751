// OpenTelemetry C++ as a contender of bench/recording/matrix: a histogram with a label for each series,
// whose attributes are given with each record, and, where this version has them, instruments that are
// bound to their attributes once.

#include "../support/matrix.hpp"

#include <opentelemetry/metrics/meter_provider.h>
#include <opentelemetry/sdk/metrics/aggregation/aggregation_config.h>
#include <opentelemetry/sdk/metrics/meter_provider.h>
#include <opentelemetry/sdk/metrics/meter_provider_factory.h>
#include <opentelemetry/sdk/metrics/metric_reader.h>
#include <opentelemetry/sdk/metrics/view/instrument_selector_factory.h>
#include <opentelemetry/sdk/metrics/view/meter_selector_factory.h>
#include <opentelemetry/sdk/metrics/view/view_factory.h>

#include <memory>
#include <string>
#include <vector>

namespace {

namespace matrix = querytap::bench::matrix;
namespace api = opentelemetry::metrics;
namespace sdk = opentelemetry::sdk::metrics;

constexpr auto label = "db.query.summary";

/// An exporter that is asked, as Prometheus' is.
class pulled_reader : public sdk::MetricReader {
 public:
  sdk::AggregationTemporality GetAggregationTemporality(
      sdk::InstrumentType) const noexcept override {
    return sdk::AggregationTemporality::kCumulative;
  }

 private:
  bool OnForceFlush(std::chrono::microseconds) noexcept override { return true; }
  bool OnShutDown(std::chrono::microseconds) noexcept override { return true; }
};

/// One histogram, with the buckets of the other contenders and no limit that they do not have.
class instrument {
 public:
  explicit instrument(std::size_t series) {
    auto config = std::make_shared<sdk::HistogramAggregationConfig>();
    config->boundaries_ = {0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10};
    config->cardinality_limit_ = series + 1;
    provider_->AddView(
        sdk::InstrumentSelectorFactory::Create(sdk::InstrumentType::kHistogram, "duration", "s"),
        sdk::MeterSelectorFactory::Create("bench", "", ""),
        sdk::ViewFactory::Create("duration", "", sdk::AggregationType::kHistogram, config));
    provider_->AddMetricReader(reader_);
    histogram_ = provider_->GetMeter("bench")->CreateDoubleHistogram("duration", "", "s");
    for (std::size_t i = 0; i < series; ++i) labels_.push_back("SELECT table_" + std::to_string(i));
  }

  void scrape() {
    reader_->Collect([](sdk::ResourceMetrics&) { return true; });
  }

 protected:
  [[nodiscard]] const std::vector<std::string>& labels() const noexcept { return labels_; }
  [[nodiscard]] api::Histogram<double>& histogram() noexcept { return *histogram_; }

 private:
  std::shared_ptr<pulled_reader> reader_ = std::make_shared<pulled_reader>();
  std::unique_ptr<sdk::MeterProvider> provider_ = sdk::MeterProviderFactory::Create();
  opentelemetry::nostd::unique_ptr<api::Histogram<double>> histogram_;
  std::vector<std::string> labels_;
};

class unbound_contender : public instrument {
 public:
  using instrument::instrument;

  void record(std::size_t series, std::uint64_t value) {
    histogram().Record(static_cast<double>(value) / 1e9,
                       {{label, opentelemetry::nostd::string_view{labels()[series]}}},
                       opentelemetry::context::Context{});
  }
};

#ifdef OPENTELEMETRY_HAVE_METRICS_BOUND_INSTRUMENTS_PREVIEW
class bound_contender : public instrument {
 public:
  explicit bound_contender(std::size_t series) : instrument{series} {
    for (const std::string& name : labels()) {
      series_.push_back(histogram().Bind({{label, opentelemetry::nostd::string_view{name}}}));
    }
  }

  void record(std::size_t series, std::uint64_t value) {
    series_[series]->Record(static_cast<double>(value) / 1e9);
  }

 private:
  std::vector<opentelemetry::nostd::unique_ptr<api::BoundHistogram<double>>> series_;
};
#endif

}  // namespace

int main(int argc, char** argv) {
  return matrix::run(argc, argv,
                     {
                         {"OpenTelemetry C++", matrix::measure<unbound_contender>},
#ifdef OPENTELEMETRY_HAVE_METRICS_BOUND_INSTRUMENTS_PREVIEW
                         {"OpenTelemetry C++, bound", matrix::measure<bound_contender>},
#endif
                     });
}
