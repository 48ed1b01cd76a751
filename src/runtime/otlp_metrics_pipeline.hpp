#pragma once

#include "otlp_pipeline.hpp"

#include <querytap/exporters/otlp_metrics.hpp>
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

  [[nodiscard]] otlp_request make() override {
    // At the same times as ever, however long a request took; those that went by are left out.
    const auto interval = around().settings.interval;
    due_ += interval * (1 + (around().now() - due_) / interval);
    hurried_ = false;
    made_of_ = around().from.collect();
    made_of_.resource = around().resource;
    return format_.render(made_of_, told_);
  }

  bool settled(const otlp_verdict& how) override {
    if (how.how != otlp_verdict::end::not_now) told_ = std::move(made_of_);
    return true;
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
  snapshot made_of_;
  snapshot told_;
};

}  // namespace querytap::detail
