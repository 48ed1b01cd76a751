#pragma once

#include "otlp_verdict.hpp"

#include <querytap/exporters/otlp/otlp_payload.hpp>
#include <querytap/recording/recorder.hpp>
#include <querytap/runtime/otlp/otlp_exporter.hpp>

#include <chrono>
#include <cstdint>
#include <string>

namespace querytap::detail {

/// The metrics of one signal's pipeline: `otel.sdk.exporter.*`, and of its queue `otel.sdk.processor.*`.
///
/// Threads  any number.
class otlp_self_metrics {
 public:
  /// `exporter_number` is unique in the process.
  otlp_self_metrics(recorder& recorder, otlp_signal signal, otlp_encoding encoding,
                    std::uint64_t exporter_number, std::size_t queue_capacity);

  void begin(std::size_t records) const noexcept;
  /// The end of one delivery, with all its retries.
  void end(std::size_t records, std::chrono::nanoseconds duration,
           const otlp_verdict& verdict) const;
  /// Records that have arrived, or with an `error_type` were lost.
  void exported(std::uint64_t records, const std::string& error_type) const;

  void queue_grew(std::int64_t records) const noexcept { queue_size_.add(records); }
  void processed(std::uint64_t records) const noexcept { processed_.add(records); }
  void queue_full() const noexcept { queue_full_.add(); }

 private:
  recorder& recorder_;
  const instrument& exported_;
  attributes exporter_;
  up_down_counter inflight_;
  up_down_counter queue_size_;
  counter processed_;
  counter queue_full_;
};

}  // namespace querytap::detail
