#include "otlp_engine.hpp"

#include "../common/block_signals.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <random>

namespace querytap::detail {
namespace {

using std::chrono::steady_clock;

// Version 4 of RFC 4122: all but six bits are random.
std::string random_uuid() {
  std::random_device random;
  const auto word = [&] { return (std::uint64_t{random()} << 32) | random(); };
  const std::uint64_t high = (word() & 0xFFFFFFFFFFFF0FFFU) | 0x4000U;
  const std::uint64_t low = (word() & 0x3FFFFFFFFFFFFFFFU) | 0x8000000000000000U;
  return fmt::format("{:08x}-{:04x}-{:04x}-{:04x}-{:012x}", high >> 32, (high >> 16) & 0xFFFFU,
                     high & 0xFFFFU, low >> 48, low & 0xFFFFFFFFFFFFU);
}

// A collector takes series of one name from two processes for one series, unless it can tell them
// apart.
attributes resource_of_this_process(recorder& from) {
  attributes resource = from.collect().resource;
  if (resource.find("service.instance.id") == nullptr) {
    resource.set({"service.instance.id", random_uuid()});
  }
  return resource;
}

}  // namespace

otlp_engine::otlp_engine(recorder& from, const otlp_settings& settings, std::uint64_t number,
                         const warning_sink& warn)
    : around_{.from = from,
              .settings = settings,
              .resource = {},
              .number = number,
              .now = steady_clock::now,
              .pause_until = [this](time_point until) { return pause_until(until); },
              .warn = once_only{warn}} {
  const auto wanted = [&](otlp_signal signal) { return settings.route(signal).enabled; };
  if (wanted(otlp_signal::traces)) {
    pipelines_.push_back(std::make_unique<otlp_records_pipeline<span_record>>(
        otlp_signal::traces, around_, [this] { wake(); }));
    traces_ = static_cast<otlp_records_pipeline<span_record>*>(pipelines_.back().get());
  }
  if (wanted(otlp_signal::logs)) {
    pipelines_.push_back(std::make_unique<otlp_records_pipeline<log_record>>(
        otlp_signal::logs, around_, [this] { wake(); }));
    logs_ = static_cast<otlp_records_pipeline<log_record>*>(pipelines_.back().get());
  }
  if (wanted(otlp_signal::metrics)) {
    pipelines_.push_back(std::make_unique<otlp_metrics_pipeline>(around_));
  }
  thread_ = std::thread{[this] { work(); }};
}

otlp_engine::~otlp_engine() { shutdown(std::chrono::milliseconds{0}); }

bool otlp_engine::send(log_record record) { return push(logs_, std::move(record)); }

bool otlp_engine::send(span_record record) {
  const auto is_zero = [](const auto& id) {
    return std::ranges::all_of(id, [](std::uint8_t byte) { return byte == 0; });
  };
  if (!is_zero(record.self.trace_id) && !is_zero(record.self.span_id)) {
    return push(traces_, std::move(record));
  }
  around_.losses.add("without_trace", 1);
  return false;
}

template <class Record>
bool otlp_engine::push(otlp_records_pipeline<Record>* to, Record record) {
  if (to == nullptr) return false;
  if (!is_shut_down()) return to->push(std::move(record));
  around_.losses.add("already_shutdown", 1);
  return false;
}

bool otlp_engine::is_shut_down() const {
  const std::lock_guard lock{mutex_};
  return asked_.stopping;
}

void otlp_engine::wake() {
  {
    const std::lock_guard lock{mutex_};
    ++asked_.wakes;
  }
  changed_.notify_all();
}

bool otlp_engine::flush(std::chrono::milliseconds within) {
  const time_point limit = steady_clock::now() + within;
  std::unique_lock lock{mutex_};
  if (asked_.stopping) return delivered_all_;
  const std::uint64_t ticket = ++asked_.flushes_asked;
  asked_.flush_limit = std::max(asked_.flush_limit, limit);
  changed_.notify_all();
  const bool done = changed_.wait_until(
      lock, limit, [&] { return asked_.flushes_done >= ticket || asked_.stopping; });
  return done && !asked_.stopping && asked_.flush_delivered_all;
}

bool otlp_engine::shutdown(std::chrono::milliseconds within) {
  const std::lock_guard one_at_a_time{shutdown_mutex_};
  if (thread_.joinable()) {
    const time_point limit = steady_clock::now() + within;
    {
      const std::lock_guard lock{mutex_};
      asked_.stopping = true;
      asked_.stop_limit = limit;
    }
    changed_.notify_all();
    around_.sender.end_by(limit);
    thread_.join();
  }
  const std::lock_guard lock{mutex_};
  return delivered_all_;
}

void otlp_engine::work() noexcept {
  block_signals();
  guarded([&] { around_.resource = resource_of_this_process(around_.from); });
  while (!is_shut_down()) {
    wait_for_work();
    flush_if_asked();
    for (const auto& one : pipelines_) {
      if (!is_shut_down()) guarded([&] { one->step(); });
    }
  }
  const time_point limit = asked_.stop_limit;  // set once, before the thread is told to stop
  bool all = true;
  for (const auto& one : pipelines_) guarded([&] { all = one->drain(limit, true) && all; });
  const std::lock_guard lock{mutex_};
  delivered_all_ = all;
}

void otlp_engine::wait_for_work() {
  time_point next = time_point::max();
  for (const auto& one : pipelines_) next = std::min(next, one->next());
  std::unique_lock lock{mutex_};
  const auto called = [&] {
    return asked_.stopping || asked_.wakes != wakes_seen_ ||
           asked_.flushes_done != asked_.flushes_asked;
  };
  if (next == time_point::max()) {
    changed_.wait(lock, called);
  } else {
    changed_.wait_until(lock, next, called);
  }
  wakes_seen_ = asked_.wakes;
}

void otlp_engine::flush_if_asked() {
  std::unique_lock lock{mutex_};
  const requests asked = asked_;
  if (asked.stopping || asked.flushes_asked == asked.flushes_done) return;
  lock.unlock();
  bool all = true;
  for (const auto& one : pipelines_) {
    guarded([&] { all = one->drain(asked.flush_limit, false) && all; });
  }
  lock.lock();
  asked_.flushes_done = asked.flushes_asked;
  asked_.flush_delivered_all = all;
  changed_.notify_all();
}

// Within a flush a shutdown ends the pause, and the flush; within the shutdown nothing does.
bool otlp_engine::pause_until(time_point until) {
  std::unique_lock lock{mutex_};
  if (!asked_.stopping) {
    return !changed_.wait_until(lock, until, [&] { return asked_.stopping; });
  }
  lock.unlock();
  std::this_thread::sleep_until(until);
  return true;
}

template <class Work>
void otlp_engine::guarded(const Work& what) noexcept {
  try {
    what();
  } catch (const std::exception& problem) {
    around_.warn(std::string{"OTLP: "} + problem.what());
    static_cast<void>(pause_until(steady_clock::now() + std::chrono::seconds{1}));
  }
}

}  // namespace querytap::detail
