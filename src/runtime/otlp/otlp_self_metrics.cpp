#include "otlp_self_metrics.hpp"

#include <querytap/snapshot/catalog.hpp>

#include <fmt/format.h>

namespace querytap::detail {
namespace {

// The conventions' word for the signal's records, and their instruments.
struct signal_names {
  std::string_view word;
  const instrument& inflight;
  const instrument& exported;
  const instrument* queue_size = nullptr;
  const instrument* queue_capacity = nullptr;
  const instrument* processed = nullptr;
};

signal_names names_of(otlp_signal signal) {
  switch (signal) {
    case otlp_signal::logs:
      return {"log",
              catalog::exporter_log_inflight,
              catalog::exporter_log_exported,
              &catalog::processor_log_queue_size,
              &catalog::processor_log_queue_capacity,
              &catalog::processor_log_processed};
    case otlp_signal::traces:
      return {"span",
              catalog::exporter_span_inflight,
              catalog::exporter_span_exported,
              &catalog::processor_span_queue_size,
              &catalog::processor_span_queue_capacity,
              &catalog::processor_span_processed};
    case otlp_signal::metrics: break;
  }
  return {"metric", catalog::exporter_data_point_inflight, catalog::exporter_data_point_exported};
}

attributes component_labels(const std::string& type, std::uint64_t exporter_number) {
  return {{"otel.component.name", fmt::format("{}/{}", type, exporter_number)},
          {"otel.component.type", type}};
}

attributes exporter_labels(otlp_signal signal, otlp_encoding encoding,
                           std::uint64_t exporter_number) {
  const bool is_json = encoding == otlp_encoding::json;
  return component_labels(
      fmt::format("otlp_http{}_{}_exporter", is_json ? "_json" : "", names_of(signal).word),
      exporter_number);
}

attributes with_error(attributes labels, const std::string& error_type) {
  if (!error_type.empty()) labels.set({"error.type", error_type});
  return labels;
}

}  // namespace

otlp_self_metrics::otlp_self_metrics(recorder& recorder, otlp_signal signal, otlp_encoding encoding,
                                     std::uint64_t exporter_number, std::size_t queue_capacity)
    : recorder_{recorder},
      exported_{names_of(signal).exported},
      exporter_{exporter_labels(signal, encoding, exporter_number)},
      inflight_{recorder.bind_up_down_counter(names_of(signal).inflight, exporter_)} {
  const signal_names names = names_of(signal);
  if (names.queue_size == nullptr) return;
  const attributes queue =
      component_labels(fmt::format("batching_{}_processor", names.word), exporter_number);
  queue_size_ = recorder.bind_up_down_counter(*names.queue_size, queue);
  recorder.bind_up_down_counter(*names.queue_capacity, queue)
      .add(static_cast<std::int64_t>(queue_capacity));
  processed_ = recorder.bind_counter(*names.processed, queue);
  queue_full_ = recorder.bind_counter(*names.processed, with_error(queue, "queue_full"));
}

void otlp_self_metrics::begin(std::size_t records) const noexcept {
  inflight_.add(static_cast<std::int64_t>(records));
}

void otlp_self_metrics::end(std::size_t records, std::chrono::nanoseconds duration,
                            const otlp_verdict& verdict) const {
  inflight_.add(-static_cast<std::int64_t>(records));
  attributes labels = with_error(exporter_, verdict.error_type);
  if (verdict.status != 0) labels.set({"http.response.status_code", verdict.status});
  recorder_.bind_histogram(catalog::exporter_operation_duration, labels).record(duration);
}

void otlp_self_metrics::exported(std::uint64_t records, const std::string& error_type) const {
  if (records == 0) return;
  recorder_.bind_counter(exported_, with_error(exporter_, error_type)).add(records);
}

}  // namespace querytap::detail
