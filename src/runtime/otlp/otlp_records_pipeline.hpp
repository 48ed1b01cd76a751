#pragma once

#include "otlp_pipeline.hpp"

#include <querytap/exporters/otlp/otlp_records.hpp>

#include <deque>
#include <functional>
#include <iterator>
#include <mutex>
#include <vector>

namespace querytap::detail {

[[nodiscard]] inline otlp_payload render_records(const attributes& resource,
                                                 std::span<const log_record> records,
                                                 const otlp_limits& limits) {
  return render_otlp_logs(resource, records, limits);
}

[[nodiscard]] inline otlp_payload render_records(const attributes& resource,
                                                 std::span<const span_record> records,
                                                 const otlp_limits& limits) {
  return render_otlp_spans(resource, records, limits);
}

/// Sends log records or spans in batches, from a bounded queue. A batch that the collector could not
/// take counts as queued.
///
/// Threads  push() from any.
template <class Record>
class otlp_records_pipeline final : public otlp_pipeline {
 public:
  /// `wake` is called when there is a new due time.
  otlp_records_pipeline(otlp_signal signal, otlp_context& context, std::function<void()> wake)
      : otlp_pipeline{signal, context}, wake_{std::move(wake)} {}

  /// False if the queue is full.
  bool push(Record record) {
    if (!enqueue(std::move(record))) {
      metrics().queue_full();
      context().losses.add("queue_full", 1);
      return false;
    }
    metrics().queue_grew(1);
    return true;
  }

 private:
  bool enqueue(Record record) {
    const time_point time = context().clock();
    {
      const std::lock_guard lock{mutex_};
      if (queue_.size() + batch_.size() >= route().queue) return false;
      queue_.push_back(std::move(record));
      const bool is_first = queue_.size() == 1;
      const bool fills_batch = queue_.size() == route().batch;
      if (!is_first && !fills_batch) return true;
      due_ = std::max(fills_batch ? time : time + route().delay, rest_until_);
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
    return render_records(context().resource, batch_, context().settings.limits);
  }

  /// A collector stores each record that it receives.
  [[nodiscard]] repetition repeated() const override { return repetition::harmful; }

  bool settled(const otlp_verdict& verdict) override {
    const std::lock_guard lock{mutex_};
    const time_point later = context().clock() + route().delay;
    if (verdict.how == otlp_verdict::end::not_now) {
      due_ = rest_until_ = later;
      return false;
    }
    count_removed(batch_.size());
    batch_.clear();
    due_ = queue_.size() >= route().batch ? context().clock() : later;
    return true;
  }

  void count_removed(std::size_t records) {
    metrics().queue_grew(-static_cast<std::int64_t>(records));
    metrics().processed(records);
  }

  void hurry() override {
    const std::lock_guard lock{mutex_};
    due_ = rest_until_ = context().clock();
  }

  [[nodiscard]] bool has_more() const override {
    const std::lock_guard lock{mutex_};
    return !queue_.empty() || !batch_.empty();
  }

  void abandon() override {
    std::size_t records = 0;
    {
      const std::lock_guard lock{mutex_};
      records = queue_.size() + batch_.size();
      count_removed(records);
      queue_.clear();
      batch_.clear();
    }
    lose(records, "shutdown");
  }

  const std::function<void()> wake_;
  mutable std::mutex mutex_;  // guards all of these
  std::deque<Record> queue_;
  std::vector<Record> batch_;  // the records of the last payload
  time_point due_ = time_point::max();
  time_point rest_until_ = time_point::min();  // once the collector could not take a batch
};

}  // namespace querytap::detail
