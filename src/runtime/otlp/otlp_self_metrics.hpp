#pragma once

#include "otlp_verdict.hpp"

#include <querytap/exporters/otlp/otlp_payload.hpp>
#include <querytap/recording/recorder.hpp>
#include <querytap/runtime/otlp/otlp_exporter.hpp>

#include <chrono>
#include <cstdint>
#include <string>

namespace querytap::detail {

/// What one signal's way out tells of itself: `otel.sdk.exporter.*`, and of its queue
/// `otel.sdk.processor.*`.
///
/// Threads  any number.
class otlp_self_metrics {
 public:
  /// `number` tells the exporters of a process apart.
  otlp_self_metrics(recorder& to, otlp_signal signal, otlp_encoding encoding, std::uint64_t number,
                    std::size_t queue_capacity);

  void begin(std::size_t records) const noexcept;
  /// One request with all its retries.
  void end(std::size_t records, std::chrono::nanoseconds took, const otlp_verdict& how) const;
  /// Records that have arrived, or with an `error_type` never will.
  void exported(std::uint64_t records, const std::string& error_type) const;

  void queue_grew(std::int64_t by) const noexcept { queue_size_.add(by); }
  void processed(std::uint64_t records) const noexcept { processed_.add(records); }
  void queue_full() const noexcept { queue_full_.add(); }

 private:
  recorder& to_;
  const instrument& exported_;
  attributes exporter_;
  up_down_counter inflight_;
  up_down_counter queue_size_;
  counter processed_;
  counter queue_full_;
};

}  // namespace querytap::detail
