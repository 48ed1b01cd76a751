#pragma once

#include <querytap/runtime/watch/report_listener.hpp>
#include <querytap/servers/server_inspector.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <vector>

namespace querytap {

class recorder;

struct query_watch_options {
  /// How often it looks. A call that still runs is told of so much after its threshold at most.
  std::chrono::milliseconds interval{250};
  std::vector<std::shared_ptr<report_listener>> listeners = {};
  /// Who is asked for the plans of slow calls, and what running ones wait for. The first that serves a
  /// call is: for a statement once in ten minutes, and for twenty a minute. What is told to listeners has
  /// the plan, where there is one.
  std::vector<std::shared_ptr<server_inspector>> plans = {};
  /// The same for those who need no object.
  std::function<void(const call_report&)> on_call_report = {};
  std::function<void(const request_report&)> on_request = {};
  std::function<void(const finding&)> on_finding = {};
};

/// Looks, from a thread of its own, for calls that are slow, failed or still running, finds out why, and
/// tells everybody who wants to know.
///
///     query_watch watch{recorder, {.on_finding = [](const finding& f) { log(f.message, f.advice); }}};
///     query_watch other{recorder, {.listeners = {std::make_shared<report_file>(recorder, "slow.jsonl")}}};
///
/// Without one, slow and failed calls are in every snapshot and on the page just the same; but nobody
/// looks for those that still run, and nobody is told.
///
/// The child of a fork has a watch that works, with a thread of its own.
///
/// Threads  one. Recording threads never wait for it.
/// Cost     each look goes through the calls in flight. Asking for plans and waits delays what is told
///          by half a second at most.
/// Errors   configuration_error at construction for options that cannot be used.
/// Lifetime the recorder must outlive it. The destructor looks a last time.
class query_watch {
 public:
  explicit query_watch(recorder& recorder, query_watch_options options = {});
  ~query_watch();
  query_watch(const query_watch&) = delete;
  query_watch& operator=(const query_watch&) = delete;

  /// Looks now, and returns when everybody has been told.
  void look();

 private:
  class implementation;
  std::unique_ptr<implementation> implementation_;
};

}  // namespace querytap
