// In the child of a fork a watch goes on, and tells nothing of the parent's.

#include <querytap/calls/backend.hpp>
#include <querytap/calls/operation.hpp>
#include <querytap/recording/recorder.hpp>
#include <querytap/runtime/watch/query_watch.hpp>
#include <support/fork.hpp>

#include <atomic>
#include <chrono>
#include <thread>

using namespace querytap;
using namespace querytap::testing;
using namespace std::chrono_literals;

namespace {

struct watched {
  void call() const {
    const operation one{documents.statement_for("select 1")};
    std::this_thread::sleep_for(1ms);
  }
  /// Whether its thread, and not look(), tells so many calls in good time.
  bool tells(int calls) const {
    const auto deadline = std::chrono::steady_clock::now() + 10s;
    while (reported < calls && std::chrono::steady_clock::now() < deadline)
      std::this_thread::yield();
    return reported == calls;
  }

  recorder telemetry{{.service_name = "test"}};
  backend documents{telemetry, {.system = "postgresql", .slow_threshold = 1us}};
  std::atomic<int> reported{0};
};

query_watch_options options(watched& of, std::chrono::milliseconds interval) {
  return {.interval = interval, .on_call_report = [&](const call_report&) { ++of.reported; }};
}

}  // namespace

TEST_CASE("a watch from before a fork tells the child's calls, and none of the parent's") {
  watched here;
  query_watch watch{here.telemetry, options(here, std::chrono::hours{1})};
  here.call();
  CHECK(exit_code_of_child([&] {
          here.call();
          watch.look();
          return here.reported == 1;
        }) == 0);
  watch.look();
  CHECK(here.reported == 1);
}

TEST_CASE("a watch has a thread in the child of a fork") {
  watched here;
  const query_watch watch{here.telemetry, options(here, 1ms)};
  for (int i = 0; i < 10; ++i) {
    here.call();
    CHECK(exit_code_of_child([&] {
            here.reported = 0;
            here.call();
            return here.tells(1);
          }) == 0);
  }
}
