// Every reply of a collector means what OTLP says it means.

#include <runtime/otlp/http_sender.hpp>
#include <runtime/otlp/otlp_verdict.hpp>

#include <support/fault_server.hpp>

#include <catch2/catch.hpp>

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
