// A watch reports every slow, failed and hung call, requests and findings, each once.

#include <querytap/base/error.hpp>
#include <querytap/calls/backend.hpp>
#include <querytap/calls/operation.hpp>
#include <querytap/calls/request.hpp>
#include <querytap/runtime/files/report_file.hpp>
#include <querytap/runtime/watch/query_watch.hpp>
#include <querytap/testing/capture.hpp>
#include <support/child_process.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <atomic>
#include <semaphore>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

using namespace querytap;
using namespace querytap::testing;
using namespace std::chrono_literals;

namespace {

// So long that the thread never looks: look() does.
constexpr auto never = std::chrono::milliseconds{std::chrono::hours{1}};

struct watched {
  void call(std::chrono::nanoseconds duration) {
    const operation call{postgres.statement_for("select name from users where id = 17")};
    telemetry.time().advance(duration);
  }

  capture telemetry;
  backend postgres{telemetry.recorder(), {.system = "postgresql"}};
  std::vector<std::string> reported;

  query_watch_options options() {
    return {
        .interval = never,
        .on_call_report =
            [this](const call_report& call) {
              reported.push_back(std::string{to_string(call.reason)} + ' ' +
                                 call.statement->summary);
            },
        .on_request = [this](const request_report& request) { reported.push_back(request.name); },
        .on_finding =
            [this](const finding& finding) {
              reported.push_back(std::string{to_string(finding.kind)});
            }};
  }
};

}  // namespace

TEST_CASE("each is reported once", "[query_watch]") {
  watched chat;
  query_watch watch{chat.telemetry.recorder(), chat.options()};
  chat.call(150ms);
  {
    const request chat_request{chat.telemetry.recorder(), "POST /chat"};
    for (int i = 0; i < 5; ++i) chat.call(1ms);
  }
  watch.look();
  watch.look();
  CHECK(chat.reported == std::vector<std::string>{"slow select users", "POST /chat", "n_plus_one"});
}

TEST_CASE("a call that still runs is reported, and again when it ends", "[query_watch]") {
  watched chat;
  query_watch watch{chat.telemetry.recorder(), chat.options()};
  {
    operation call{chat.postgres.statement_for("select name from users where id = 17")};
    chat.telemetry.time().advance(200ms);
    watch.look();
    watch.look();
  }
  watch.look();
  CHECK(chat.reported == std::vector<std::string>{"running select users", "slow select users"});
}

TEST_CASE("its thread looks by itself, within a second of the threshold", "[query_watch]") {
  recorder telemetry{{.service_name = "test"}};
  const backend postgres{telemetry, {.system = "postgresql", .slow_threshold = 1ms}};
  std::counting_semaphore<> running{0};
  const query_watch watch{telemetry,
                          {.interval = 5ms, .on_call_report = [&](const call_report& call) {
                             if (call.reason == report_reason::running) running.release();
                           }}};
  const operation call{postgres.statement_for("select name from users where id = 17")};
  CHECK(running.try_acquire_for(1s));
  CHECK_FALSE(running.try_acquire());
}

TEST_CASE("what is left is reported when the watch ends", "[query_watch]") {
  watched chat;
  {
    const query_watch watch{chat.telemetry.recorder(), chat.options()};
    chat.call(150ms);
  }
  CHECK(chat.reported == std::vector<std::string>{"slow select users"});
}

TEST_CASE("a listener that throws keeps no other from its reports", "[query_watch]") {
  struct thrower final : report_listener {
    using report_listener::report;
    void report(const call_report& /*call*/) override { throw 42; }
  };
  struct counter final : report_listener {
    using report_listener::report;
    void report(const call_report& /*call*/) override { ++reported; }
    int reported = 0;
  };
  watched chat;
  const auto other = std::make_shared<counter>();
  query_watch watch{chat.telemetry.recorder(),
                    {.interval = never,
                     .listeners = {std::make_shared<thrower>(), other},
                     .on_call_report = [](const call_report&) { throw std::runtime_error{"no"}; }}};
  chat.call(150ms);
  watch.look();
  CHECK(other->reported == 1);
}

TEST_CASE("two watches of one recorder report a running call once, to both", "[query_watch]") {
  watched chat;
  std::atomic<int> first_reports{0};
  std::atomic<int> second_reports{0};
  const auto counting = [](std::atomic<int>& reports) {
    return query_watch_options{.interval = never,
                               .on_call_report = [&reports](const call_report&) { ++reports; }};
  };
  query_watch first{chat.telemetry.recorder(), counting(first_reports)};
  query_watch second{chat.telemetry.recorder(), counting(second_reports)};
  const operation call{chat.postgres.statement_for("select name from users where id = 17")};
  chat.telemetry.time().advance(200ms);
  std::thread other{[&] {
    for (int i = 0; i < 200; ++i) second.look();
  }};
  for (int i = 0; i < 200; ++i) first.look();
  other.join();
  first.look();
  second.look();
  CHECK(first_reports == 1);
  CHECK(second_reports == 1);
}

TEST_CASE("a file takes a line for each", "[query_watch]") {
  const temporary_folder folder;
  const auto path = folder.path() / "slow.jsonl";
  watched chat;
  {
    query_watch watch{
        chat.telemetry.recorder(),
        {.interval = never,
         .listeners = {std::make_shared<report_file>(
             chat.telemetry.recorder(), json_lines_file_options{.path = path.string()})}}};
    chat.call(150ms);
    const request chat_request{chat.telemetry.recorder(), "POST /chat"};
    for (int i = 0; i < 5; ++i) chat.call(1ms);
  }
  const std::string text = read_text(path);
  CHECK(std::ranges::count(text, '\n') == 3);
  CHECK_THAT(text, Catch::Contains("select name from users where id = ?") &&
                       Catch::Contains("POST /chat") && Catch::Contains("n_plus_one"));
}

TEST_CASE("a recorder that is switched off is not watched", "[query_watch]") {
  recorder off{{.service_name = "test", .disabled = true}};
  query_watch watch{off};
  watch.look();
}

TEST_CASE("options that make no sense are refused by name", "[query_watch]") {
  capture telemetry;
  CHECK_THROWS_WITH(query_watch(telemetry.recorder(), {.interval = 0ms}),
                    "querytap: option 'interval' = '0 ms': expected more than 0 ms");
  CHECK_THROWS_AS(query_watch(telemetry.recorder(), {.listeners = {nullptr}}), configuration_error);
}
