// A request knows how long it took, and how much of that its backends had.

#include <querytap/base/exception_outcome.hpp>
#include <querytap/calls/backend.hpp>
#include <querytap/calls/operation.hpp>
#include <querytap/calls/request.hpp>
#include <querytap/policies/pool.hpp>
#include <querytap/testing/capture.hpp>

#include <catch2/catch.hpp>

#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

using namespace querytap;
using namespace std::chrono_literals;

namespace {

struct two_backends {
  capture telemetry;
  backend sqlite{telemetry.recorder(), {.system = "sqlite", .dialect = dialect::sqlite}};
  backend postgres{telemetry.recorder(), {.system = "postgresql"}};

  void call(const backend& backend, std::chrono::nanoseconds duration) {
    operation call{backend.statement_for("select 1")};
    telemetry.time().advance(duration);
  }
};

}  // namespace

TEST_CASE("a request is timed from beginning to end") {
  two_backends chat;
  {
    request chat_request{chat.telemetry.recorder(), "POST /chat"};
    chat.telemetry.time().advance(40ms);
  }
  CHECK(chat.telemetry.text("querytap.request.duration") ==
        "querytap.request.name=POST /chat count=1 sum=0.04 (0.0372,0.0405]=1");
}

TEST_CASE("operations and their time are recorded by backend") {
  two_backends chat;
  {
    request chat_request{chat.telemetry.recorder(), "POST /chat"};
    chat.call(chat.sqlite, 1ms);
    chat.call(chat.sqlite, 2ms);
    chat.call(chat.postgres, 30ms);
    chat.telemetry.time().advance(1s);
  }
  const std::string operations = chat.telemetry.text("querytap.request.operations");
  CHECK_THAT(
      operations,
      Catch::Contains(
          "db.system.name=postgresql querytap.request.name=POST /chat count=1 sum=1 ") &&
          Catch::Contains("db.system.name=sqlite querytap.request.name=POST /chat count=1 sum=2 "));
  CHECK_THAT(chat.telemetry.text("querytap.request.backend.duration"),
             Catch::Contains("postgresql querytap.request.name=POST /chat count=1 sum=0.03 ") &&
                 Catch::Contains("sqlite querytap.request.name=POST /chat count=1 sum=0.003 "));
}

TEST_CASE("more requests at once than a thread has slots for leave their name as it was") {
  two_backends chat;
  for (int round = 1; round <= 2; ++round) {
    std::vector<request> open;
    for (int i = 0; i < 40; ++i) open.emplace_back(chat.telemetry.recorder(), "POST /chat");
    while (!open.empty()) open.pop_back();
    const auto durations = chat.telemetry.recorder().collect().find("querytap.request.duration");
    REQUIRE(durations.size() == 1);
    CHECK(durations[0].histogram->count() == static_cast<std::uint64_t>(40 * round));
  }
}

TEST_CASE("operations outside of a request belong to no request") {
  two_backends chat;
  chat.call(chat.sqlite, 1ms);
  { request chat_request{chat.telemetry.recorder(), "GET /"}; }
  chat.call(chat.sqlite, 1ms);
  CHECK(chat.telemetry.text("querytap.request.operations").empty());
}

TEST_CASE("operations of another thread belong to its own request") {
  two_backends chat;
  {
    request chat_request{chat.telemetry.recorder(), "POST /chat"};
    std::thread{[&] { chat.call(chat.sqlite, 1ms); }}.join();
  }
  CHECK(chat.telemetry.text("querytap.request.operations").empty());
}

TEST_CASE("what an inner request did counts for the outer one too") {
  two_backends chat;
  {
    request outer{chat.telemetry.recorder(), "outer"};
    chat.call(chat.sqlite, 1ms);
    {
      request inner{chat.telemetry.recorder(), "inner"};
      chat.call(chat.sqlite, 2ms);
    }
    chat.call(chat.sqlite, 4ms);
  }
  CHECK_THAT(chat.telemetry.text("querytap.request.backend.duration"),
             Catch::Contains("querytap.request.name=inner count=1 sum=0.002 ") &&
                 Catch::Contains("querytap.request.name=outer count=1 sum=0.007 "));
}

TEST_CASE("a request that throws is counted as an error and the exception goes on") {
  two_backends chat;
  const auto fail = [&] {
    request chat_request{chat.telemetry.recorder(), "POST /chat"};
    throw std::runtime_error{"no"};
  };
  REQUIRE_THROWS_WITH(fail(), "no");
  CHECK_THAT(chat.telemetry.text("querytap.request.duration"),
             Catch::StartsWith("error.type=_OTHER querytap.request.name=POST /chat count=1"));
}

TEST_CASE("a request that an exception ends fails with what made it fail") {
  struct example {
    std::string_view happening;
    std::string_view error_type;
    std::function<void(two_backends&)> happens;
  };
  const auto end_call = [](two_backends& chat, const outcome& ending) {
    operation call{chat.sqlite.statement_for("select 1")};
    call.fail(ending);
  };
  const auto fail_in = [](two_backends& chat, const outcome& ending) {
    operation call{chat.sqlite.statement_for("select 1")};
    try {
      throw std::runtime_error{"no"};
    } catch (...) {
      call.fail(ending.failed() ? ending : outcome_of_current_exception());
      throw;
    }
  };
  struct rolls_back {
    two_backends& chat;
    ~rolls_back() { chat.call(chat.sqlite, 1ms); }
  };
  const outcome unique = outcome::error("23505", "23505");
  const std::vector<example> examples{
      {"a call failed", "23505", [&](two_backends& chat) { fail_in(chat, unique); }},
      {"a call timed by hand failed", "runtime_error",
       [&](two_backends& chat) { fail_in(chat, outcome::ok()); }},
      {"the last of several", "5",
       [&](two_backends& chat) {
         end_call(chat, unique);
         fail_in(chat, outcome::error("5"));
       }},
      {"a call failed, and was rolled back on the way out", "23505",
       [&](two_backends& chat) {
         const rolls_back transaction{chat};
         fail_in(chat, unique);
       }},
      {"a call failed, and its handler wrote that down", "23505",
       [&](two_backends& chat) {
         try {
           fail_in(chat, unique);
         } catch (...) {
           chat.call(chat.sqlite, 1ms);
           throw;
         }
       }},
      {"a call failed, the request went on, and failed elsewhere", "_OTHER",
       [&](two_backends& chat) {
         end_call(chat, unique);
         chat.call(chat.sqlite, 1ms);
         throw std::runtime_error{"no"};
       }},
      {"no call failed", "_OTHER",
       [&](two_backends& chat) {
         chat.call(chat.sqlite, 1ms);
         throw std::runtime_error{"no"};
       }},
      {"a call of an inner request failed", "23505",
       [&](two_backends& chat) {
         const request inner{chat.telemetry.recorder(), "inner"};
         fail_in(chat, unique);
       }},
      {"an inner request was failed by its handler", "runtime_error",
       [&](two_backends& chat) {
         request inner{chat.telemetry.recorder(), "inner"};
         try {
           throw std::runtime_error{"no"};
         } catch (...) {
           inner.fail(outcome_of_current_exception());
           throw;
         }
       }},
      {"waiting for a connection failed", "pool_timeout",
       [&](two_backends& chat) {
         pool<int> connections{chat.telemetry.recorder(),
                               {.name = "only", .maximum = 1, .acquisition_timeout = 0ms},
                               [] { return std::make_unique<int>(7); }};
         const auto lease = connections.acquire();
         static_cast<void>(connections.acquire());
       }},
  };
  for (const example& each : examples) {
    CAPTURE(each.happening);
    two_backends chat;
    const auto run = [&] {
      const request chat_request{chat.telemetry.recorder(), "POST /chat"};
      each.happens(chat);
    };
    REQUIRE_THROWS(run());
    CHECK_THAT(chat.telemetry.text("querytap.request.duration"),
               Catch::Contains("error.type=" + std::string{each.error_type} +
                               " querytap.request.name=POST /chat count=1"));
    CHECK(chat.telemetry.last_request().error_type == each.error_type);
  }
}

TEST_CASE("a request whose failed call was dealt with has not failed") {
  two_backends chat;
  {
    const request chat_request{chat.telemetry.recorder(), "POST /chat"};
    operation call{chat.sqlite.statement_for("select 1")};
    call.fail(outcome::error("23505"));
  }
  CHECK(chat.telemetry.last_request().error_type == "");
}

TEST_CASE("a request may be failed by type, and finished early") {
  two_backends chat;
  request chat_request{chat.telemetry.recorder(), "POST /chat"};
  chat_request.fail(outcome::error("400"));
  chat_request.finish();
  chat.call(chat.sqlite, 1ms);
  chat_request.finish();
  CHECK_THAT(chat.telemetry.text("querytap.request.duration"),
             Catch::StartsWith("error.type=400 querytap.request.name=POST /chat count=1"));
  CHECK(chat.telemetry.text("querytap.request.operations").empty());
}

TEST_CASE("more kinds of backends than a request has room for are counted together") {
  two_backends chat;
  {
    request chat_request{chat.telemetry.recorder(), "POST /chat"};
    for (int i = 0; i < 12; ++i) {
      const backend kind{chat.telemetry.recorder(), {.system = "kind" + std::to_string(i)}};
      chat.call(kind, 1ms);
    }
  }
  CHECK_THAT(
      chat.telemetry.text("querytap.request.operations"),
      Catch::Contains("db.system.name=_OTHER querytap.request.name=POST /chat count=1 sum=5 "));
}
