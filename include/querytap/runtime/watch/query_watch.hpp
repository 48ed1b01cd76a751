#pragma once

#include <querytap/base/duration.hpp>
#include <querytap/base/function.hpp>
#include <querytap/base/smart_pointers.hpp>
#include <querytap/runtime/watch/report_listener.hpp>
#include <querytap/servers/server_inspector.hpp>

#include <vector>

namespace querytap {

class recorder;

struct query_watch_options {
  /// The time between two looks: a running call is reported at most this long after its threshold.
  std::chrono::milliseconds interval{250};
  std::vector<std::shared_ptr<report_listener>> listeners = {};
  /// Inspectors provide the plans of slow calls, and what running calls wait for. The first
  /// inspector that serves a call is asked: once in ten minutes for a statement, and twenty times a
  /// minute in all. A listener gets the report with the plan, if there is one.
  std::vector<std::shared_ptr<server_inspector>> plans = {};
  /// Listeners that need no object.
  std::function<void(const call_report&)> on_call_report = {};
  std::function<void(const request_report&)> on_request = {};
  std::function<void(const finding&)> on_finding = {};
};

/// Looks, from a thread of its own, for calls that are slow, failed or still running, finds out why, and
/// reports them to listeners.
///
///     query_watch watch{recorder, {.on_finding = [](const finding& f) { log(f.message, f.advice); }}};
///     query_watch other{recorder, {.listeners = {std::make_shared<report_file>(
///                                 recorder, json_lines_file_options{.path = "slow.jsonl"})}}};
///
/// Without a watch, slow and failed calls are in every snapshot and on the page, too; but calls that still
/// run are not reported, and no listener is called.
///
/// In the child of a fork the watch has a thread of its own, and reports nothing of the parent's.
///
/// Threads  one. Recording threads never wait for it.
/// Cost     each look goes through the calls in flight; a collection where nobody has collected for half a
///          minute, for recent(). Asking for plans and waits delays reports by half a
///          second at most.
/// Errors   configuration_error at construction for options that cannot be used.
/// Lifetime the recorder must outlive the watch. The destructor looks a last time.
class query_watch {
 public:
  explicit query_watch(recorder& recorder, query_watch_options options = {});
  ~query_watch();
  query_watch(const query_watch&) = delete;
  query_watch& operator=(const query_watch&) = delete;

  /// Looks now, and returns when all listeners have been called.
  void look();

 private:
  class implementation;
  std::unique_ptr<implementation> implementation_;
};

}  // namespace querytap

#ifdef QUERYTAP_IMPLEMENTATION
#include <querytap/implementation/watch.hpp>
#endif
