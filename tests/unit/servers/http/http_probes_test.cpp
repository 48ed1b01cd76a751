// Endpoints by HTTP are asked whether they answer as expected: in words without URL, key or body, by the deadline,
// and beside the application's statistics.

#include <support/fault_server.hpp>
#include <support/health_text.hpp>

#include <querytap/base/error.hpp>
#include <querytap/servers/http/http_probe.hpp>
#include <querytap/servers/http/model_probe.hpp>

#include <catch2/catch.hpp>

#include <chrono>
#include <string>

namespace {

using namespace querytap;
using namespace std::chrono_literals;
using querytap::testing::fault;
using querytap::testing::fault_server;
using querytap::testing::look_text;
using querytap::testing::reply;

std::string http_look(std::vector<fault> faults, http_probe_options options = {},
                      std::chrono::nanoseconds limit = 5s) {
  const fault_server server{std::move(faults)};
  options.url = server.url() + "/health?token=secret";
  http_probe probe{std::move(options)};
  return look_text(probe, limit);
}

std::string model_look(std::vector<fault> faults, model_probe_options options = {}) {
  const fault_server server{std::move(faults)};
  options.url = server.url() + "/v1";
  model_probe probe{std::move(options)};
  return look_text(probe, 5s);
}

}  // namespace

TEST_CASE("an endpoint that answers as expected is well", "[http-probe]") {
  CHECK(http_look({reply(200)}) == "status pass\nresponse_time pass\n");
  CHECK(http_look({reply(204)}) == "status pass\nresponse_time pass\n");
  CHECK(http_look({reply(401)}, {.expected_status = 401}) == "status pass\nresponse_time pass\n");
  CHECK_THAT(http_look({reply(200)}, {.slow = 1ns}),
             Catch::StartsWith("status pass\nresponse_time warn: the answer took "));
}

TEST_CASE("an endpoint whose answer is large is well by its status, and is not read to the end",
          "[http-probe]") {
  const std::string megabyte(std::size_t{1} << 20, 'x');
  fault endless = reply(200, "", megabyte);
  endless.bytes.resize(endless.bytes.size() / 2);  // the rest never comes
  CHECK(http_look({endless}) == "status pass\nresponse_time pass\n");
  CHECK(http_look({reply(200, "", std::string(std::size_t{17} << 20, 'x'))}) ==
        "status pass\nresponse_time pass\n");
  CHECK_THAT(http_look({reply(503, "", megabyte)}),
             Catch::StartsWith("status fail: it answers with status 503"));
}

TEST_CASE("another status is a failure with both numbers", "[http-probe]") {
  CHECK(http_look({reply(503, "", "secret")}) ==
        "status fail: it answers with status 503, where 200 to 299 is expected\n"
        "response_time pass\n");
  CHECK_THAT(http_look({reply(200)}, {.expected_status = 204}),
             Catch::StartsWith("status fail: it answers with status 200, where 204 is expected"));
  // Where it goes may be another host, which gets no headers of ours.
  CHECK_THAT(http_look({reply(302, "Location: http://127.0.0.1:1/\r\n")}),
             Catch::StartsWith("status fail: it answers with status 302"));
}

TEST_CASE("what does not answer has its reason, and no secret in it", "[http-probe]") {
  CHECK(http_look({{.action = fault::kind::close}}) ==
        "error: the connection broke before the answer was whole");
  CHECK(http_look({{.action = fault::kind::reset}}) ==
        "error: the connection broke before the answer was whole");
  CHECK(http_look({{.bytes = "SSH-2.0-OpenSSH\r\n", .closes = true}}) ==
        "error: what answers does not speak HTTP");
  http_probe refused{{.url = "http://127.0.0.1:1/secret"}};
  CHECK(look_text(refused, 5s) == "error: there is no connection: nothing listens there");
  http_probe unknown{{.url = "http://no.such.host.invalid/"}};
  CHECK(look_text(unknown, 10s) == "error: the name of the host is not known");
}

TEST_CASE("an endpoint that never answers is given up at the deadline", "[http-probe]") {
  const auto start = std::chrono::steady_clock::now();
  CHECK(http_look({{.action = fault::kind::black_hole}}, {}, 100ms) ==
        "error: there was no answer in time");
  fault half = reply(200, "", "body");
  half.bytes.resize(half.bytes.size() - 2);
  CHECK(http_look({half}, {}, 100ms) == "error: there was no answer in time");
  CHECK(std::chrono::steady_clock::now() - start < 5s);
}

TEST_CASE("headers are sent, and each look makes a connection of its own", "[http-probe]") {
  const fault_server server{{reply(200)}};
  http_probe probe{{.url = server.url(), .headers = {{"Authorization", "Bearer key"}}}};
  CHECK(look_text(probe, 5s) == look_text(probe, 5s));
  const auto requests = server.wait_for(2);
  REQUIRE(requests.size() == 2);
  CHECK(requests[0].method == "GET");
  CHECK(requests[0].headers.at("authorization") == "Bearer key");
  CHECK(requests[1].connection == 1);
}

TEST_CASE("a URL that is none is refused at construction", "[http-probe]") {
  CHECK_THROWS_AS(http_probe({.url = "localhost:80"}), configuration_error);
  CHECK_THROWS_AS(model_probe({.url = "http://user:key@host/v1"}), configuration_error);
  CHECK_THROWS_AS(model_probe({.url = "http://host/v1", .path = "models"}), configuration_error);
  CHECK_THROWS_AS(model_probe({.url = "http://host/v1", .asks_for_a_token = true}),
                  configuration_error);
}

TEST_CASE("an endpoint of models is well if it lists the model", "[http-probe]") {
  const std::string list = R"({"object":"list","data":[{"id":"small"},{"id":"large"}]})";
  CHECK(model_look({reply(200, "", list)}) == "status pass\nresponse_time pass\n");
  CHECK(model_look({reply(200, "", list)}, {.model = "large"}) ==
        "status pass\nresponse_time pass\nmodel_listed pass\n");
  CHECK_THAT(model_look({reply(200, "", list)}, {.model = "huge"}),
             Catch::Contains("model_listed fail: the endpoint does not list the model"));
  for (const char* body :
       {"", "no JSON", "[]", R"({"data":{}})", R"({"data":[1,{"id":3},null]})"}) {
    CHECK_THAT(model_look({reply(200, "", body)}, {.model = "large"}),
               Catch::Contains("model_listed fail"));
  }
  CHECK(model_look({reply(401)}) == "status fail: the endpoint answers with status 401\n");
  CHECK(model_look({reply(429)}) == "status warn: the endpoint answers with status 429\n");
}

TEST_CASE("a model is asked for one token where that is wanted", "[http-probe]") {
  const fault_server server{
      {reply(200, "", R"({"choices":[{"message":{"content":"Hi"},"finish_reason":"length"}]})")}};
  model_probe probe{{.url = server.url() + "/v1/",
                     .key = "secret-key",
                     .model = "large",
                     .asks_for_a_token = true}};
  CHECK(look_text(probe, 5s) == "status pass\nresponse_time pass\nanswers pass\n");
  const auto requests = server.wait_for(1);
  REQUIRE(requests.size() == 1);
  CHECK(requests[0].path == "/v1/chat/completions");
  CHECK(requests[0].headers.at("authorization") == "Bearer secret-key");
  CHECK(
      requests[0].body ==
      R"({"max_tokens":1,"messages":[{"content":"hi","role":"user"}],"model":"large","stream":false})");
  CHECK_THAT(model_look({reply(200, "", "{}")}, {.model = "large", .asks_for_a_token = true}),
             Catch::Contains("answers fail"));
  CHECK(model_look({reply(500, "", "secret")}, {.model = "large", .asks_for_a_token = true}) ==
        "status fail: the endpoint answers with status 500\n");
}
