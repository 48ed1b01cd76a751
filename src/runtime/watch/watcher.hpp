#pragma once

#include "../../calls/reports/report_hub.hpp"
#include "plan_capture.hpp"
#include "server_waits.hpp"

#include <querytap/runtime/watch/query_watch.hpp>

#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>

namespace querytap::detail {

/// The thread of a query_watch, in one process.
///
/// Threads  look() from any.
class watcher {
 public:
  watcher(recorder& over, const query_watch_options& options);
  ~watcher();
  watcher(const watcher&) = delete;
  watcher& operator=(const watcher&) = delete;

  void look();

 private:
  void run();
  /// The call with its plan and what it waits for, as far as that can be found out in time.
  [[nodiscard]] std::shared_ptr<const call_report> completed(
      const std::shared_ptr<const call_report>& reported, server_inspector::deadline until);
  template <class Value>
  void report(const Value& one, const std::function<void(const Value&)>& callback) const;

  recorder& recorder_;
  const query_watch_options& options_;
  report_hub* const log_;
  const std::shared_ptr<report_feed> news_;
  std::mutex one_look_at_a_time_;  // guards the two below
  plan_capture plans_;
  server_waits waits_;
  std::mutex mutex_;  // guards stopping_
  std::condition_variable wake_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace querytap::detail
