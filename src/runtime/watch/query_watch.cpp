#include <querytap/runtime/watch/query_watch.hpp>

#include "../../base/bounded_wait.hpp"
#include "../../base/call_guarded.hpp"
#include "../../calls/reports/report_hub.hpp"
#include "../common/background_task.hpp"
#include "plan_capture.hpp"
#include "server_waits.hpp"

#include <querytap/base/error.hpp>
#include <querytap/recording/recorder.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

namespace querytap {
namespace {

constexpr std::chrono::milliseconds longest_inspection{500};

query_watch_options validated_watch_options(query_watch_options options) {
  if (options.interval <= std::chrono::milliseconds::zero()) {
    throw configuration_error{"interval", fmt::format("{} ms", options.interval.count()),
                              "expected more than 0 ms"};
  }
  options.interval = detail::bounded_wait(options.interval);
  for (const auto& listener : options.listeners) {
    if (listener == nullptr) throw configuration_error{"listeners", "null", "expected objects"};
  }
  for (const auto& inspector : options.plans) {
    if (inspector == nullptr) throw configuration_error{"plans", "null", "expected objects"};
  }
  return options;
}

}  // namespace

namespace detail {

/// What a query_watch does in one process.
///
/// Threads  look() from any.
class watch_job final : public background_job {
 public:
  /// `notified` is the listener that is being called, by the parent's watch if this is a fork's child;
  /// `locked` has those that were being called at earlier forks.
  watch_job(const background_thread& thread, recorder& recorder, const query_watch_options& options,
            std::atomic<const void*>& notified, std::vector<const void*>& locked)
      : thread_{thread},
        recorder_{recorder},
        options_{options},
        notified_{notified},
        locked_{locked},
        reports_{recorder.part<report_hub>()},
        feed_{reports_.subscribe()},
        plans_{options.plans},
        waits_{options.plans} {
    const void* const called = notified_.exchange(nullptr, std::memory_order_relaxed);
    if (called != nullptr) locked_.push_back(called);
  }

  [[nodiscard]] time_point due() override { return thread_.now() + options_.interval; }
  void step() override {
    recorder_.keep_history();
    look();
  }

  void look() {
    const std::lock_guard one_look_at_a_time{mutex_};
    const auto deadline = server_inspector::deadline::clock::now() + longest_inspection;
    reports_.drain();
    waits_.ask_again(reports_, recorder_.time().wall(), deadline);
    reports_.report_running();
    const report_feed news = reports_.take(*feed_);
    for (const auto& report : news.call_reports) {
      publish(*completed(report, deadline), options_.on_call_report);
    }
    for (const auto& report : news.requests) publish(*report, options_.on_request);
    for (const auto& finding : news.findings) publish(*finding, options_.on_finding);
    publish_findings_of_plans();
  }

 private:
  void publish_findings_of_plans() {
    for (const auto& finding : reports_.take(*feed_).findings) {
      publish(*finding, options_.on_finding);
    }
  }

  /// The call with its plan and what it waits for, as far as that can be found out in time.
  [[nodiscard]] std::shared_ptr<const call_report> completed(
      const std::shared_ptr<const call_report>& reported, server_inspector::deadline deadline) {
    const auto time = recorder_.time().wall();
    auto complete = std::make_shared<call_report>(*reported);
    waits_.complete(*complete, time, deadline);
    for (finding& finding : plans_.complete(*complete, time, deadline)) {
      reports_.publish(std::move(finding));
    }
    reports_.amend(reported->number, [&](call_report& stored) { stored = *complete; });
    return complete;
  }

  template <class Report>
  void publish(const Report& report, const std::function<void(const Report&)>& callback) const {
    if (callback) notify(&options_, [&] { callback(report); });  // all callbacks may share a lock
    for (const auto& listener : options_.listeners) {
      notify(listener.get(), [&] { listener->report(report); });
    }
  }

  // A listener is the application's: an exception of one must not skip the others.
  template <class Call>
  void notify(const void* listener, Call call) const {
    if (std::ranges::find(locked_, listener) != locked_.end()) return;
    notified_.store(listener, std::memory_order_relaxed);
    call_guarded(call);
    notified_.store(nullptr, std::memory_order_relaxed);
  }

  const background_thread& thread_;
  recorder& recorder_;
  const query_watch_options& options_;
  // ORDER relaxed: read in the child of a fork alone, by the thread that forked.
  std::atomic<const void*>& notified_;
  // Listeners that a parent's watch was calling at a fork: their locks are held for ever in this process.
  // They are not called, since everything after them would wait.
  std::vector<const void*>& locked_;
  report_hub& reports_;
  const std::shared_ptr<report_feed> feed_;
  std::mutex mutex_;  // guards both
  plan_capture plans_;
  server_waits waits_;
};

}  // namespace detail

class query_watch::implementation {
 public:
  implementation(recorder& recorder, query_watch_options options)
      : options_{validated_watch_options(std::move(options))} {
    if (!recorder.enabled()) return;
    task_.emplace([this, &recorder](const detail::background_thread& thread) {
      return std::make_unique<detail::watch_job>(thread, recorder, options_, notified_, locked_);
    });
  }

  ~implementation() {
    if (!task_) return;
    task_->stop(std::chrono::nanoseconds{0});
    look();
  }

  implementation(const implementation&) = delete;
  implementation& operator=(const implementation&) = delete;

  void look() {
    if (task_ && task_->job() != nullptr) task_->job()->look();
  }

 private:
  const query_watch_options options_;
  std::atomic<const void*> notified_{nullptr};
  std::vector<const void*> locked_;
  std::optional<detail::background_task<detail::watch_job>>
      task_;  // none where nothing is recorded
};

query_watch::query_watch(recorder& recorder, query_watch_options options)
    : implementation_{std::make_unique<implementation>(recorder, std::move(options))} {}

query_watch::~query_watch() = default;

void query_watch::look() { implementation_->look(); }

}  // namespace querytap
