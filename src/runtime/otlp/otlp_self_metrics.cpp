#include "otlp_self_metrics.hpp"

#include <querytap/snapshot/catalog.hpp>

#include <fmt/format.h>

namespace querytap::detail {
namespace {

// What the conventions call the signal's records, and the instruments for them.
struct names {
  std::string_view word;
  const instrument& inflight;
  const instrument& exported;
  const instrument* queue_size = nullptr;
  const instrument* queue_capacity = nullptr;
  const instrument* processed = nullptr;
};

names names_of(otlp_signal signal) {
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

attributes component(const std::string& type, std::uint64_t number) {
  return {{"otel.component.name", fmt::format("{}/{}", type, number)},
          {"otel.component.type", type}};
}

attributes exporter_of(otlp_signal signal, otlp_encoding encoding, std::uint64_t number) {
  const bool json = encoding == otlp_encoding::json;
  return component(
      fmt::format("otlp_http{}_{}_exporter", json ? "_json" : "", names_of(signal).word), number);
}

attributes with_error(attributes where, const std::string& error_type) {
  if (!error_type.empty()) where.set({"error.type", error_type});
  return where;
}

}  // namespace

otlp_self_metrics::otlp_self_metrics(recorder& to, otlp_signal signal, otlp_encoding encoding,
                                     std::uint64_t number, std::size_t queue_capacity)
    : to_{to},
      exported_{names_of(signal).exported},
      exporter_{exporter_of(signal, encoding, number)},
      inflight_{to.bind_up_down_counter(names_of(signal).inflight, exporter_)} {
  const names own = names_of(signal);
  if (own.queue_size == nullptr) return;
  const attributes queue = component(fmt::format("batching_{}_processor", own.word), number);
  queue_size_ = to.bind_up_down_counter(*own.queue_size, queue);
  to.bind_up_down_counter(*own.queue_capacity, queue)
      .add(static_cast<std::int64_t>(queue_capacity));
  processed_ = to.bind_counter(*own.processed, queue);
  queue_full_ = to.bind_counter(*own.processed, with_error(queue, "queue_full"));
}

void otlp_self_metrics::begin(std::size_t records) const noexcept {
  inflight_.add(static_cast<std::int64_t>(records));
}

void otlp_self_metrics::end(std::size_t records, std::chrono::nanoseconds took,
                            const otlp_verdict& how) const {
  inflight_.add(-static_cast<std::int64_t>(records));
  attributes where = with_error(exporter_, how.error_type);
  if (how.status != 0) where.set({"http.response.status_code", how.status});
  to_.bind_histogram(catalog::exporter_operation_duration, where).record(took);
}

void otlp_self_metrics::exported(std::uint64_t records, const std::string& error_type) const {
  if (records == 0) return;
  to_.bind_counter(exported_, with_error(exporter_, error_type)).add(records);
}

}  // namespace querytap::detail
