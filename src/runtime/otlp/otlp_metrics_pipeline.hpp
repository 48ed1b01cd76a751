#pragma once

#include "otlp_pipeline.hpp"

#include <querytap/exporters/otlp/otlp_metrics.hpp>
#include <querytap/snapshot/snapshot.hpp>

namespace querytap::detail {

/// Collects and sends once in an interval. Deltas start at the last payload whose delivery ended for
/// good: what a collector could not take is in the next payload, unless its series was retired meanwhile.
class otlp_metrics_pipeline final : public otlp_pipeline {
 public:
  explicit otlp_metrics_pipeline(otlp_context& context)
      : otlp_pipeline{otlp_signal::metrics, context},
        format_{context.settings.metrics},
        due_{context.clock() + context.settings.interval} {}

 private:
  [[nodiscard]] time_point due() const override { return due_; }

  [[nodiscard]] otlp_payload make() override {
    // On the grid of the interval, however long a delivery takes; times that have passed are left out.
    const auto interval = context().settings.interval;
    due_ += interval * (1 + (context().clock() - due_) / interval);
    is_hurried_ = false;
    snapshot collected = context().recorder.collect();
    collected.resource = context().resource;
    otlp_payload payload = format_.render(collected, reported_);
    // Only deltas need it: a retained snapshot costs the memory of another.
    if (has_deltas()) rendered_ = std::move(collected);
    return payload;
  }

  /// A collector adds up deltas, and replaces totals.
  [[nodiscard]] repetition repeated() const override {
    return has_deltas() ? repetition::harmful : repetition::harmless;
  }

  bool settled(const otlp_verdict& verdict) override {
    if (verdict.how != otlp_verdict::end::not_now) reported_ = std::move(rendered_);
    return true;
  }

  [[nodiscard]] bool has_deltas() const {
    return context().settings.metrics.temporality == otlp_temporality::delta;
  }

  void hurry() override {
    due_ = std::min(due_, context().clock());
    is_hurried_ = true;
  }

  [[nodiscard]] bool has_more() const override { return is_hurried_; }
  void abandon() override {}

  otlp_metrics format_;
  time_point due_;
  bool is_hurried_ = false;
  snapshot rendered_;  // the last payload's, for deltas
  snapshot reported_;  // what the next deltas start at
};

}  // namespace querytap::detail
