// A client of an endpoint of models gives its answers to the caller and to nobody else, tries again only what
// may be tried again, and records each call once, whatever the endpoint does.

#include <querytap/base/error.hpp>
#include <querytap/calls/models/budget.hpp>
#include <querytap/calls/request.hpp>
#include <querytap/decorators/llm.hpp>
#include <querytap/testing/capture.hpp>
#include <support/fault_server.hpp>
#include <support/model_replies.hpp>

#include <catch2/catch.hpp>

#include <chrono>
#include <stdexcept>
#include <string>
#include <vector>

using namespace querytap;
using namespace querytap::testing;
using namespace std::chrono_literals;

namespace {

constexpr std::string_view key_canary = "canary-of-the-key";
constexpr std::string_view prompt = "canary of the prompt";

struct fixture {
  explicit fixture(std::vector<fault> faults, std::string provider = "openai",
                   std::chrono::nanoseconds timeout = 10s)
      : server{std::move(faults)}, client{telemetry, options(provider, timeout)} {}

  [[nodiscard]] llm::client_options options(std::string provider,
                                            std::chrono::nanoseconds timeout) const {
    llm::client_options result{.url = server.url() + "/v1",
                               .api_key = std::string{key_canary},
                               .provider = std::move(provider),
                               .first_backoff = 1ms};
    result.transport.timeout = timeout;
    return result;
  }

  [[nodiscard]] static llm::chat_request question() {
    return {.model = "mini", .messages = {{"user", std::string{prompt}}}};
  }

  llm::answer stream(std::string& text) {
    return client.chat(question(), [&](const llm::delta& piece) {
      text += piece.text;
      return true;
    });
  }

  // `error.type`, and how often the endpoint was asked.
  std::string failure() {
    try {
      (void)client.chat(question());
    } catch (const llm::error& error) {
      return std::string{error.failure().error_type()} + " after " +
             std::to_string(server.requests().size());
    }
    return "none after " + std::to_string(server.requests().size());
  }
  std::string stream_failure(std::string& text) {
    try {
      (void)stream(text);
    } catch (const llm::error& error) {
      return std::string{error.failure().error_type()};
    }
    return "none";
  }

  // What was recorded of durations: `error.type count`, one a line.
  std::string calls() {
    std::string text;
    const snapshot all = telemetry.collect();
    for (const point& p : all.find("gen_ai.client.operation.duration")) {
      if (p.histogram == nullptr || p.histogram->count() == 0) continue;
      const attribute_value* type = p.series->labels.find("error.type");
      text += (type == nullptr ? "ok" : to_string(*type)) + " " +
              std::to_string(p.histogram->count()) + "\n";
    }
    return text;
  }

  recorder telemetry{{.service_name = "test"}};
  fault_server server;
  llm::client client;
};

std::string good_body() {
  return R"({"id":"c","object":"chat.completion","model":"mini-2026-01-02","choices":[{"index":0,"message":)"
         R"({"role":"assistant","content":"Hello \u00fc","tool_calls":[{"id":"t","type":"function","function":)"
         R"({"name":"search","arguments":"{\"q\":1}"}}]},"finish_reason":"stop"}],"usage":{"prompt_tokens":9,)"
         R"("completion_tokens":3,"total_tokens":12}})";
}

std::string error_body(std::string_view code) {
  return R"({"error":{"message":"canary of the prompt","type":"some_type","param":null,"code":")" +
         std::string{code} + "\"}}";
}

}  // namespace

TEST_CASE("a chat completion is asked for and answered") {
  fixture f{{reply(200, "x-ratelimit-limit-requests: 10\r\nx-ratelimit-remaining-requests: 9\r\n",
                   good_body())}};
  llm::chat_request request = f.question();
  request.more = R"({"temperature":0.5})";
  const llm::answer answer = f.client.chat(request);
  CHECK(answer.text == "Hello ü");
  REQUIRE(answer.tools.size() == 1);
  CHECK(answer.tools[0].name == "search");
  CHECK(answer.tools[0].arguments == R"({"q":1})");
  CHECK(answer.finish_reason == finish_reason::stop);
  CHECK(answer.model == "mini-2026-01-02");
  CHECK(answer.usage == token_usage{.input = 9, .output = 3});
  CHECK(answer.limits.requests().remaining == 9u);
  CHECK(f.calls() == "ok 1\n");

  const auto sent = f.server.requests().at(0);
  CHECK(sent.path == "/v1/chat/completions");
  CHECK(sent.headers.at("authorization") == "Bearer " + std::string{key_canary});
  CHECK(
      sent.body ==
      R"({"messages":[{"content":"canary of the prompt","role":"user"}],"model":"mini","temperature":0.5})");
}

TEST_CASE("a streamed answer comes in pieces, wherever the bytes are split") {
  std::string all = role_event() + text_event("Hel") + text_event("lo \\u00fc\\n") + stop_event() +
                    usage_event() + done_event();
  for (const std::size_t size : {std::size_t{1}, std::size_t{100}, all.size()}) {
    std::vector<std::string> parts;
    for (std::size_t at = 0; at < all.size(); at += size) parts.push_back(all.substr(at, size));
    fixture f{{streamed_in_chunks(parts, true)}};
    std::string text;
    const llm::answer answer = f.stream(text);
    CHECK(text == "Hello ü\n");
    CHECK(answer.text == text);
    CHECK(answer.finish_reason == finish_reason::stop);
    CHECK(answer.usage == token_usage{.input = 100, .output = 20, .cached = 40});
    CHECK(f.calls() == "ok 1\n");
    CHECK_THAT(
        f.server.requests().at(0).body,
        Catch::Contains(
            R"("stream":true,"stream_options":{"include_obfuscation":false,"include_usage":true})"));
  }
  fixture other{{streamed({all})}, "vllm"};
  std::string text;
  (void)other.stream(text);
  CHECK_THAT(other.server.requests().at(0).body,
             Catch::Contains(R"("stream_options":{"include_usage":true})"));
}

TEST_CASE("the responses interface is spoken too") {
  fixture plain{
      {reply(200, "",
             R"({"object":"response","status":"completed","model":"mini","output":[)"
             R"({"type":"reasoning","summary":[{"text":"hm"}]},{"type":"message","content":[)"
             R"({"type":"output_text","text":"Hello"}]},{"type":"function_call","call_id":"c",)"
             R"("name":"f","arguments":"{}"}],"usage":{"input_tokens":1,"output_tokens":2}})")}};
  llm::chat_request request = fixture::question();
  request.by = llm::interface::responses;
  const llm::answer answer = plain.client.chat(request);
  CHECK(answer.text == "Hello");
  CHECK(answer.reasoning == "hm");
  CHECK(answer.tools.at(0).id == "c");
  CHECK(answer.usage.output == 2u);
  CHECK(plain.server.requests().at(0).path == "/v1/responses");

  fixture f{{streamed(
      {"event: response.output_item.added\ndata: {\"type\":\"response.output_item.added\",\"item\":"
       "{\"type\":\"function_call\",\"call_id\":\"c\",\"name\":\"f\"}}\n\n",
       "data: {\"type\":\"response.function_call_arguments.delta\",\"delta\":\"{\"}\n\n",
       "data: {\"type\":\"response.function_call_arguments.delta\",\"delta\":\"}\"}\n\n",
       "data: {\"type\":\"response.output_text.delta\",\"delta\":\"Hi\"}\n\n",
       "data: {\"type\":\"response.completed\",\"response\":{\"model\":\"mini\",\"status\":"
       "\"completed\",\"usage\":{\"input_tokens\":5,\"output_tokens\":6}}}\n\n"})}};
  std::string text;
  const llm::answer streamed_answer = f.client.chat(request, [&](const llm::delta& piece) {
    text += piece.text;
    return true;
  });
  CHECK(text == "Hi");
  CHECK(streamed_answer.tools.at(0).name == "f");
  CHECK(streamed_answer.tools.at(0).arguments == "{}");
  CHECK(streamed_answer.usage.output == 6u);
  CHECK(f.calls() == "ok 1\n");
}

TEST_CASE("calls of tools are put together from their pieces") {
  fixture f{{streamed(
      {chat_event(
           R"({"tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":""}}]})"),
       chat_event(
           R"({"tool_calls":[{"index":1,"id":"b","function":{"name":"g","arguments":"{"}}]})"),
       chat_event(R"({"tool_calls":[{"index":0,"function":{"arguments":"{}"}}]})"),
       chat_event(R"({"tool_calls":[{"index":1,"function":{"arguments":"}"}}]})"),
       chat_event("{}", "\"tool_calls\""), done_event()})}};
  std::string text;
  const llm::answer answer = f.stream(text);
  REQUIRE(answer.tools.size() == 2);
  CHECK(answer.tools[0].arguments == "{}");
  CHECK(answer.tools[1].arguments == "{}");
  CHECK(answer.tools[1].id == "b");
  CHECK(answer.finish_reason == finish_reason::tool_calls);
}

TEST_CASE("several choices stay apart, in one event or in many") {
  fixture f{{streamed(
      {"data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"A\"}},{\"index\":1,\"delta\":"
       "{\"content\":\"B\"}}]}\n\n",
       "data: "
       "{\"choices\":[{\"index\":0,\"delta\":{}},{\"index\":1,\"delta\":{\"content\":\"C\"}}]}\n\n",
       "data: "
       "{\"choices\":[{\"index\":1,\"delta\":{\"content\":\"D\"},\"finish_reason\":\"stop\"}]}\n\n",
       "data: {\"choices\":[{\"index\":1,\"delta\":{}},{\"index\":0,\"delta\":{\"content\":\"E\"},"
       "\"finish_reason\":\"length\"}]}\n\n",
       done_event()})}};
  std::vector<std::string> texts(2);
  const llm::answer answer = f.client.chat(fixture::question(), [&](const llm::delta& piece) {
    texts.at(piece.choice) += piece.text;
    return true;
  });
  CHECK(texts == std::vector<std::string>{"AE", "BCD"});
  CHECK(answer.text == "AE");
  CHECK(answer.finish_reason == finish_reason::length);
}

TEST_CASE("a text in several parts comes whole") {
  fixture f{{streamed({chat_event(R"({"content":[{"type":"text","text":"Hel"},)"
                                  R"({"type":"text","text":"lo"}]})"),
                       stop_event(), done_event()})}};
  std::string text;
  CHECK(f.stream(text).text == "Hello");
  CHECK(text == "Hello");
}

TEST_CASE("only what may succeed later is tried again") {
  const auto tried = [](int status, std::string_view headers, const std::string& body) {
    return fixture{{reply(status, headers, body)}}.failure();
  };
  CHECK(tried(500, "", "{}") == "500 after 3");
  CHECK(tried(429, "", error_body("rate_limit_exceeded")) == "rate_limit_exceeded after 3");
  CHECK(tried(429, "", error_body("insufficient_quota")) == "insufficient_quota after 1");
  CHECK(tried(408, "", "") == "408 after 3");
  CHECK(tried(409, "", "") == "409 after 3");
  CHECK(tried(400, "", error_body("invalid_value")) == "invalid_value after 1");
  CHECK(tried(401, "", "") == "401 after 1");
  CHECK(tried(503, "x-should-retry: false\r\n", "") == "503 after 1");
  CHECK(tried(400, "x-should-retry: true\r\n", "") == "400 after 3");
  CHECK(tried(301, "Location: http://127.0.0.1:1/\r\n", "") == "unreadable_reply after 1");
  CHECK(
      fixture{{{.action = fault::kind::close}}}.failure().ends_with("after 1"));  // maybe answered
}

TEST_CASE("the first call of a connection has its time, and the next one none") {
  fixture f{{reply(200, "", good_body())}};
  const auto connected = [&] {
    const snapshot all = f.telemetry.collect();
    for (const point& p : all.find("querytap.operation.phase.duration")) {
      if (to_string(*p.series->labels.find("querytap.phase")) == "connect")
        return p.histogram->count();
    }
    return std::uint64_t{0};
  };
  (void)f.client.chat(fixture::question());
  CHECK(connected() == 1);
  (void)f.client.chat(fixture::question());
  CHECK(connected() == 1);
}

TEST_CASE("a call that succeeds at its second try is one call") {
  fixture f{{reply(503, "retry-after-ms: 20\r\n"), reply(200, "", good_body())}};
  const auto begin = std::chrono::steady_clock::now();
  CHECK(f.failure() == "none after 2");
  CHECK(std::chrono::steady_clock::now() - begin >= 20ms);
  CHECK(f.calls() == "ok 1\n");
}

TEST_CASE("an endpoint that asks to wait longer than the call may take is not waited for") {
  fixture f{{reply(429, "Retry-After: 30\r\n", error_body("rate_limit_exceeded"))}};
  const auto begin = std::chrono::steady_clock::now();
  try {
    (void)f.client.chat(fixture::question());
    FAIL("nothing thrown");
  } catch (const llm::error& error) {
    CHECK(error.retry_after() == 30s);
    CHECK(error.status() == 429);
    CHECK(std::string{error.what()} == "chat mini: rate_limit_exceeded (429)");
  }
  CHECK(std::chrono::steady_clock::now() - begin < 5s);
}

TEST_CASE("an endpoint that dies amid its answer has given what it gave, and the call has failed") {
  fixture f{{streamed_in_chunks({role_event(), text_event("Hel"), text_event("lo").substr(0, 40)},
                                false)}};
  std::string text;
  CHECK(f.stream_failure(text) != "none");
  CHECK(text == "Hel");
  CHECK(f.server.requests().size() == 1);
  CHECK_THAT(f.calls(), !Catch::Contains("ok"));
}

TEST_CASE("a stream that ends cleanly amid its answer was cut") {
  fixture f{{streamed({text_event("Hel"), text_event("lo").substr(0, 40)})}};
  std::string text;
  CHECK(f.stream_failure(text) == "stream_cut");
  CHECK(text == "Hel");
  CHECK(f.calls() == "stream_cut 1\n");
}

TEST_CASE("a stream of nothing was cut") {
  fixture f{{reply(200, "Content-Type: text/event-stream\r\n", "")}};
  std::string text;
  CHECK(f.stream_failure(text) != "none");
  CHECK(text.empty());
  CHECK_THAT(f.calls(), !Catch::Contains("ok"));
}

TEST_CASE("an endpoint that never answers, or stops amid its answer, fails at the deadline") {
  fixture silent{{{.action = fault::kind::black_hole}}, "openai", 200ms};
  const auto begin = std::chrono::steady_clock::now();
  CHECK(silent.failure().ends_with("after 1"));
  CHECK_THAT(silent.calls(), !Catch::Contains("ok"));

  fixture slow{{streamed({text_event("Hel"), std::string(1, ' ')}, 150ms)}, "openai", 200ms};
  std::string text;
  CHECK(slow.stream_failure(text) != "none");
  CHECK(text == "Hel");
  CHECK(std::chrono::steady_clock::now() - begin < 5s);
}

TEST_CASE("nobody who listens is a failure after all tries") {
  std::string url;
  {
    fault_server gone{{reply(200)}};
    url = gone.url();
  }
  recorder telemetry{{.service_name = "test"}};
  llm::client client{telemetry, {.url = url + "/v1", .first_backoff = 1ms}};
  CHECK_THROWS_AS(client.chat(fixture::question()), llm::error);
}

TEST_CASE("an error amid a stream is a failure, by the key or by the name of the event") {
  for (const std::string& event : {"data: " + error_body("server_error") + "\n\n",
                                   std::string{"event: error\ndata: {\"type\":\"error\",\"code\":"
                                               "\"server_error\",\"message\":\"x\"}\n\n"}}) {
    fixture f{{streamed({text_event("Hel"), event})}};
    std::string text;
    CHECK(f.stream_failure(text) == "server_error");
    CHECK(text == "Hel");
  }
}

TEST_CASE("an endpoint that does not stream although it was asked to is read all the same") {
  fixture f{{reply(200, "Content-Type: application/json\r\n", good_body())}};
  std::string text;
  CHECK(f.stream(text).text == "Hello ü");
  CHECK(f.calls() == "ok 1\n");
}

TEST_CASE("blanks in front of a reply mean nothing") {
  std::string body = "\n  " + good_body();
  body.insert(body.find("\"object\""), "\n");
  fixture plain{{reply(200, "Content-Type: application/json\r\n", body)}};
  std::string text;
  CHECK(plain.stream(text).finish_reason == finish_reason::stop);
  fixture f{{streamed({"\r\n", " \n", text_event("Hi"), stop_event(), done_event()})}};
  text.clear();
  (void)f.stream(text);
  CHECK(text == "Hi");
}

TEST_CASE("a reply that is none fails") {
  for (const char* body : {"", "<html>", "{}", "[]", "{\"choices\":[]}", "{\"choices\":7}"}) {
    INFO(body);
    fixture f{{reply(200, "", body)}};
    CHECK(f.failure() == "unreadable_reply after 1");
  }
}

TEST_CASE("a caller who wants no more ends the call, which is no error of the endpoint") {
  fixture f{{streamed({text_event("Hel"), text_event("lo"), stop_event(), done_event()})}};
  const llm::answer answer =
      f.client.chat(fixture::question(), [](const llm::delta&) { return false; });
  CHECK(answer.text == "Hel");
  CHECK_FALSE(answer.finish_reason);
  CHECK(f.calls() == "cancelled 1\n");
}

TEST_CASE("what a caller throws goes on its way") {
  fixture f{{streamed({text_event("Hel"), stop_event(), done_event()})}};
  CHECK_THROWS_WITH(
      f.client.chat(fixture::question(),
                    [](const llm::delta&) -> bool { throw std::runtime_error{"mine"}; }),
      "mine");
  CHECK(f.calls() == "_OTHER 1\n");
}

TEST_CASE("embeddings come in the order of the inputs, in either encoding") {
  // 1, -2.5 and 0.5, 3 as little-endian floats
  for (const char* vectors :
       {R"({"index":1,"embedding":[0.5,3]},{"index":0,"embedding":[1,-2.5]})",
        R"({"index":1,"embedding":"AAAAPwAAQEA="},{"index":0,"embedding":"AACAPwAAIMA="})"}) {
    fixture f{{reply(200, "",
                     std::string{R"({"object":"list","model":"e","data":[)"} + vectors +
                         R"(],"usage":{"prompt_tokens":4,"total_tokens":4}})")}};
    const llm::embeddings found = f.client.embed({.model = "e", .inputs = {"a", "b"}});
    CHECK(found.vectors == std::vector<std::vector<float>>{{1, -2.5}, {0.5, 3}});
    CHECK(found.usage.input == 4u);
    CHECK(f.server.requests().at(0).body ==
          R"({"encoding_format":"base64","input":["a","b"],"model":"e"})");
  }
  fixture f{{reply(200, "", R"({"data":[]})")}};
  CHECK_THROWS_AS(f.client.embed({.model = "e", .inputs = {"a"}}), llm::error);
  CHECK_THROWS_AS(f.client.embed({.model = "e"}), configuration_error);
}

TEST_CASE("documents are ranked by endpoints that can") {
  fixture f{{reply(200, "",
                   R"({"model":"r","results":[{"index":0,"relevance_score":0.1},{"index":2,)"
                   R"("relevance_score":0.9}],"usage":{"total_tokens":30}})")},
            "vllm"};
  const llm::ranking found =
      f.client.rerank({.model = "r", .query = "q", .documents = {"a", "b", "c"}, .most = 2});
  REQUIRE(found.documents.size() == 2);
  CHECK(found.documents[0].index == 2);
  CHECK(found.usage.input == 30u);
  CHECK(f.server.requests().at(0).path == "/v1/rerank");
  fixture ollama{{reply(200)}, "ollama"};
  CHECK_THROWS_AS(ollama.client.rerank({.model = "r", .query = "q"}), configuration_error);
  CHECK(ollama.server.requests().empty());
}

TEST_CASE("a budget that is used up refuses before anything is sent") {
  fixture f{{reply(200, "", good_body())}};
  const budget none{f.telemetry,
                    {.tenant = "acme", .may_exceed = [](const budget_use&) { return false; }}};
  llm::chat_request request = fixture::question();
  request.paid_by = &none;
  CHECK_THROWS_WITH(f.client.chat(request), "chat mini: budget_exceeded");
  CHECK(f.server.requests().empty());
  CHECK(f.calls() == "budget_exceeded 1\n");
}

TEST_CASE("options and requests that cannot be sent are refused") {
  recorder telemetry{{.service_name = "test"}};
  CHECK_THROWS_AS((llm::client{telemetry, {.url = "nowhere"}}), configuration_error);
  CHECK_THROWS_AS((llm::client{telemetry, {.url = "http://host/v1?key=canary"}}),
                  configuration_error);
  CHECK_THROWS_AS((llm::client{telemetry, {.tries = 0}}), configuration_error);
  CHECK_THROWS_AS((llm::client{telemetry, {.first_backoff = 0ns}}), configuration_error);
  const llm::client client{telemetry, {.url = "http://127.0.0.1:1"}};
  llm::chat_request request = fixture::question();
  request.more = "[1]";
  CHECK_THROWS_WITH(client.chat(request), Catch::Contains("expected a JSON object"));
  request.more = "";
  request.messages[0].content = "\xFF";
  CHECK_THROWS_WITH(client.chat(request), Catch::Contains("UTF-8"));
}

TEST_CASE(
    "neither key nor prompt, answer or message of an error is in what is recorded or thrown") {
  fixture f{{reply(400, "", error_body("bad")),
             streamed({text_event(prompt), stop_event(), done_event()})}};
  std::string seen;
  {
    request chat{f.telemetry, "POST /chat"};
    try {
      (void)f.client.chat(fixture::question());
    } catch (const llm::error& error) {
      seen = error.what();
    }
    std::string text;
    (void)f.stream(text);
    CHECK(text == prompt);
  }
  const snapshot all = f.telemetry.collect();
  for (const auto& metric : all.metrics) {
    for (const point& p : metric->points) seen += to_string(p.series->labels);
  }
  for (const auto& report : all.call_reports) seen += report->statement->text;
  CHECK_THAT(seen, Catch::Contains("mini"));
  CHECK_THAT(seen, !Catch::Contains("canary"));
}
