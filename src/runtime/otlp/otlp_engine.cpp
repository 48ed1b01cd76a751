#include "otlp_engine.hpp"

#include "../../base/bounded_wait.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <random>

namespace querytap::detail {
namespace {

// Version 4 of RFC 4122: all but six bits are random.
std::string random_uuid() {
  std::random_device random;
  const auto word = [&] { return (std::uint64_t{random()} << 32) | random(); };
  const std::uint64_t high = (word() & 0xFFFFFFFFFFFF0FFFU) | 0x4000U;
  const std::uint64_t low = (word() & 0x3FFFFFFFFFFFFFFFU) | 0x8000000000000000U;
  return fmt::format("{:08x}-{:04x}-{:04x}-{:04x}-{:012x}", high >> 32, (high >> 16) & 0xFFFFU,
                     high & 0xFFFFU, low >> 48, low & 0xFFFFFFFFFFFFU);
}

// To a collector, two processes' series of one name are one series, unless each process has an id of
// its own.
attributes resource_of_this_process(recorder& recorder) {
  attributes resource = recorder.collect().resource;
  if (resource.find("service.instance.id") == nullptr) {
    resource.set({"service.instance.id", random_uuid()});
  }
  return resource;
}

bool has_only_zeros(const auto& id) {
  return std::ranges::all_of(id, [](std::uint8_t byte) { return byte == 0; });
}

}  // namespace

otlp_engine::otlp_engine(background_thread& thread, recorder& recorder,
                         const otlp_settings& settings, std::uint64_t exporter_number,
                         const warning_sink& warn)
    : thread_{thread},
      context_{.recorder = recorder,
               .settings = settings,
               .resource = {},
               .exporter_number = exporter_number,
               .clock = [&thread] { return thread.now(); },
               .pause_until = [&thread](time_point until) { return thread.pause_until(until); },
               .warn = once_only{warn}} {
  const auto is_enabled = [&](otlp_signal signal) { return settings.route(signal).enabled; };
  if (is_enabled(otlp_signal::traces)) {
    auto pipeline = new_records_pipeline<span_record>(otlp_signal::traces);
    traces_ = pipeline.get();
    pipelines_.push_back(std::move(pipeline));
  }
  if (is_enabled(otlp_signal::logs)) {
    auto pipeline = new_records_pipeline<log_record>(otlp_signal::logs);
    logs_ = pipeline.get();
    pipelines_.push_back(std::move(pipeline));
  }
  if (is_enabled(otlp_signal::metrics)) {
    pipelines_.push_back(std::make_unique<otlp_metrics_pipeline>(context_));
  }
}

template <class Record>
std::unique_ptr<otlp_records_pipeline<Record>> otlp_engine::new_records_pipeline(
    otlp_signal signal) {
  return std::make_unique<otlp_records_pipeline<Record>>(signal, context_,
                                                         [this] { thread_.wake(); });
}

bool otlp_engine::send(log_record record) { return push(logs_, std::move(record)); }

bool otlp_engine::send(span_record record) {
  if (!has_only_zeros(record.self.trace_id) && !has_only_zeros(record.self.span_id)) {
    return push(traces_, std::move(record));
  }
  context_.losses.add("without_trace", 1);
  return false;
}

template <class Record>
bool otlp_engine::push(otlp_records_pipeline<Record>* pipeline, Record record) {
  if (pipeline == nullptr) return false;
  if (!thread_.is_stopping()) return pipeline->push(std::move(record));
  context_.losses.add("already_shutdown", 1);
  return false;
}

bool otlp_engine::flush(std::chrono::milliseconds within) {
  const time_point deadline = thread_.now() + bounded_wait(within);
  std::unique_lock lock{mutex_};
  if (thread_.is_stopping()) return has_delivered_all_;
  const std::uint64_t ticket = ++commands_.flushes_asked;
  commands_.flush_deadline = std::max(commands_.flush_deadline, deadline);
  thread_.wake();
  const bool is_done = changed_.wait_until(
      lock, deadline, [&] { return commands_.flushes_done >= ticket || thread_.is_stopping(); });
  return is_done && !thread_.is_stopping() && commands_.flush_delivered_all;
}

bool otlp_engine::has_delivered_all() const {
  const std::lock_guard lock{mutex_};
  return has_delivered_all_;
}

void otlp_engine::begin() {
  guarded([&] { context_.resource = resource_of_this_process(context_.recorder); });
}

otlp_engine::time_point otlp_engine::due() {
  time_point next = time_point::max();
  for (const auto& pipeline : pipelines_) next = std::min(next, pipeline->next());
  return next;
}

void otlp_engine::step() {
  flush_if_asked();
  for (const auto& pipeline : pipelines_) {
    if (!thread_.is_stopping()) guarded([&] { pipeline->step(); });
  }
}

// A request under way ends by then, and so does a flush that a thread waits for.
void otlp_engine::end_by(time_point deadline) noexcept {
  context_.sender.end_by(deadline);
  const std::lock_guard lock{
      mutex_};  // else a flush could see no stop yet, and wait after the notification
  changed_.notify_all();
}

void otlp_engine::finish(time_point deadline) {
  const bool has_delivered_all = drain_all(deadline, true);
  const std::lock_guard lock{mutex_};
  has_delivered_all_ = has_delivered_all;
}

void otlp_engine::flush_if_asked() {
  std::unique_lock lock{mutex_};
  const commands asked = commands_;
  if (thread_.is_stopping() || asked.flushes_asked == asked.flushes_done) return;
  lock.unlock();
  const bool has_delivered_all = drain_all(asked.flush_deadline, false);
  lock.lock();
  commands_.flushes_done = asked.flushes_asked;
  commands_.flush_delivered_all = has_delivered_all;
  changed_.notify_all();
}

bool otlp_engine::drain_all(time_point deadline, bool is_last) noexcept {
  bool has_delivered_all = true;
  for (const auto& pipeline : pipelines_) {
    guarded([&] { has_delivered_all = pipeline->drain(deadline, is_last) && has_delivered_all; });
  }
  return has_delivered_all;
}

template <class Work>
void otlp_engine::guarded(const Work& work) noexcept {
  try {
    work();
  } catch (const std::exception& problem) {
    context_.warn("OTLP: ", problem.what());
    static_cast<void>(thread_.pause_until(thread_.now() + std::chrono::seconds{1}));
  }
}

}  // namespace querytap::detail
