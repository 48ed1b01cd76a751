#pragma once

#include "otlp_pipeline.hpp"

#include <querytap/exporters/otlp/otlp_records.hpp>

#include <deque>
#include <functional>
#include <iterator>
#include <mutex>
#include <vector>

namespace querytap::detail {

[[nodiscard]] inline otlp_payload render(const attributes& resource,
                                         std::span<const log_record> records,
                                         const otlp_limits& limits) {
  return render_otlp_logs(resource, records, limits);
}

[[nodiscard]] inline otlp_payload render(const attributes& resource,
                                         std::span<const span_record> records,
                                         const otlp_limits& limits) {
  return render_otlp_spans(resource, records, limits);
}

/// Sends log records or spans in batches, from a bounded queue. A batch that the collector could
/// not take waits with the others.
///
/// Threads  push() from any.
template <class Record>
class otlp_records_pipeline final : public otlp_pipeline {
 public:
  /// `wake` is called when there is a new due time.
  otlp_records_pipeline(otlp_signal signal, otlp_surroundings& around, std::function<void()> wake)
      : otlp_pipeline{signal, around}, wake_{std::move(wake)} {}

  /// False if there is no room for it.
  bool push(Record record) {
    if (!enqueue(std::move(record))) {
      metrics().queue_full();
      around().losses.add("queue_full", 1);
      return false;
    }
    metrics().queue_grew(1);
    return true;
  }

 private:
  bool enqueue(Record record) {
    const time_point now = around().now();
    {
      const std::lock_guard lock{mutex_};
      if (queue_.size() + batch_.size() >= route().queue) return false;
      queue_.push_back(std::move(record));
      const bool first = queue_.size() == 1;
      const bool enough = queue_.size() == route().batch;
      if (!first && !enough) return true;
      due_ = std::max(enough ? now : now + route().delay, rest_until_);
    }
    wake_();
    return true;
  }

  [[nodiscard]] time_point due() const override {
    const std::lock_guard lock{mutex_};
    return queue_.empty() && batch_.empty() ? time_point::max() : due_;
  }

  [[nodiscard]] otlp_payload make() override {
    const std::lock_guard lock{mutex_};
    const std::size_t room = route().batch - std::min(route().batch, batch_.size());
    const auto end = queue_.begin() + static_cast<std::ptrdiff_t>(std::min(room, queue_.size()));
    batch_.insert(batch_.end(), std::move_iterator{queue_.begin()}, std::move_iterator{end});
    queue_.erase(queue_.begin(), end);
    return render(around().resource, batch_, around().settings.limits);
  }

  bool settled(const otlp_verdict& how) override {
    const std::lock_guard lock{mutex_};
    const time_point later = around().now() + route().delay;
    if (how.how == otlp_verdict::end::not_now) {
      due_ = rest_until_ = later;
      return false;
    }
    take_off(batch_.size());
    batch_.clear();
    due_ = queue_.size() >= route().batch ? around().now() : later;
    return true;
  }

  void take_off(std::size_t records) {
    metrics().queue_grew(-static_cast<std::int64_t>(records));
    metrics().processed(records);
  }

  void hurry() override {
    const std::lock_guard lock{mutex_};
    due_ = rest_until_ = around().now();
  }

  [[nodiscard]] bool has_more() const override {
    const std::lock_guard lock{mutex_};
    return !queue_.empty() || !batch_.empty();
  }

  void abandon() override {
    std::size_t left = 0;
    {
      const std::lock_guard lock{mutex_};
      left = queue_.size() + batch_.size();
      take_off(left);
      queue_.clear();
      batch_.clear();
    }
    lose(left, "shutdown");
  }

  const std::function<void()> wake_;
  mutable std::mutex mutex_;  // guards all of these
  std::deque<Record> queue_;
  std::vector<Record> batch_;  // what the last request was made of
  time_point due_ = time_point::max();
  time_point rest_until_ = time_point::min();  // after a collector that could not take it
};

}  // namespace querytap::detail
