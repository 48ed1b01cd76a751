#pragma once

#include "otlp_pipeline.hpp"

#include <querytap/exporters/otlp/otlp_metrics.hpp>
#include <querytap/snapshot/snapshot.hpp>

namespace querytap::detail {

/// Collects and sends once in an interval. Deltas are told from the last request that was settled
/// for good: what a collector could not take is in the next one.
class otlp_metrics_pipeline final : public otlp_pipeline {
 public:
  explicit otlp_metrics_pipeline(otlp_surroundings& around)
      : otlp_pipeline{otlp_signal::metrics, around},
        format_{around.settings.metrics},
        due_{around.now() + around.settings.interval} {}

 private:
  [[nodiscard]] time_point due() const override { return due_; }

  [[nodiscard]] otlp_payload make() override {
    // At the same times as ever, however long a request took; those that went by are left out.
    const auto interval = around().settings.interval;
    due_ += interval * (1 + (around().now() - due_) / interval);
    hurried_ = false;
    snapshot now = around().from.collect();
    now.resource = around().resource;
    otlp_payload request = format_.render(now, told_);
    // A snapshot that is kept costs the memory of another.
    if (format_is_delta()) made_of_ = std::move(now);
    return request;
  }

  bool settled(const otlp_verdict& how) override {
    if (how.how != otlp_verdict::end::not_now) told_ = std::move(made_of_);
    return true;
  }

  [[nodiscard]] bool format_is_delta() const {
    return around().settings.metrics.temporality == otlp_temporality::delta;
  }

  void hurry() override {
    due_ = std::min(due_, around().now());
    hurried_ = true;
  }

  [[nodiscard]] bool has_more() const override { return hurried_; }
  void abandon() override {}

  otlp_metrics format_;
  time_point due_;
  bool hurried_ = false;
  snapshot made_of_;  // the last request; of deltas alone
  snapshot told_;     // what the next deltas are told from
};

}  // namespace querytap::detail
