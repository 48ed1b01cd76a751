// A request by HTTP is one operation under the names of the conventions, with the phases that libcurl
// measured, and nothing of its path, query, headers or body.

#include <querytap/base/error.hpp>
#include <querytap/calls/request.hpp>
#include <querytap/decorators/http.hpp>
#include <querytap/decorators/http/observation.hpp>
#include <querytap/exporters/otlp/otlp_spans.hpp>
#include <querytap/testing/capture.hpp>
#include <support/conformance/conventions.hpp>
#include <support/exported.hpp>
#include <support/fault_server.hpp>
#include <support/text.hpp>

#include <catch2/catch.hpp>

#include <memory>
#include <string>
#include <vector>

namespace {

using namespace querytap;
using namespace std::chrono_literals;
using querytap::testing::fault;
using querytap::testing::fault_server;
using querytap::testing::lines_up_to;
using querytap::testing::reply;
using querytap::testing::without;

constexpr std::string_view forecast = "/cities/{city}/forecast";

/// The calls that were recorded, without the server's port.
std::string http_calls(capture& telemetry, const fault_server& server) {
  std::string text = telemetry.text("http.client.request.duration");
  text = without(text, "server.port=" + server.url().substr(17) + ' ');
  return lines_up_to(" sum=", without(text, "server.address=127.0.0.1 "));
}

std::size_t discard(char*, std::size_t, std::size_t size, void*) { return size; }

struct owned_handle {
  explicit owned_handle(const std::string& url) : easy{curl_easy_init(), curl_easy_cleanup} {
    curl_easy_setopt(easy.get(), CURLOPT_URL, url.c_str());
    curl_easy_setopt(easy.get(), CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy.get(), CURLOPT_WRITEFUNCTION, discard);
  }
  std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> easy;
};

TEST_CASE("a request is one call by method, template, server and status", "[http]") {
  fault_server server{{reply(200, {}, "sun"), reply(404), reply(204)}};
  capture telemetry;
  const http::client weather{telemetry.recorder(), server.url() + "/v1/"};
  CHECK(weather.get(forecast, {.path = {"Bad Ems"}, .query = {{"days", "3&4"}}}).body == "sun");
  CHECK(weather.get(forecast, {.path = {"nowhere"}}).status == 404);
  CHECK(weather.send(forecast, {.path = {"a/b"}}, {.method = "DELETE"}).status == 204);
  const auto requests = server.requests();
  REQUIRE(requests.size() == 3);
  CHECK(requests[0].path == "/v1/cities/Bad%20Ems/forecast?days=3%264");
  CHECK(requests[2].path == "/v1/cities/a%2Fb/forecast");
  CHECK(http_calls(telemetry, server) ==
        "error.type=404 http.request.method=GET http.response.status_code=404 "
        "url.template=/cities/{city}/forecast count=1\n"
        "http.request.method=DELETE http.response.status_code=204 "
        "url.template=/cities/{city}/forecast count=1\n"
        "http.request.method=GET http.response.status_code=200 "
        "url.template=/cities/{city}/forecast count=1");
}

TEST_CASE("all tries of a request are one call", "[http]") {
  fault_server server{{reply(503), reply(503), reply(200)}};
  capture telemetry;
  const http::client weather{
      telemetry.recorder(),
      server.url(),
      {.service = {.slow_threshold = 1ns}, .transport = {.first_backoff = 1ms}}};
  CHECK(weather.get(forecast, {.path = {"x"}}).retries == 2);
  CHECK(http_calls(telemetry, server) ==
        "http.request.method=GET http.response.status_code=200 "
        "url.template=/cities/{city}/forecast count=1");
}

TEST_CASE("requests without an answer have the error's name", "[http]") {
  fault_server server{{{.action = fault::kind::black_hole}}};
  capture telemetry;
  const http::client weather{telemetry.recorder(), server.url(), {.transport = {.timeout = 50ms}}};
  static_cast<void>(weather.get("/x"));
  CHECK(http_calls(telemetry, server) ==
        "error.type=operation_timedout http.request.method=GET url.template=/x count=1");
}

TEST_CASE("a status stays with an answer that is not whole", "[http]") {
  fault half{.bytes = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf"};
  half.closes = true;
  fault_server server{{half}};
  capture telemetry;
  const http::client weather{telemetry.recorder(), server.url(), {.transport = {.tries = 1}}};
  static_cast<void>(weather.get("/x"));
  CHECK(http_calls(telemetry, server) ==
        "error.type=partial_file http.request.method=GET http.response.status_code=200 "
        "url.template=/x count=1");
}

TEST_CASE("templates that cannot be filled are refused, and sent nowhere", "[http]") {
  fault_server server{{reply(200)}};
  capture telemetry;
  const http::client client{telemetry.recorder(), server.url()};
  const auto refuses = [&](std::string_view url_template, std::vector<std::string_view> path) {
    CHECK_THROWS_AS(client.get(url_template, {.path = std::move(path)}), configuration_error);
  };
  refuses("no/slash", {});
  refuses("/a?b=c", {});
  refuses("/a#b", {});
  refuses("/{a}", {});
  refuses("/{a", {"x"});
  refuses("/a", {"x"});
  refuses("/{a}/b", {".."});
  refuses("/{a}/b", {""});
  CHECK_THROWS_AS(http::client(telemetry.recorder(), "http://a/?key=secret"), configuration_error);
  CHECK(server.requests().empty());
}

TEST_CASE("a handle of the application's own is observed by two lines", "[http]") {
  fault_server server{{reply(200), reply(500), {.action = fault::kind::close}}};
  capture telemetry;
  const http::service weather{telemetry.recorder(), server.url()};
  const owned_handle owned{server.url() + "/cities/here/forecast"};
  for (int i = 0; i < 2; ++i) {
    http::observation call{weather, owned.easy.get(), "GET", forecast};
    call.ended(curl_easy_perform(owned.easy.get()));
  }
  curl_easy_setopt(owned.easy.get(), CURLOPT_FRESH_CONNECT, 1L);
  http::observation call{weather, owned.easy.get(), "GET", forecast};
  call.ended(curl_easy_perform(owned.easy.get()));
  CHECK(http_calls(telemetry, server) ==
        "error.type=500 http.request.method=GET http.response.status_code=500 "
        "url.template=/cities/{city}/forecast count=1\n"
        "error.type=got_nothing http.request.method=GET url.template=/cities/{city}/forecast "
        "count=1\n"
        "http.request.method=GET http.response.status_code=200 "
        "url.template=/cities/{city}/forecast count=1");
  const std::string phases = telemetry.text("querytap.operation.phase.duration");
  CHECK_THAT(phases, Catch::Contains("querytap.phase=connect"));
  CHECK_THAT(phases, Catch::Contains("querytap.phase=fetch"));
}

TEST_CASE("so are the handles of a multi handle", "[http]") {
  fault_server server{{reply(200)}};
  capture telemetry;
  const http::service weather{telemetry.recorder(), server.url()};
  const std::unique_ptr<CURLM, decltype(&curl_multi_cleanup)> multi{curl_multi_init(),
                                                                    curl_multi_cleanup};
  std::vector<owned_handle> handles;
  std::vector<http::observation> calls;
  for (int i = 0; i < 5; ++i) {
    const owned_handle& added = handles.emplace_back(server.url());
    calls.emplace_back(weather, added.easy.get(), "GET", forecast);
    curl_multi_add_handle(multi.get(), added.easy.get());
  }
  int running = 1;
  while (running != 0) {
    curl_multi_perform(multi.get(), &running);
    curl_multi_poll(multi.get(), nullptr, 0, 100, nullptr);
  }
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(multi.get(), &left)) {
    for (std::size_t i = 0; i < handles.size(); ++i) {
      if (handles[i].easy.get() == message->easy_handle) calls[i].ended(message->data.result);
    }
  }
  CHECK(http_calls(telemetry, server) ==
        "http.request.method=GET http.response.status_code=200 "
        "url.template=/cities/{city}/forecast count=5");
  for (const owned_handle& each : handles) curl_multi_remove_handle(multi.get(), each.easy.get());
}

TEST_CASE("any HTTP library can tell of its calls, phase by phase", "[http]") {
  capture telemetry;
  const http::service weather{telemetry.recorder(), "https://API.example.org"};
  {
    http::call call{weather, "GET", forecast};
    telemetry.time().advance(10ms);
    call.connected();
    telemetry.time().advance(20ms);
    call.first_byte();
    telemetry.time().advance(40ms);
    call.answered(200);
  }
  CHECK(telemetry.text("http.client.request.duration") ==
        "http.request.method=GET http.response.status_code=200 server.address=api.example.org "
        "server.port=443 url.template=/cities/{city}/forecast count=1 sum=0.07 (0.0682,0.0743]=1");
  const auto phase_sum = [&](std::string_view name) {
    const std::string text = telemetry.text("querytap.operation.phase.duration");
    const std::size_t at = text.find("querytap.phase=" + std::string{name} + " count=1 sum=");
    REQUIRE(at != text.npos);
    const std::size_t begin = text.find("sum=", at) + 4;
    return text.substr(begin, text.find(' ', begin) - begin);
  };
  CHECK(phase_sum("connect") == "0.01");
  CHECK(phase_sum("first_byte") == "0.02");
  CHECK(phase_sum("fetch") == "0.04");
}

TEST_CASE("methods and statuses that HTTP does not know are _OTHER", "[http]") {
  capture telemetry;
  const http::service service{telemetry.recorder(), "http://a:81"};
  http::call{service, "SMUGGLE", "/x"}.answered(200);
  http::call{service, "GET", "/x"}.answered(7);
  CHECK(lines_up_to(" sum=", telemetry.text("http.client.request.duration")) ==
        "error.type=_OTHER http.request.method=GET server.address=a server.port=81 url.template=/x "
        "count=1\n"
        "http.request.method=_OTHER http.response.status_code=200 server.address=a server.port=81 "
        "url.template=/x count=1");
}

TEST_CASE("an exception on the way through is a failed call", "[http]") {
  fault_server server{{reply(200, {}, "x")}};
  capture telemetry;
  const http::client client{telemetry.recorder(), server.url()};
  CHECK_THROWS_AS(client.send("/x", {}, {}, [](auto) -> bool { throw std::domain_error{"no"}; }),
                  std::domain_error);
  CHECK_THAT(http_calls(telemetry, server),
             Catch::StartsWith("error.type=domain_error http.request.method=GET"));
}

TEST_CASE("the origin of a URL is scheme, host and port", "[http]") {
  const auto text = [](std::string_view url) {
    const http::origin origin = http::origin_of(url);
    return origin.scheme + ' ' + origin.host + ' ' + std::to_string(origin.port);
  };
  CHECK(text("HTTP://Example.ORG") == "http example.org 80");
  CHECK(text("https://example.org/a:b@c") == "https example.org 443");
  CHECK(text("http://[::1]:8080/x") == "http ::1 8080");
  CHECK(text("http://a:8000?x") == "http a 8000");
}

TEST_CASE("whatever is exported of HTTP differs in nothing from the conventions", "[http]") {
  fault_server server{{reply(200), reply(404), {.action = fault::kind::close}}};
  capture telemetry;
  const http::client client{telemetry.recorder(), server.url(), {.transport = {.tries = 1}}};
  {
    const request chat{telemetry.recorder(), "POST /chat"};
    for (int i = 0; i < 3; ++i) static_cast<void>(client.get("/x/{id}", {.path = {"7"}}));
  }
  namespace conformance = querytap::testing::conformance;
  CHECK(conformance::deviations_from_conventions(telemetry.recorder().collect()) ==
        std::vector<std::string>{});
  int spans = 0;
  for (const span_record& span : to_spans(telemetry.last_request())) {
    if (span.kind != span_kind::client) continue;
    CHECK(conformance::deviations_from_conventions(span) == std::vector<std::string>{});
    ++spans;
  }
  CHECK(spans == 3);
}

TEST_CASE("nothing of paths, queries, headers, bodies or redirects leaves", "[http]") {
  const std::string secret = "canary4711";
  fault_server server{{reply(302, "Location: /" + secret + "\r\n"), reply(200, {}, secret),
                       reply(500, "X: " + secret + "\r\n", secret)}};
  capture telemetry;
  const http::client client{
      telemetry.recorder(),
      server.url() + '/' + secret,
      {.service = {.slow_threshold = 1ns}, .headers = {{"Authorization", "Bearer " + secret}}}};
  {
    const request chat{telemetry.recorder(), "POST /chat"};
    for (int i = 0; i < 2; ++i) {
      static_cast<void>(client.get("/x/{id}", {.path = {secret}, .query = {{secret, secret}}}));
    }
    static_cast<void>(client.send("/x", {}, {.method = "POST", .body = secret}));
  }
  for (const std::string& text :
       querytap::testing::exported_texts(telemetry.recorder().collect())) {
    CHECK_THAT(text, !Catch::Contains(secret));
  }
}

}  // namespace
