// A request over TLS goes to a server that is trusted or nowhere, and says how long each part of the way took; so
// does one by a proxy.

#include <querytap/decorators/http.hpp>
#include <querytap/decorators/http/observation.hpp>
#include <querytap/testing/capture.hpp>
#include <support/child_process.hpp>
#include <support/exported.hpp>
#include <support/fault_server.hpp>

#include <catch2/catch.hpp>

#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>

namespace {

using namespace querytap;
using namespace std::chrono_literals;
using namespace querytap::testing;
using ending = http::response::ending;

constexpr std::string_view canary = "canary-of-tls";

/// A certificate that vouches for itself, made by the program openssl.
class certificate {
 public:
  explicit certificate(const std::string& subject = "IP:127.0.0.1") {
    const finished made =
        run({"/usr/bin/openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
             "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", key(), "-out", file(), "-days",
             "2", "-subj", "/CN=test", "-addext", "subjectAltName=" + subject});
    if (made.exit_code == 127) FAIL("missing: apt-get install openssl");
    INFO(made.output);
    REQUIRE(made.exit_code == 0);
  }
  [[nodiscard]] std::string file() const { return folder_.path() / "certificate.pem"; }
  [[nodiscard]] std::string key() const { return folder_.path() / "key.pem"; }

 private:
  temporary_folder folder_;
};

/// A server that answers GET /answer, on a free port of 127.0.0.1.
class tls_server {
 public:
  explicit tls_server(const certificate& own, const std::string& more = "")
      : port_{free_port()},
        process_{{"/bin/sh", "-c",
                  "cd '" + folder_.path().string() + "' && printf sun > answer && exec openssl " +
                      "s_server -accept 127.0.0.1:" + std::to_string(port_) + " -cert '" +
                      own.file() + "' -key '" + own.key() + "' -WWW " + more},
                 {.output = folder_.path() / "log", .stop_signal = 9}} {
    REQUIRE(became_ready(process_, [&] { return log().find("ACCEPT") != std::string::npos; }));
  }

  [[nodiscard]] std::string url() const { return "https://127.0.0.1:" + std::to_string(port_); }
  /// What it has served, among much else.
  [[nodiscard]] std::string log() const { return read_text(folder_.path() / "log"); }

 private:
  temporary_folder folder_;
  int port_;
  child_process process_;
};

/// Each phase of which some time was recorded.
std::string phases_of(capture& telemetry) {
  std::string text;
  const snapshot all = telemetry.recorder().collect();
  for (const point& p : all.find("querytap.operation.phase.duration")) {
    if (p.histogram == nullptr || p.histogram->count() == 0) continue;
    text += to_string(*p.series->labels.find("querytap.phase")) + ' ';
  }
  return text;
}

std::string errors_of(capture& telemetry) {
  std::string text;
  const snapshot all = telemetry.recorder().collect();
  for (const point& p : all.find("http.client.request.duration")) {
    if (p.histogram == nullptr || p.histogram->count() == 0) continue;
    const attribute_value* const type = p.series->labels.find("error.type");
    text += type == nullptr ? "ok " : to_string(*type) + ' ';
  }
  return text;
}

http::client_options with_certificates(std::string file) {
  return {.transport = {.timeout = 10s, .tries = 1, .certificates = std::move(file)},
          .headers = {{"Authorization", std::string{canary}}}};
}

/// A variable of the environment, while it lives.
class environment_variable {
 public:
  environment_variable(const char* name, const std::string& value) : name_{name} {
    setenv(name, value.c_str(), 1);
  }
  environment_variable(const environment_variable&) = delete;
  environment_variable& operator=(const environment_variable&) = delete;
  ~environment_variable() { unsetenv(name_); }

 private:
  const char* name_;
};

}  // namespace

TEST_CASE("a server that is trusted answers, and the connection's time is apart from that of TLS",
          "[http]") {
  const certificate own;
  const tls_server server{own};
  capture telemetry;
  const http::client weather{telemetry.recorder(), server.url(), with_certificates(own.file())};
  const http::response reply = weather.get("/answer");
  CHECK(reply.ok());
  CHECK(reply.body == "sun");
  CHECK(reply.phases[phase::connect] > 0ns);
  CHECK(reply.phases[phase::tls] > 0ns);
  CHECK(reply.phases[phase::first_byte] > 0ns);
  CHECK(errors_of(telemetry) == "ok ");
  CHECK_THAT(phases_of(telemetry), Catch::Contains("connect ") && Catch::Contains("tls "));
  CHECK_THAT(server.log(), Catch::Contains("FILE:answer"));

  const http::service service{telemetry.recorder(), server.url()};
  CURL* const easy = curl_easy_init();
  const std::string url = server.url() + "/answer";
  const std::string file = own.file();
  curl_easy_setopt(easy, CURLOPT_URL, url.c_str());
  curl_easy_setopt(easy, CURLOPT_CAINFO, file.c_str());
  curl_easy_setopt(
      easy, CURLOPT_WRITEFUNCTION,
      +[](char*, std::size_t, std::size_t size, void*) { return size; });
  http::observation observed{service, easy, "GET", "/answer"};
  observed.ended(curl_easy_perform(easy));
  curl_easy_cleanup(easy);
  CHECK(errors_of(telemetry) == "ok ");
}

TEST_CASE("a server that is not trusted is told nothing, and is an error of its own", "[http]") {
  const certificate own;
  const certificate other;
  const certificate of_another_host{"DNS:elsewhere.example"};
  const tls_server server{own};
  const tls_server misnamed{of_another_host};
  struct distrust {
    const tls_server& asked;
    std::string trusted;
  };
  for (const auto& [asked, trusted] :
       {distrust{server, other.file()}, distrust{misnamed, of_another_host.file()},
        distrust{server, ""}}) {
    capture telemetry;
    const http::client weather{telemetry.recorder(), asked.url(), with_certificates(trusted)};
    const http::response reply = weather.get("/answer", {.query = {{"key", canary}}});
    CHECK(reply.how == ending::not_trusted);
    CHECK(reply.failure() == outcome::error("peer_failed_verification"));
    CHECK(reply.status == 0);
    CHECK(reply.body.empty());
    CHECK(reply.phases[phase::connect] > 0ns);
    CHECK(reply.phases[phase::first_byte] < reply.phases[phase::connect]);
    CHECK(reply.bytes_sent == 0);
    CHECK(errors_of(telemetry) == "peer_failed_verification ");
    for (const std::string& text : exported_texts(telemetry.recorder().collect())) {
      CHECK_THAT(text, !Catch::Contains(std::string{canary}));
    }
    CHECK_THAT(asked.log(), !Catch::Contains("FILE:"));
  }
}

TEST_CASE("a server may ask for a certificate, too", "[http]") {
  const certificate own;
  const certificate of_client;
  const certificate unknown;
  // By TLS 1.3 a client learns of the refusal only when it reads the answer.
  const std::string version = GENERATE("-tls1_2", "-tls1_3");
  const tls_server server{
      own, version + " -Verify 1 -verify_return_error -CAfile '" + of_client.file() + "'"};
  const auto send_as = [&](const certificate* client) {
    http::transport_options options{.timeout = 10s, .tries = 1, .certificates = own.file()};
    if (client != nullptr) {
      options.client_certificate = client->file();
      options.client_key = client->key();
    }
    return http::transport{options}.send({.url = server.url() + "/answer"});
  };
  CHECK(send_as(&of_client).body == "sun");
  for (const certificate* client : {static_cast<const certificate*>(nullptr), &unknown}) {
    const http::response refused = send_as(client);
    CHECK_FALSE(refused.ok());
    CHECK(refused.status == 0);
    CHECK(refused.body.empty());
    CHECK(refused.failure().error_type() ==
          (version == "-tls1_2" ? "ssl_connect_error" : "recv_error"));
  }
}

TEST_CASE("certificates that cannot be read are an error of trust, not of the server", "[http]") {
  const certificate own;
  const tls_server server{own};
  const http::transport transport{
      {.timeout = 10s, .tries = 1, .certificates = own.file() + ".missing"}};
  const http::response reply = transport.send({.url = server.url() + "/answer"});
  CHECK(reply.how == ending::not_trusted);
  CHECK(reply.failure().error_type() == "ssl_cacert_badfile");
  const http::transport keyless{{.timeout = 10s,
                                 .tries = 1,
                                 .certificates = own.file(),
                                 .client_certificate = own.file(),
                                 .client_key = own.key() + ".missing"}};
  CHECK(keyless.send({.url = server.url() + "/answer"}).how == ending::not_trusted);
}

TEST_CASE("a proxy of the environment is asked for what it passes on", "[http]") {
  fault_server proxy{{reply(200, {}, "sun"), reply(502)}};
  const environment_variable variable{"http_proxy", proxy.url()};
  capture telemetry;
  const http::client weather{telemetry.recorder(),
                             "http://weather.example:81/v1",
                             {.transport = {.timeout = 10s, .tries = 1}}};
  CHECK(weather.get("/cities/{city}", {.path = {"Ems"}}).body == "sun");
  CHECK(weather.get("/cities/{city}", {.path = {"Ems"}}).failure().error_type() == "502");
  const auto requests = proxy.requests();
  REQUIRE(requests.size() == 2);
  CHECK(requests[0].path == "http://weather.example:81/v1/cities/Ems");
  CHECK(requests[0].headers.at("host") == "weather.example:81");
  CHECK_THAT(telemetry.text("http.client.request.duration"),
             Catch::Contains("server.address=weather.example server.port=81"));
}

TEST_CASE("a proxy that is not there, or refuses a tunnel, is an error without its address",
          "[http]") {
  const http::transport transport{{.timeout = 10s, .tries = 1}};
  const auto failure_by = [&](const std::string& proxy) {
    const environment_variable plain{"http_proxy", proxy};
    const environment_variable secure{"https_proxy", proxy};
    std::string text;
    for (const char* url : {"http://weather.example/", "https://weather.example/"}) {
      const http::response reply = transport.send({.url = url});
      CHECK_FALSE(reply.ok());
      text += std::string{reply.failure().error_type()} + ' ';
    }
    return text;
  };
  CHECK(failure_by("http://user:" + std::string{canary} + "@127.0.0.1:1") ==
        "couldnt_connect couldnt_connect ");
  fault_server refusing{{reply(403)}};
  CHECK(failure_by(refusing.url()) == "403 recv_error ");
}
