// Every reply of a collector means what OTLP says it means.

#include <runtime/otlp/http_sender.hpp>
#include <runtime/otlp/otlp_verdict.hpp>

#include <support/fault_server.hpp>

#include <catch2/catch.hpp>

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

using namespace querytap::detail;
using namespace querytap::testing;
using namespace std::chrono_literals;

namespace {

constexpr const char* json = "Content-Type: application/json\r\n";
constexpr const char* protobuf = "Content-Type: application/x-protobuf\r\n";

std::string text(const otlp_verdict& verdict) {
  static constexpr const char* words[] = {"accepted", "refused", "not_now"};
  std::string result = words[static_cast<std::size_t>(verdict.how)];
  if (verdict.status != 0) result += ' ' + std::to_string(verdict.status);
  if (!verdict.error_type.empty()) result += " error.type=" + verdict.error_type;
  if (verdict.rejected != 0) result += " rejected=" + std::to_string(verdict.rejected);
  if (!verdict.retry_after.empty()) result += " retry_after=" + verdict.retry_after;
  if (!verdict.message.empty()) result += " message=" + verdict.message;
  return result;
}

/// Accepts connections, and never reads.
class silent_listener {
 public:
  silent_listener() : listening_{socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)} {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    REQUIRE(bind(listening_, generic, size) == 0);
    REQUIRE(listen(listening_, 8) == 0);
    REQUIRE(getsockname(listening_, generic, &size) == 0);
    port_ = ntohs(address.sin_port);
  }
  ~silent_listener() { close(listening_); }
  silent_listener(const silent_listener&) = delete;
  silent_listener& operator=(const silent_listener&) = delete;

  [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }

 private:
  int listening_;
  std::uint16_t port_ = 0;
};

std::string verdict_on(const fault& fault, std::chrono::nanoseconds timeout = 10s) {
  const fault_server collector{{fault}};
  http_sender sender;
  return text(judge(sender.post({.url = collector.url() + "/v1/metrics"}, "application/json", false,
                                "{}", timeout)));
}

}  // namespace

TEST_CASE("a success is one regardless of its body") {
  CHECK(verdict_on(reply(200)) == "accepted 200");
  CHECK(verdict_on(reply(202)) == "accepted 202");
  CHECK(verdict_on(reply(200, json, "{}")) == "accepted 200");
  CHECK(verdict_on(reply(200, json, R"({"partialSuccess":{}})")) == "accepted 200");
  CHECK(verdict_on(reply(200, json, "{garbage")) == "accepted 200");
  CHECK(verdict_on(reply(200, json, R"({"partialSuccess":[1]})")) == "accepted 200");
  CHECK(verdict_on(reply(200, "Content-Type: text/html\r\n", "<html>")) == "accepted 200");
  CHECK(verdict_on(reply(200, protobuf, "\xFF\xFF\xFF")) ==
        "accepted 200 message=the reply is not protobuf");
}

TEST_CASE("a partial success says how much was rejected and why") {
  CHECK(verdict_on(reply(
            200, json, R"({"partialSuccess":{"rejectedDataPoints":"3","errorMessage":"late"}})")) ==
        "accepted 200 rejected=3 message=late");
  CHECK(verdict_on(reply(200, json, R"({"partialSuccess":{"rejectedSpans":4}})")) ==
        "accepted 200 rejected=4");
  CHECK(verdict_on(reply(200, json, R"({"partialSuccess":{"rejectedLogRecords":"-1"}})")) ==
        "accepted 200");
  CHECK(verdict_on(reply(200, protobuf, "\x0a\x08\x08\x03\x12\x04late")) ==
        "accepted 200 rejected=3 message=late");
  CHECK(verdict_on(reply(200, protobuf, "\x0a\x06\x12\x04warn")) == "accepted 200 message=warn");
}

TEST_CASE("only the statuses that OTLP names may be retried") {
  for (const int status : {429, 502, 503, 504}) {
    CHECK(verdict_on(reply(status)) ==
          "not_now " + std::to_string(status) + " error.type=" + std::to_string(status));
  }
  for (const int status : {400, 401, 403, 404, 408, 413, 500, 501, 505}) {
    CHECK(verdict_on(reply(status)) ==
          "refused " + std::to_string(status) + " error.type=" + std::to_string(status));
  }
}

TEST_CASE("a redirect is not followed") {
  const fault_server elsewhere{{reply(200)}};
  CHECK(verdict_on(reply(307, "Location: " + elsewhere.url() + "/\r\n")) ==
        "refused 307 error.type=307");
  CHECK(elsewhere.requests().empty());
}

TEST_CASE("a verdict has the Retry-After and the message of a failure") {
  CHECK(verdict_on(reply(429, "Retry-After: 7\r\n")) == "not_now 429 error.type=429 retry_after=7");
  CHECK(verdict_on(reply(400, json, R"({"code":3,"message":"bad\nlabel"})")) ==
        "refused 400 error.type=400 message=bad label");
  CHECK(verdict_on(reply(400, protobuf,
                         "\x08\x03\x12\x03"
                         "bad")) == "refused 400 error.type=400 message=bad");
  CHECK(verdict_on(reply(400, json, R"({"message":7})")) == "refused 400 error.type=400");
}

TEST_CASE("a connection that breaks without a reply may be retried") {
  CHECK(verdict_on({fault::kind::close}) == "not_now error.type=no_answer");
  CHECK(verdict_on({fault::kind::reset}) == "not_now error.type=no_answer");
  http_sender sender;
  CHECK(text(judge(sender.post({.url = "http://127.0.0.1:1/"}, "application/json", false, "{}",
                               10s))) == "not_now error.type=not_connected");
}

TEST_CASE("libcurl repeats a request on a connection that was used before, and on no new one") {
  const auto kind = GENERATE(fault::kind::close, fault::kind::reset);
  const auto connections = [&](repetition repeated) {
    const fault_server collector{{reply(200), {kind}, reply(200)}};
    http_sender sender;
    std::string result;
    for (int i = 0; i < 2; ++i) {
      const http_reply reply =
          sender.post({.url = collector.url()}, "application/json", false, "{}", 10s, repeated);
      result += text(judge(reply, repeated)) + "; ";
    }
    for (const received_request& request : collector.requests())
      result += std::to_string(request.connection);
    return result;
  };
  CHECK(connections(repetition::harmless) == "accepted 200; accepted 200; 001");
  CHECK(connections(repetition::harmful) == "accepted 200; refused error.type=no_answer; 01");
}

TEST_CASE("a request that may have arrived is given up where a second one would do harm") {
  const auto verdict = [](const fault& fault, const std::string& body) {
    const fault_server collector{{fault}};
    http_sender sender;
    return text(judge(sender.post({.url = collector.url()}, "application/json", false, body, 100ms,
                                  repetition::harmful),
                      repetition::harmful));
  };
  CHECK(verdict({fault::kind::close}, "{}") == "refused error.type=no_answer");
  CHECK(verdict({fault::kind::reset}, "{}") == "refused error.type=no_answer");
  CHECK(verdict({fault::kind::black_hole}, "{}") == "refused error.type=timeout");
  CHECK(verdict(reply(503), "{}") == "not_now 503 error.type=503");
}

TEST_CASE("a request that was not sent whole, or not at all, may be repeated in any case") {
  const auto verdict = [](const std::string& url, const std::string& body) {
    http_sender sender;
    return text(judge(
        sender.post({.url = url}, "application/json", false, body, 100ms, repetition::harmful),
        repetition::harmful));
  };
  CHECK(verdict("http://127.0.0.1:1/", "{}") == "not_now error.type=not_connected");
  const silent_listener deaf;
  CHECK(verdict(deaf.url(), std::string(std::size_t{48} << 20, ' ')) ==
        "not_now error.type=timeout");
}

TEST_CASE("a reply that breaks off after its status counts by its status") {
  CHECK(verdict_on({.bytes = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf"}, 200ms) ==
        "accepted 200");
}

TEST_CASE("a collector that never answers, or too slowly, is abandoned in time") {
  const auto begin = std::chrono::steady_clock::now();
  CHECK(verdict_on({fault::kind::black_hole}, 50ms) == "not_now error.type=timeout");
  fault slow = reply(200);
  slow.after = 10s;
  CHECK(verdict_on(slow, 50ms) == "not_now error.type=timeout");
  CHECK(std::chrono::steady_clock::now() - begin < 2s);
}

TEST_CASE("a reply that is not HTTP causes no retry") {
  CHECK(verdict_on({.bytes = "220 mail.example.org ESMTP\r\n"}) == "refused error.type=no_http");
  CHECK(verdict_on({.bytes = std::string(100, '\0')}) == "refused error.type=no_http");
}

TEST_CASE("a reply larger than OTLP allows is not read to its end, and causes no retry") {
  CHECK(verdict_on(reply(200, json, std::string(5 << 20, ' '))) ==
        "refused error.type=response_too_large");
}
