#pragma once

#include <querytap/calls/call_log.hpp>
#include <querytap/runtime/query_watch.hpp>

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
  template <class Value>
  void tell(const Value& one, const std::function<void(const Value&)>& callback) const;

  const query_watch_options& options_;
  const std::shared_ptr<call_log> log_;
  const std::shared_ptr<call_news> news_;
  std::mutex one_look_at_a_time_;
  std::mutex mutex_;  // guards stopping_
  std::condition_variable wake_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace querytap::detail
