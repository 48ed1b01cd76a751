// In the child of a fork a watch goes on, and reports nothing of the parent's.

#include <querytap/calls/backend.hpp>
#include <querytap/calls/operation.hpp>
#include <querytap/recording/recorder.hpp>
#include <querytap/runtime/watch/query_watch.hpp>
#include <querytap/testing/manual_clock.hpp>
#include <support/fork.hpp>

#include <atomic>
#include <chrono>
#include <mutex>
#include <optional>
#include <semaphore>

using namespace querytap;
using namespace querytap::testing;
using namespace std::chrono_literals;

namespace {

/// A backend whose calls are all slow, and the number of their reports. Nothing in it holds a lock: forks
/// happen amid reports.
struct watched {
  void call() {
    const operation call{documents.statement_for("select 1")};
    time.advance(1ms);
  }

  void count_report() {
    ++reports;
    reported.release();
  }

  /// Whether the watch's thread, and not look(), reports one call in good time, and no other.
  bool reports_one_by_itself() { return reported.try_acquire_for(10s) && reports == 1; }

  void forget_reports() {
    reports = 0;
    while (reported.try_acquire()) continue;
  }

  manual_clock time;
  recorder telemetry{{.service_name = "test", .time = &time}};
  backend documents{telemetry, {.system = "postgresql", .slow_threshold = 1us}};
  std::atomic<int> reports{0};
  std::counting_semaphore<> reported{0};
};

query_watch_options options(watched& backend, std::chrono::milliseconds interval) {
  return {.interval = interval, .on_call_report = [&backend](const call_report& report) {
            // The watch may also see the call in its last moment, while it runs.
            if (report.reason != report_reason::running) backend.count_report();
          }};
}

}  // namespace

TEST_CASE("a watch from before a fork reports the child's calls, and none of the parent's") {
  watched here;
  query_watch watch{here.telemetry, options(here, std::chrono::hours{1})};
  here.call();
  CHECK(exit_code_of_child([&] {
          here.call();
          watch.look();
          return here.reports == 1;
        }) == 0);
  watch.look();
  CHECK(here.reports == 1);
}

TEST_CASE("a listener that was being called at a fork is not waited for in the child") {
  watched here;
  std::binary_semaphore is_called{0};
  std::mutex held_by_listener;
  std::counting_semaphore<> may_return{0};
  std::optional<query_watch> watch;
  watch.emplace(here.telemetry,
                query_watch_options{.interval = 1ms, .on_call_report = [&](const call_report&) {
                                      const std::lock_guard lock{held_by_listener};
                                      is_called.release();
                                      may_return.acquire();
                                    }});
  here.call();
  REQUIRE(is_called.try_acquire_for(10s));
  CHECK(exit_code_of_child([&] {
          here.call();
          watch.reset();
          return true;
        }) == 0);
  may_return.release(10);
}

TEST_CASE("a watch has a thread in the child of a fork") {
  watched here;
  const query_watch watch{here.telemetry, options(here, 1ms)};
  for (int i = 0; i < 10; ++i) {
    here.call();
    CHECK(exit_code_of_child([&] {
            here.forget_reports();
            here.call();
            return here.reports_one_by_itself();
          }) == 0);
  }
}
