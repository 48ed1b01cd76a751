// A component's work is an operation, with a quality; a stream is timed message by message; business counters are
// there from the start.

#include <querytap/calls/backend.hpp>
#include <querytap/calls/component.hpp>
#include <querytap/calls/request.hpp>
#include <querytap/calls/stream_timer.hpp>
#include <querytap/recording/counters_by.hpp>
#include <querytap/testing/capture.hpp>

#include <catch2/catch.hpp>

#include <cmath>
#include <stdexcept>
#include <string>

namespace {

using namespace querytap;
using namespace std::chrono_literals;

enum class feedback { helpful, wrong };
constexpr std::string_view to_string(feedback value) {
  return value == feedback::helpful ? "helpful" : "wrong";
}
constexpr instrument answer_feedback{.name = "shop.feedback",
                                     .unit = "{answer}",
                                     .kind = instrument_kind::counter,
                                     .description = "Answers, by what users said of them."};

}  // namespace

TEST_CASE("the work of a component is timed by its name, and has a quality", "[component]") {
  capture telemetry;
  const component validator{telemetry.recorder(), "answer_validator"};
  for (const double quality : {0.5, 2.0, -1.0, std::nan("")}) {
    component_call call = validator.begin();
    telemetry.time().advance(30ms);
    call.quality(quality);
  }
  CHECK(telemetry.text("querytap.component.duration") ==
        "querytap.component=answer_validator count=4 sum=0.12 (0.0287,0.0312]=4");
  CHECK_THAT(telemetry.text("querytap.component.quality"),
             Catch::StartsWith("querytap.component=answer_validator count=3 sum=1.5 "));
}

TEST_CASE("what a component fails with is its error.type, an exception's too", "[component]") {
  capture telemetry;
  const component agent{telemetry.recorder(), "agent"};
  {
    component_call call = agent.begin();
    call.fail(outcome::error("too_many_steps"));
  }
  const auto throwing = [&] {
    const component_call call = agent.begin();
    throw std::runtime_error{"canary"};
  };
  CHECK_THROWS(throwing());
  const std::string text = telemetry.text("querytap.component.duration");
  CHECK_THAT(text, Catch::Contains("error.type=too_many_steps querytap.component=agent count=1"));
  CHECK_THAT(text, Catch::Contains("error.type=_OTHER querytap.component=agent count=1"));
}

TEST_CASE("a component stands in the ledger, without the time of what it calls", "[component]") {
  capture telemetry;
  const component agent{telemetry.recorder(), "agent"};
  const backend db{telemetry.recorder(), {.system = "sqlite"}};
  {
    const request request{telemetry.recorder(), "POST /chat"};
    const component_call call = agent.begin();
    telemetry.time().advance(10ms);
    const operation query{db.statement_for("select 1")};
    telemetry.time().advance(20ms);
  }
  std::string shares;
  for (const backend_share& share : telemetry.last_request().backends) {
    shares += share.system + ' ' + std::to_string(share.phases.total() / 1ms) + '\n';
  }
  CHECK(shares == "sqlite 20\ncomponent 10\n");
}

TEST_CASE("a component without a name is refused", "[component]") {
  recorder telemetry{{.service_name = "test"}};
  CHECK_THROWS_WITH((component{telemetry, ""}), Catch::Contains("name"));
  CHECK_THROWS_WITH((component{telemetry, "agent", {.slow_threshold = -1ns}}),
                    Catch::Contains("slow_threshold"));
}

TEST_CASE("a stream is timed to its first message, between messages, and to its end",
          "[stream_timer]") {
  capture telemetry;
  const stream_kind sockets{telemetry.recorder(), "chat_socket"};
  {
    stream_timer stream{sockets};
    CHECK(telemetry.text("querytap.stream.active") == "querytap.stream=chat_socket value=1");
    for (int i = 0; i < 3; ++i) {
      telemetry.time().advance(30ms);
      stream.message(100);
    }
    stream.fail(outcome::error("1006"));
    stream.finish();
    stream.finish();    // once
    stream.message(5);  // too late
  }
  CHECK(telemetry.text("querytap.stream.time_to_first_message") ==
        "querytap.stream=chat_socket count=1 sum=0.03 (0.0287,0.0312]=1");
  CHECK(telemetry.text("querytap.stream.message_gap") ==
        "querytap.stream=chat_socket count=2 sum=0.06 (0.0287,0.0312]=2");
  CHECK(telemetry.text("querytap.stream.bytes") == "querytap.stream=chat_socket value=300");
  CHECK(telemetry.text("querytap.stream.active") == "querytap.stream=chat_socket value=0");
  CHECK_THAT(telemetry.text("querytap.stream.duration"),
             Catch::StartsWith("error.type=1006 querytap.stream=chat_socket count=1 sum=0.09 "));
}

TEST_CASE("an exception that ends a stream is an error, and a stream without messages is a stream",
          "[stream_timer]") {
  capture telemetry;
  const stream_kind sockets{telemetry.recorder(), "chat_socket"};
  const auto throwing = [&] {
    const stream_timer stream{sockets};
    throw std::runtime_error{"gone"};
  };
  CHECK_THROWS(throwing());
  { const stream_timer stream{sockets}; }
  CHECK_THAT(telemetry.text("querytap.stream.duration"),
             Catch::Contains("error.type=_OTHER querytap.stream=chat_socket count=1") &&
                 Catch::Contains("\nquerytap.stream=chat_socket count=1"));
}

TEST_CASE("a counter of an enumeration has a series for each value, 0 where it never happened",
          "[counters_by]") {
  capture telemetry;
  const counters_by<feedback, 2> answers{telemetry.recorder(), answer_feedback, "shop.feedback"};
  answers.add(feedback::helpful, 3);
  answers.add(static_cast<feedback>(17));
  CHECK(telemetry.text("shop.feedback") ==
        "shop.feedback=helpful value=3\nshop.feedback=wrong value=0");
}

TEST_CASE("a ratio is two counters, hits and misses", "[counters_by]") {
  capture telemetry;
  const hit_ratio cached{telemetry.recorder(), answer_feedback, {{"shop.cache", "answers"}}};
  for (int i = 0; i < 4; ++i) cached.add(i == 0 ? hit_or_miss::miss : hit_or_miss::hit);
  CHECK(telemetry.text("shop.feedback") ==
        "querytap.result=hit shop.cache=answers value=3\n"
        "querytap.result=miss shop.cache=answers value=1");
}
