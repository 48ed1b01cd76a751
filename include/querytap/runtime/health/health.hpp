#pragma once

#include <querytap/base/attribute.hpp>
#include <querytap/base/duration.hpp>
#include <querytap/base/function.hpp>
#include <querytap/base/smart_pointers.hpp>
#include <querytap/servers/health_probe.hpp>
#include <querytap/snapshot/health_report.hpp>

#include <string>
#include <vector>

namespace querytap {

class recorder;

/// What one component is needed for, and how it is found out whether it is well.
struct health_check {
  std::string component =
      {};  ///< such as `postgres`; unlike the names of the recorder's other checks
  std::string needed_for = {};  ///< in words, for whoever reads that it is not well
  /// Liveness only with a probe that looks_at_process_alone(), and without traffic.
  health_role role = health_role::readiness;
  /// Asks the component. Null: the application's own calls alone are looked at, and all is well as long as there are
  /// none.
  std::shared_ptr<health_probe> probe = nullptr;
  /// Labels of the application's calls of the component, such as {{"db.system.name", "redis"}}. Calls are looked at
  /// first: as long as they succeed, and few of the last minute have failed, nothing is asked. Empty: every look
  /// asks. Needs the recorder's history (recorder_options::history_byte_limit).
  attributes traffic = {};
  /// Asks at every look, however well the calls go: for what they do not show, such as a lag.
  bool always_probes = false;
  /// Within which a change is known, for a probe that answers fast: what it takes, up to its limit, comes on top of
  /// it, for each answer that decides.
  std::chrono::milliseconds interval{10'000};
  /// A probe that takes longer has failed.
  std::chrono::milliseconds time_limit{1'000};
  /// So many bad answers in a row change the status for the worse, and so many good ones for the better. The answers
  /// that decide follow each other in quick succession.
  unsigned failures = 3;
  unsigned successes = 2;
  /// The p99 of the calls of the last minute from which on they are too slow; 0: never.
  std::chrono::milliseconds slow_from{0};
};

struct health_options {
  std::vector<health_check> checks = {};
  /// Called on the health's thread when a status has changed, or a component begins to flap; what it throws is lost. As long
  /// as it does not return nothing is looked at, and after some time nothing counts as known.
  std::function<void(const health_report&)> on_change = {};
  /// Tells systemd that the process is ready, and that it lives, where NOTIFY_SOCKET and WATCHDOG_USEC ask for it:
  /// for services of `Type=notify` with WatchdogSec.
  bool notify_systemd = false;
};

/// Knows how the components are that the application depends on, and says so: at `/livez`, `/readyz` and `/health` of
/// every page server of the recorder, in snapshots, metrics and findings.
///
///     health health{recorder, {.checks = {{.component = "redis",
///                                          .needed_for = "remembering conversations",
///                                          .probe = std::make_shared<tcp_probe>(
///                                              tcp_probe_options{.host = "cache", .port = 6379})}}}};
///     scrape_endpoint endpoint{recorder, {.listen = "127.0.0.1:9464"}};     // serves them
///
/// A component whose calls go well is not asked: see health_check::traffic. A component that fails and succeeds by
/// turns has one finding and is `warn` until it has settled.
///
/// It works for a recorder that is disabled, too; then there is no traffic to look at.
///
/// In the child of a fork the checks have threads of their own, and begin anew. What was being called at the fork is
/// not used there, as its locks may be held for ever and its connection is the parent's: of a component whose probe was
/// running nothing is known but what its calls show, and its report says so; an on_change that was running is not called.
///
/// Threads  one that decides what is due, and one for each probe that runs at the same time: a probe that hangs delays
///          no other, no answer and no shutdown.
/// Cost     a look at calls is a collection. Answers are what was found last: no server is asked for them.
/// Errors   configuration_error at construction for checks that cannot be used, and for the name of a component that
///          another health object of the recorder has.
/// Lifetime the recorder must outlive it. The destructor waits for probes that are within their time limit; one that is
///          past it is left behind with its thread, and so must not use what ends with the caller.
/// Source   kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes;
///          draft-inadarei-api-health-check-06; sd_notify(3).
class health {
 public:
  explicit health(recorder& recorder, health_options options);
  ~health();
  health(const health&) = delete;
  health& operator=(const health&) = delete;

  /// As of now; the order is that of the checks.
  [[nodiscard]] std::vector<health_report> reports() const;
  /// Makes `/readyz` say that no requests should be sent any more, whatever the checks find, for as long as the recorder
  /// lives: for a process that is told to end, before it stops serving. Tells systemd so too, where it is told of health.
  void drain();

 private:
  class implementation;
  std::unique_ptr<implementation> implementation_;
};

}  // namespace querytap

#ifdef QUERYTAP_IMPLEMENTATION
#include <querytap/implementation/health.hpp>
#endif
