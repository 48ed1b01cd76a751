#pragma once

#include "latencies.hpp"

#include <querytap/recording/recorder.hpp>
#include <querytap/snapshot/catalog.hpp>

#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

/// Equal histograms in a recorder and in prometheus-cpp's registry: 10 buckets and 4 labels each,
/// filled with equal latencies.
namespace querytap::bench {

/// Enough for most series to have hit the powers of two that a query's latencies hit.
inline constexpr std::size_t records_per_series = 64;

inline std::string summary(std::size_t index) { return "SELECT table_" + std::to_string(index); }

/// No cell of these series is larger, so that the byte limit of a recorder is not reached.
inline constexpr std::size_t bytes_of_series = 4096;

class querytap_series {
 public:
  explicit querytap_series(std::size_t count)
      : recorder_{{.service_name = "bench",
                   .series_limit = count,
                   .byte_limit = (std::size_t{64} << 20) + count * bytes_of_series}} {
    for (std::size_t i = 0; i < count; ++i) {
      series_.push_back(recorder_.bind_histogram(catalog::operation_duration,
                                                 {{"db.system.name", "postgresql"},
                                                  {"db.namespace", "chatbot"},
                                                  {"db.query.summary", summary(i)},
                                                  {"server.address", "database.internal"}}));
    }
    for (std::size_t i = 0; i < records_per_series; ++i) record_into_each();
  }

  void record_into_each() noexcept {
    for (const histogram& histogram : series_) histogram.record(input_.next());
  }

  [[nodiscard]] querytap::recorder& recorder() noexcept { return recorder_; }

 private:
  querytap::recorder recorder_;
  std::vector<histogram> series_;
  latency_stream input_;
};

class prometheus_series {
 public:
  explicit prometheus_series(std::size_t count) {
    auto& family = prometheus::BuildHistogram()
                       .Name("db_client_operation_duration_seconds")
                       .Help(std::string{catalog::operation_duration.description})
                       .Register(registry_);
    const auto bounds = catalog::operation_duration.bounds;
    for (std::size_t i = 0; i < count; ++i) {
      series_.push_back(
          &family.Add({{"db_system_name", "postgresql"},
                       {"db_namespace", "chatbot"},
                       {"db_query_summary", summary(i)},
                       {"server_address", "database.internal"}},
                      prometheus::Histogram::BucketBoundaries{bounds.begin(), bounds.end()}));
    }
    for (std::size_t i = 0; i < records_per_series; ++i) record_into_each();
  }

  void record_into_each() {
    for (prometheus::Histogram* histogram : series_)
      histogram->Observe(static_cast<double>(input_.next()) / 1e9);
  }

  [[nodiscard]] prometheus::Registry& registry() noexcept { return registry_; }

 private:
  prometheus::Registry registry_;
  std::vector<prometheus::Histogram*> series_;
  latency_stream input_;
};

}  // namespace querytap::bench
