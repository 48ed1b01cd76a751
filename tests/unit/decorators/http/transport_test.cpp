// A transport gets every answer whole or says what became of it, in time, and sends nothing twice that
// must not arrive twice.

#include <querytap/base/error.hpp>
#include <querytap/decorators/http/transport.hpp>
#include <querytap/recording/trace_scope.hpp>
#include <support/fault_server.hpp>
#include <support/fork.hpp>

#include <catch2/catch.hpp>

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace querytap;
using namespace std::chrono_literals;
using querytap::testing::fault;
using querytap::testing::fault_server;
using querytap::testing::reply;
using ending = http::response::ending;
using std::chrono::steady_clock;

const http::transport& patient_transport() {
  static const http::transport transport{{.timeout = 10s, .first_backoff = 1ms}};
  return transport;
}

fault raw(std::string bytes, bool closes = false) {
  fault answer{.bytes = std::move(bytes)};
  answer.closes = closes;
  return answer;
}

http::request post(const fault_server& server, http::repetition repeated) {
  return {.method = "POST",
          .url = server.url() + "/search",
          .headers = {{"Content-Type", "application/json"}},
          .body = "{\"k\":1}",
          .repeated = repeated};
}

/// A port of the loopback on which nobody listens.
std::string url_of_nobody() {
  const int taken = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  REQUIRE(bind(taken, generic, size) == 0);
  REQUIRE(getsockname(taken, generic, &size) == 0);
  close(taken);
  return "http://127.0.0.1:" + std::to_string(ntohs(address.sin_port));
}

std::string error_of(const http::response& response) {
  return std::string{response.failure().error_type()};
}

TEST_CASE("an answer comes with its status, headers and body", "[http]") {
  fault_server server{{reply(201, "X-Limit:  7 \r\nx-limit: 8\r\nEmpty:\r\n", "made")}};
  const http::response response = patient_transport().send({.url = server.url() + "/made?a=b"});
  CHECK(response.ok());
  CHECK(response.status == 201);
  CHECK(response.body == "made");
  CHECK(response.headers.find("X-LIMIT") == "7");
  CHECK(response.headers.find("empty") == "");
  CHECK_FALSE(response.headers.find("missing"));
  CHECK(response.bytes_received == 4);
  CHECK_FALSE(response.failure().failed());
  const auto requests = server.requests();
  REQUIRE(requests.size() == 1);
  CHECK(requests[0].method == "GET");
  CHECK(requests[0].path == "/made?a=b");
  CHECK(requests[0].headers.count("content-type") == 0);
  CHECK(requests[0].headers.count("expect") == 0);
}

TEST_CASE("every method sends what it is given", "[http]") {
  fault_server server{{reply(200)}};
  for (const char* method : {"POST", "PUT", "PATCH", "DELETE", "GET", "QUERY"}) {
    for (const char* body : {"", "text"}) {
      for (const auto repeated : {http::repetition::harmless, http::repetition::harmful}) {
        const auto response = patient_transport().send(
            {.method = method, .url = server.url(), .body = body, .repeated = repeated});
        CHECK(response.status == 200);
        CHECK(server.requests().back().method == method);
        CHECK(server.requests().back().body == body);
      }
    }
  }
  fault_server head{{raw("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n")}};
  CHECK(patient_transport().send({.method = "HEAD", .url = head.url()}).ok());
  CHECK(head.requests().back().method == "HEAD");
}

TEST_CASE("connections stay open, and only a new one takes time to connect", "[http]") {
  fault_server server{{reply(200)}};
  const http::transport transport;
  const http::response first = transport.send({.url = server.url()});
  CHECK_FALSE(first.reused_connection);
  CHECK(first.phases[phase::connect] > 0ns);
  for (int i = 0; i < 3; ++i) {
    const http::response next = transport.send({.url = server.url()});
    CHECK(next.reused_connection);
    CHECK(next.phases[phase::connect] == 0ns);
    CHECK(next.phases[phase::first_byte] > 0ns);
  }
  for (const auto& request : server.requests()) CHECK(request.connection == 0);
}

TEST_CASE("a request that must not arrive twice is not sent again when an open connection breaks",
          "[http]") {
  fault_server server{{reply(200), {.action = fault::kind::close}, reply(200)}};
  const http::transport transport{{.first_backoff = 1ms}};
  CHECK(transport.send(post(server, http::repetition::harmful)).ok());
  const http::response broken = transport.send(post(server, http::repetition::harmful));
  CHECK(broken.how == ending::broken);
  CHECK(broken.status == 0);
  CHECK(broken.retries == 0);
  CHECK(server.requests().size() == 2);
}

TEST_CASE("the same without a body, which goes over a connection of its own", "[http]") {
  fault_server server{{reply(200), {.action = fault::kind::close}, reply(200)}};
  const http::transport transport{{.first_backoff = 1ms}};
  const http::request empty{.method = "POST", .url = server.url()};
  CHECK(transport.send(empty).ok());
  CHECK(transport.send(empty).how == ending::broken);
  CHECK(server.requests().size() == 2);
}

TEST_CASE("a search that is a POST is repeated where it may be", "[http]") {
  fault_server server{{reply(200), {.action = fault::kind::close}, reply(200)}};
  const http::transport transport{{.first_backoff = 1ms}};
  CHECK(transport.send(post(server, http::repetition::harmless)).ok());
  const http::response again = transport.send(post(server, http::repetition::harmless));
  CHECK(again.ok());
  CHECK(again.retries == 1);
  CHECK(server.requests().size() == 3);
}

TEST_CASE("only what is harmless is tried again, and only where it may help", "[http]") {
  const auto tries_of = [](const char* method, std::vector<fault> faults) {
    fault_server server{std::move(faults)};
    const http::response response =
        patient_transport().send({.method = method, .url = server.url(), .body = ""});
    CHECK(response.retries + 1 == server.requests().size());
    return server.requests().size();
  };
  for (const int status : {429, 502, 503, 504}) {
    CHECK(tries_of("GET", {reply(status), reply(200)}) == 2);
    CHECK(tries_of("POST", {reply(status), reply(200)}) == 1);
  }
  for (const int status : {400, 404, 409, 500, 501}) CHECK(tries_of("GET", {reply(status)}) == 1);
  CHECK(tries_of("GET", {reply(503)}) == 3);
  CHECK(tries_of("PUT", {reply(503)}) == 3);
  CHECK(tries_of("GET", {{.action = fault::kind::reset}, reply(200)}) == 2);
}

TEST_CASE("Retry-After is obeyed where the time allows it, else the answer is given at once",
          "[http]") {
  fault_server server{{reply(503, "Retry-After: 60\r\n"), reply(200)}};
  const auto begin = steady_clock::now();
  const http::response response = patient_transport().send({.url = server.url()});
  CHECK(response.status == 503);
  CHECK(response.headers.find("retry-after") == "60");
  CHECK(steady_clock::now() - begin < 2s);
  fault_server soon{{reply(503, "Retry-After: 0\r\n"), reply(200)}};
  CHECK(patient_transport().send({.url = soon.url()}).status == 200);
}

TEST_CASE("a server that never answers costs the time that the request has", "[http]") {
  fault_server server{{{.action = fault::kind::black_hole}}};
  const auto begin = steady_clock::now();
  const http::response response = patient_transport().send({.url = server.url(), .timeout = 100ms});
  const auto spent = steady_clock::now() - begin;
  CHECK(response.how == ending::timed_out);
  CHECK(error_of(response) == "operation_timedout");
  CHECK(response.failure().kind() == failure_kind::timeout);
  CHECK(spent >= 100ms);
  CHECK(spent < 1s);
  CHECK(response.phases[phase::first_byte] > 50ms);
  CHECK(server.requests().size() == 1);
}

TEST_CASE("an answer that stops half-way is timed out in the phase fetch", "[http]") {
  fault_server server{{{.bytes = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf",
                        .more = {{.after = 10s, .bytes = "late"}}}}};
  const http::response response = patient_transport().send({.url = server.url(), .timeout = 150ms});
  CHECK(response.how == ending::timed_out);
  CHECK(response.status == 200);
  CHECK(response.body == "half");
  CHECK(response.phases[phase::fetch] > 100ms);
  CHECK_FALSE(response.ok());
}

TEST_CASE("a server that dies in mid-reply leaves no good answer", "[http]") {
  const auto broken =
      GENERATE(as<std::string>{}, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf",
               "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n10\r\nhalf",
               "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n",
               "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFF\r\nhalf",
               "HTTP/1.1 2", "HTTP/1.1 200 OK\r\nContent-Le");
  CAPTURE(broken);
  fault_server server{{raw(broken, true)}};
  const http::response response = patient_transport().send(
      {.url = server.url(), .repeated = http::repetition::harmful, .timeout = 5s});
  CHECK_FALSE(response.ok());
  CHECK(response.failure().failed());
  CHECK_FALSE(error_of(response).empty());
  CHECK(server.requests().size() == 1);
}

TEST_CASE("what is no HTTP is no answer", "[http]") {
  const auto noise = GENERATE(as<std::string>{}, "\x16\x03\x01", "SSH-2.0-OpenSSH_9.2\r\n",
                              "\r\n\r\n", "HTTP/9.9 999 what\r\n\r\n");
  fault_server server{{raw(noise, true)}};
  const http::response response = patient_transport().send(
      {.url = server.url(), .repeated = http::repetition::harmful, .timeout = 5s});
  CHECK_FALSE(response.ok());
  CHECK(response.failure().failed());
}

TEST_CASE("bodies and headers end at their limits", "[http]") {
  const http::transport narrow{{.largest_body = 1000, .largest_headers = 1000, .tries = 1}};
  fault_server body{{reply(200, {}, std::string(1001, 'x'))}};
  const http::response large = narrow.send({.url = body.url()});
  CHECK(large.how == ending::too_large);
  CHECK(error_of(large) == "too_large");
  CHECK(large.body.size() <= 1000);
  fault_server fitting{{reply(200, {}, std::string(1000, 'x'))}};
  CHECK(narrow.send({.url = fitting.url()}).ok());
  fault_server headers{{reply(200, "X-Long: " + std::string(2000, 'x') + "\r\n")}};
  CHECK(narrow.send({.url = headers.url()}).how == ending::too_large);
}

TEST_CASE("the limit is one of the decompressed body", "[http]") {
  // A megabyte of zeros, as gzip -9 has it, without its last bytes: the limit comes first.
  const std::string head{
      "\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\xed\xc1\x01\x01\x00\x00\x00\x80\x90"
      "\xfe\xaf\xee\x08\x0a\x00\x00\x00\x00\x00\x00\x00",
      31};
  fault_server server{{reply(200, "Content-Encoding: gzip\r\n", head + std::string(1000, '\0'))}};
  const http::transport narrow{{.largest_body = 1000, .tries = 1}};
  const http::response response = narrow.send({.url = server.url()});
  CHECK_FALSE(response.ok());
  CHECK(response.body.size() <= 1000);
}

TEST_CASE("a sink gets a good answer as it comes, and no other", "[http]") {
  fault_server server{
      {{.bytes = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n",
        .more = {{.after = 20ms, .bytes = "3\r\ntwo\r\n0\r\n\r\n"}}},
       reply(400, {}, "refused"),
       reply(200, {}, "again")}};
  std::vector<std::string> parts;
  const http::body_sink sink = [&](std::string_view part) {
    parts.emplace_back(part);
    return true;
  };
  const http::response response = patient_transport().send({.url = server.url()}, sink);
  CHECK(response.ok());
  CHECK(response.body.empty());
  CHECK(parts == std::vector<std::string>{"one", "two"});
  CHECK(response.phases[phase::fetch] >= 15ms);
  CHECK(patient_transport().send({.url = server.url()}, sink).body == "refused");
  CHECK(parts.size() == 2);
}

TEST_CASE("a sink may stop the transfer, and what it throws goes on its way", "[http]") {
  fault_server server{{reply(200, {}, std::string(100'000, 'x'))}};
  const http::response stopped =
      patient_transport().send({.url = server.url()}, [](std::string_view) { return false; });
  CHECK(stopped.how == ending::stopped);
  CHECK(stopped.ok());
  CHECK_FALSE(stopped.failure().failed());
  CHECK_THROWS_AS(
      patient_transport().send({.url = server.url()},
                               [](std::string_view) -> bool { throw std::domain_error{"enough"}; }),
      std::domain_error);
  CHECK(patient_transport().send({.url = server.url()}).ok());
}

TEST_CASE("what a sink has seen is not sent for again", "[http]") {
  fault_server server{
      {raw("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf", true), reply(200)}};
  int parts = 0;
  const http::response response = patient_transport().send({.url = server.url()}, [&](auto) {
    ++parts;
    return true;
  });
  CHECK(response.how == ending::broken);
  CHECK(parts == 1);
  CHECK(server.requests().size() == 1);
}

TEST_CASE("redirects lead to the same server only, and a POST is not redirected", "[http]") {
  fault_server other{{reply(200, {}, "other")}};
  fault_server server{{reply(302, "Location: /new\r\n"), reply(200, {}, "new"),
                       reply(302, "Location: " + other.url() + "/stolen\r\n"),
                       reply(307, "Location: /new\r\n"), reply(302, "Location: /round\r\n")}};
  const http::request keyed{.url = server.url(), .headers = {{"X-Token", "key"}}};
  CHECK(patient_transport().send(keyed).body == "new");
  const http::response away = patient_transport().send(keyed);
  CHECK(away.status == 302);
  CHECK(away.headers.find("location") == other.url() + "/stolen");
  CHECK(other.requests().empty());
  CHECK(patient_transport().send(post(server, http::repetition::harmless)).status == 307);
  const std::size_t before = server.requests().size();
  CHECK(patient_transport().send(keyed).status == 302);
  CHECK(server.requests().size() - before == 1 + patient_transport().options().redirects);
}

TEST_CASE("what is no request is refused before anything is sent", "[http]") {
  const http::transport& transport = patient_transport();
  for (const char* url :
       {"", "127.0.0.1", "ftp://a/", "http://", "http:///path", "http://a:0/", "http://a:70000/",
        "http://user:secret@a/", "http://a b/", "http://a\\b/", "http://[::1", "http://a/b c",
        "http://a/\r\nX: y", "file:///etc/passwd"}) {
    CHECK_THROWS_AS(transport.send({.url = url}), configuration_error);
    CHECK_THROWS_WITH(transport.send({.url = url}), !Catch::Contains("secret"));
  }
  const auto with_header = [](const char* name, const char* value) {
    return http::request{.url = "http://127.0.0.1:1", .headers = {{name, value}}};
  };
  CHECK_THROWS_AS(transport.send(with_header("X", "a\r\nY: b")), configuration_error);
  CHECK_THROWS_AS(transport.send(with_header("X\nY", "a")), configuration_error);
  CHECK_THROWS_AS(transport.send(with_header("", "a")), configuration_error);
  CHECK_THROWS_AS(transport.send({.method = "GET /", .url = "http://127.0.0.1:1"}),
                  configuration_error);
  CHECK_THROWS_AS(http::transport({.timeout = 0s}), configuration_error);
  CHECK_THROWS_AS(http::transport({.tries = 0}), configuration_error);
  CHECK_THROWS_AS(http::transport({.idle_connections = 65}), configuration_error);
}

TEST_CASE("a connection that is refused spends its time connecting", "[http]") {
  const http::response response =
      patient_transport().send({.url = url_of_nobody(), .repeated = http::repetition::harmful});
  CHECK(response.how == ending::not_connected);
  CHECK(error_of(response) == "couldnt_connect");
  CHECK(response.status == 0);
  CHECK(response.phases[phase::connect] > 0ns);
  CHECK(response.phases[phase::fetch] == 0ns);
}

TEST_CASE("TLS that meets no TLS ends in time", "[http]") {
  fault_server server{{raw("HTTP/1.1 400 Bad Request\r\n\r\n", true)}};
  const std::string url = "https" + server.url().substr(4);
  const http::response response = patient_transport().send({.url = url, .timeout = 500ms});
  CHECK_FALSE(response.ok());
  CHECK(response.status == 0);
}

TEST_CASE("the trace of a scope is passed on, unless the request has one", "[http]") {
  fault_server server{{reply(200)}};
  const std::string parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
  static_cast<void>(patient_transport().send({.url = server.url()}));
  {
    const trace_scope scope{*trace_context::parse(parent)};
    static_cast<void>(patient_transport().send({.url = server.url()}));
    static_cast<void>(
        patient_transport().send({.url = server.url(), .headers = {{"Traceparent", "mine"}}}));
    const http::transport silent{{.passes_trace = false}};
    static_cast<void>(silent.send({.url = server.url()}));
  }
  const auto requests = server.requests();
  REQUIRE(requests.size() == 4);
  CHECK(requests[0].headers.count("traceparent") == 0);
  CHECK(requests[1].headers.at("traceparent") == parent);
  CHECK(requests[2].headers.at("traceparent") == "mine");
  CHECK(requests[3].headers.count("traceparent") == 0);
}

TEST_CASE("many threads send at once, over as many connections", "[http]") {
  constexpr std::size_t callers = 8;
  constexpr int calls = 40;
  fault_server server{{reply(200, {}, "answer")}};
  const http::transport transport;
  std::atomic<int> good{0};
  {
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < callers; ++i) {
      threads.emplace_back([&] {
        for (int j = 0; j < calls; ++j) {
          good += transport.send({.url = server.url()}).body == "answer" ? 1 : 0;
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
  }
  CHECK(good == callers * calls);
  std::set<std::size_t> connections;
  for (const auto& request : server.requests()) connections.insert(request.connection);
  CHECK(connections.size() <= callers);
}

TEST_CASE("a child of a fork leaves its parent's connections alone", "[http]") {
  fault_server server{{reply(200)}};
  const http::transport transport;
  CHECK(transport.send({.url = server.url()}).ok());
  CHECK(querytap::testing::exit_code_of_child(
            [&] { return transport.send({.url = server.url()}).ok(); }) == 0);
  CHECK(transport.send({.url = server.url()}).reused_connection);
  const auto requests = server.requests();
  REQUIRE(requests.size() == 3);
  CHECK(requests[1].connection != requests[0].connection);
  CHECK(requests[2].connection == requests[0].connection);
}

}  // namespace
