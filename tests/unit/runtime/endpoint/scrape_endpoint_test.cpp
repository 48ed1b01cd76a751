// The endpoint answers HTTP on the address of its options, and on no other.

#include <querytap/base/error.hpp>
#include <querytap/exporters/prometheus/scrape_source.hpp>
#include <querytap/recording/recorder.hpp>
#include <querytap/runtime/endpoint/scrape_endpoint.hpp>
#include <querytap/snapshot/catalog.hpp>
#include <support/child_process.hpp>

#include <catch2/catch.hpp>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <list>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

using namespace querytap;
using namespace querytap::testing;

namespace {

int connect_to(std::uint16_t port) {
  const int descriptor = socket(AF_INET, SOCK_STREAM, 0);
  REQUIRE(descriptor >= 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  REQUIRE(connect(descriptor, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  return descriptor;
}

// A client that is being evicted cannot send any more.
bool send_to(int descriptor, std::string_view text) {
  return send(descriptor, text.data(), text.size(), MSG_NOSIGNAL) ==
         static_cast<ssize_t>(text.size());
}

std::string read_all(int descriptor) {
  std::string answer;
  char buffer[4096];
  for (ssize_t size; (size = recv(descriptor, buffer, sizeof buffer, 0)) > 0;) {
    answer.append(buffer, static_cast<std::size_t>(size));
  }
  return answer;
}

std::string answer_to(std::uint16_t port, const std::string& request) {
  const int descriptor = connect_to(port);
  static_cast<void>(send_to(descriptor, request));
  std::string answer = read_all(descriptor);
  close(descriptor);
  return answer;
}

/// Connections that stay open as long as the object lives.
class open_connections {
 public:
  ~open_connections() {
    for (const int descriptor : descriptors_) close(descriptor);
  }
  void open(std::uint16_t port, std::string_view sent) {
    descriptors_.push_back(connect_to(port));
    static_cast<void>(send_to(descriptors_.back(), sent));
  }

 private:
  std::vector<int> descriptors_;
};

/// As from a client on this machine, but for what `headers` say.
std::string get(std::uint16_t port, const std::string& path, const std::string& method = "GET",
                const std::string& headers = "") {
  const std::string host = headers.find("Host: ") == std::string::npos ? "Host: localhost\r\n" : "";
  return answer_to(
      port, method + ' ' + path + " HTTP/1.1\r\n" + host + headers + "Connection: close\r\n\r\n");
}

/// The statuses of `/`, `/slow` and `/metrics`.
std::string statuses(const scrape_endpoint& endpoint, const std::string& headers) {
  std::string result;
  for (const char* path : {"/", "/slow", "/metrics"}) {
    const std::string answer = get(endpoint.port(), path, "GET", headers);
    result += answer.substr(std::min(answer.size(), std::size_t{9}), 3) + ' ';
  }
  return result;
}

/// The time until a scrape is answered in full.
std::chrono::milliseconds time_of_scrape(std::uint16_t port) {
  const auto begin = std::chrono::steady_clock::now();
  CHECK_THAT(get(port, "/metrics"), Catch::StartsWith("HTTP/1.1 200") && Catch::EndsWith("\n"));
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() -
                                                               begin);
}

// Far above what it takes, and far below what a server takes that waits for a silent client.
constexpr std::chrono::milliseconds soon{1500};

void refuse(scrape_endpoint_options options, const char* because) {
  recorder recorder{{.service_name = "test"}};
  CHECK_THROWS_WITH(scrape_endpoint(recorder, std::move(options)), Catch::Contains(because));
}

/// A certificate of its own authority, for 127.0.0.1.
class certificate {
 public:
  certificate() {
    const finished made = run({"/usr/bin/openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes",
                               "-keyout", key(), "-out", file(), "-days", "2", "-subj", "/CN=test",
                               "-addext", "subjectAltName=IP:127.0.0.1"});
    if (made.exit_code == 127) FAIL("missing: apt-get install openssl");
    REQUIRE(made.exit_code == 0);
  }
  [[nodiscard]] std::string file() const { return folder_.path() / "certificate.pem"; }
  [[nodiscard]] std::string key() const { return folder_.path() / "key.pem"; }
  [[nodiscard]] std::string other() const {
    std::ofstream{folder_.path() / "other.pem"} << "nothing of the kind\n";
    return folder_.path() / "other.pem";
  }

 private:
  temporary_folder folder_;
};

}  // namespace

TEST_CASE("the endpoint serves the metrics and the page on a free port of the loopback address") {
  recorder recorder{{.service_name = "chatbot"}};
  const scrape_endpoint endpoint{recorder, {.listen = "127.0.0.1:0"}};
  REQUIRE(endpoint.port() != 0);
  CHECK_THAT(
      get(endpoint.port(), "/metrics"),
      Catch::StartsWith("HTTP/1.1 200 OK\r\n") &&
          Catch::Contains("\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\n") &&
          Catch::Contains("target_info{service_name=\"chatbot\""));
  CHECK_THAT(get(endpoint.port(), "/?x=1"), Catch::Contains("<title>querytap</title>"));
  CHECK_THAT(get(endpoint.port(), "/etc/passwd"), Catch::StartsWith("HTTP/1.1 404"));
  CHECK_THAT(get(endpoint.port(), "/../../etc/passwd"), !Catch::Contains("root:"));
  CHECK_THAT(get(endpoint.port(), "/metrics", "DELETE"), Catch::StartsWith("HTTP/1.1 405"));
}

TEST_CASE("pages are shown under names of this machine alone, and metrics under any name") {
  recorder recorder{{.service_name = "test"}};
  const scrape_endpoint endpoint{
      recorder, {.listen = "127.0.0.1:0", .allowed_hosts = {"Chatbot.test", "[2001:db8::1]"}}};
  const auto under = [&](const std::string& host) {
    return statuses(endpoint, "Host: " + host + "\r\n");
  };
  for (const char* own :
       {"localhost", "LOCALHOST:80", "localhost.", "127.0.0.1", "127.0.0.1:9464", "127.9.9.9",
        "[::1]", "[::1]:9464", "[0:0:0:0:0:0:0:1]:1", "[::ffff:127.0.0.1]", "chatbot.test",
        "CHATBOT.test.:8080", "[2001:DB8:0::1]:1"}) {
    CAPTURE(own);
    CHECK(under(own) == "200 200 200 ");
  }
  for (const char* other : {"evil.example",
                            "evil.example:9464",
                            "localhost.evil.example",
                            "127.0.0.1.evil.example",
                            "notlocalhost",
                            "10.0.0.1",
                            "0.0.0.0",
                            "[::2]",
                            "[::1]x",
                            "[::1",
                            "127.1",
                            "0x7f.0.0.1",
                            "2130706433",
                            "localhost:80:80",
                            "localhost:80@evil.example",
                            "localhost/",
                            "localhost..",
                            "::1",
                            "chatbot",
                            "x.chatbot.test",
                            "local host",
                            "localhost,evil.example"}) {
    CAPTURE(other);
    CHECK(under(other) == "403 403 200 ");
  }
  CHECK_THAT(
      get(endpoint.port(), "/", "GET", "Host: evil.example\r\n"),
      Catch::Contains("\r\n\r\nthis page is not shown under the name of the Host header; the "
                      "option allowed_hosts allows further names\n"));
  // More than one name, or none.
  CHECK_THAT(statuses(endpoint, "Host: localhost\r\nHost: evil.example\r\n"),
             !Catch::StartsWith("200"));
  CHECK_THAT(statuses(endpoint, "Host: evil.example\r\nHost: localhost\r\n"),
             !Catch::StartsWith("200"));
  CHECK_THAT(answer_to(endpoint.port(), "GET / HTTP/1.0\r\n\r\n"),
             !Catch::StartsWith("HTTP/1.1 200") && !Catch::StartsWith("HTTP/1.0 200"));
}

TEST_CASE("what a proxy has passed on is not from this machine") {
  recorder recorder{{.service_name = "test"}};
  const scrape_endpoint endpoint{recorder, {.listen = "127.0.0.1:0"}};
  for (const char* header :
       {"Forwarded: for=192.0.2.1", "X-Forwarded-For: 192.0.2.1", "x-forwarded-for: 127.0.0.1",
        "X-FORWARDED-HOST: localhost", "X-Forwarded-Proto: https", "X-Real-IP: 192.0.2.1",
        "Via: 1.1 proxy", "CF-Connecting-IP: 192.0.2.1", "True-Client-IP: 192.0.2.1",
        "X-Client-IP: ", "X-Envoy-External-Address: 192.0.2.1"}) {
    CAPTURE(header);
    CHECK(statuses(endpoint, std::string{header} + "\r\n") == "403 403 200 ");
  }
  for (const char* header : {"User-Agent: via", "X-Forward: 1", "Forwarded-By: me", "Viable: 1"}) {
    CAPTURE(header);
    CHECK(statuses(endpoint, std::string{header} + "\r\n") == "200 200 200 ");
  }
  CHECK_THAT(get(endpoint.port(), "/", "GET", "x-forwarded-for: 192.0.2.1\r\n"),
             Catch::Contains("\r\n\r\na proxy has passed the request on, as the header "
                             "X-Forwarded-* says: "));
}

TEST_CASE("a token opens the pages under any name, and through a proxy") {
  recorder recorder{{.service_name = "test"}};
  const scrape_endpoint endpoint{recorder, {.listen = "127.0.0.1:0", .bearer_token = "s3cr3t"}};
  const std::string token = "Authorization: Bearer s3cr3t\r\n";
  CHECK(statuses(endpoint, token + "Host: metrics.example.org\r\n") == "200 200 200 ");
  CHECK(statuses(endpoint, token + "X-Forwarded-For: 192.0.2.1\r\n") == "200 200 200 ");
  CHECK(statuses(endpoint, "Host: localhost\r\n") == "401 401 401 ");
}

TEST_CASE(
    "the endpoint's thread takes no signals of the application, and leaves it its own crashes") {
  struct sees_signals final : scrape_source {
    void append(scrape_format, const name_filter&, std::string&) override {
      sigset_t own;
      pthread_sigmask(SIG_SETMASK, nullptr, &own);
      for (const int signal : {SIGTERM, SIGINT, SIGUSR1, SIGSEGV, SIGABRT}) {
        seen += sigismember(&own, signal) == 1 ? "blocked " : "open ";
      }
    }
    std::string seen;
  };
  recorder recorder{{.service_name = "test"}};
  const auto source = std::make_shared<sees_signals>();
  {
    scrape_endpoint endpoint{recorder, {.listen = "127.0.0.1:0"}};
    endpoint.add(source);
    static_cast<void>(get(endpoint.port(), "/metrics"));
  }
  CHECK(source->seen == "blocked blocked blocked open open ");
  sigset_t mine;
  pthread_sigmask(SIG_SETMASK, nullptr, &mine);
  CHECK(sigismember(&mine, SIGTERM) == 0);
}

TEST_CASE("HEAD is answered without a body") {
  recorder recorder{{.service_name = "test"}};
  const scrape_endpoint endpoint{recorder, {.listen = "localhost:0"}};
  const std::string answer = get(endpoint.port(), "/metrics", "HEAD");
  CHECK_THAT(answer, Catch::StartsWith("HTTP/1.1 200 OK") && Catch::EndsWith("\r\n\r\n"));
}

TEST_CASE("headers and query reach the pages") {
  recorder recorder{{.service_name = "test"}};
  const scrape_endpoint endpoint{recorder, {.listen = "127.0.0.1:0"}};
  CHECK_THAT(get(endpoint.port(), "/metrics?name[]=querytap_lanes", "GET",
                 "Accept: application/openmetrics-text\r\n"),
             Catch::Contains("Content-Type: application/openmetrics-text; version=1.0.0") &&
                 Catch::EndsWith("\r\n\r\n# TYPE querytap_lanes gauge\n# HELP querytap_lanes Lanes "
                                 "that threads have recorded into.\nquerytap_lanes 1\n# EOF\n"));
  CHECK_THAT(get(endpoint.port(), "/metrics", "GET", "Accept-Encoding: gzip\r\n"),
             Catch::Contains("\r\nContent-Encoding: gzip\r\n") && Catch::Contains("\x1F\x8B"));
}

TEST_CASE("several lines of one header are one list") {
  recorder recorder{{.service_name = "test"}};
  const scrape_endpoint endpoint{recorder, {.listen = "127.0.0.1:0"}};
  const auto type = [&](const std::string& headers) {
    const std::string answer = get(endpoint.port(), "/metrics", "GET", headers);
    const std::string name = "\r\nContent-Type: ";
    const std::size_t begin = answer.find(name) + name.size();
    return answer.substr(begin, answer.find_first_of(";\r", begin) - begin);
  };
  const std::string open = "application/openmetrics-text";
  CHECK(type("Accept: text/plain;q=0.5\r\nAccept: application/openmetrics-text\r\n") == open);
  CHECK(type("accept: application/openmetrics-text;q=0.1\r\nACCEPT: text/plain\r\n") ==
        "text/plain");
  CHECK(
      type("Accept: image/png\r\nHost: a\r\nAccept:\r\nAccept: application/openmetrics-text\r\n") ==
      open);
  CHECK(type("Accept-Language: de\r\nX-Accept: application/openmetrics-text\r\n") == "text/plain");
  CHECK_THAT(
      get(endpoint.port(), "/metrics", "GET", "Accept-Encoding: br\r\nAccept-Encoding: gzip\r\n"),
      Catch::Contains("\r\nContent-Encoding: gzip\r\n"));
}

TEST_CASE("a scrape may name hundreds of metrics, and a proxy may send its target in full") {
  recorder recorder{{.service_name = "test"}};
  const scrape_endpoint endpoint{recorder, {.listen = "127.0.0.1:0"}};
  std::string query = "?name[]=querytap_lanes";
  for (int i = 0; i < 600; ++i) {
    query += "&name[]=db_client_operation_duration_seconds_bucket_" + std::to_string(i);
  }
  const std::string_view only = "\r\n\r\n# HELP querytap_lanes";
  for (const char* path : {"/metrics", "/metrics/", "http://host/metrics"}) {
    CHECK_THAT(get(endpoint.port(), path + query),
               Catch::StartsWith("HTTP/1.1 200") && Catch::Contains(std::string{only}));
  }
}

TEST_CASE("a scrape of Prometheus begins each series with a zero") {
  recorder recorder{{.service_name = "test"}};
  const scrape_endpoint endpoint{recorder, {.listen = "127.0.0.1:0"}};
  recorder.bind_counter(catalog::connection_timeouts, {}).add(3);
  const auto scraped = [&](const std::string& headers) {
    return get(endpoint.port(), "/metrics?name[]=db_client_connection_timeouts_total", "GET",
               headers);
  };
  CHECK_THAT(scraped("X-Prometheus-Scrape-Timeout-Seconds: 10\r\n"), Catch::EndsWith("_total 0\n"));
  CHECK_THAT(scraped("X-Prometheus-Scrape-Timeout-Seconds: 10\r\n"), Catch::EndsWith("_total 3\n"));
}

TEST_CASE("one connection serves scrape after scrape") {
  recorder recorder{{.service_name = "test"}};
  const scrape_endpoint endpoint{recorder, {.listen = "127.0.0.1:0"}};
  const std::string request = "GET /metrics?name[]=querytap_lanes HTTP/1.1\r\nHost: test\r\n";
  const std::string answer = answer_to(
      endpoint.port(), request + "\r\n" + request + "\r\n" + request + "Connection: close\r\n\r\n");
  std::size_t count = 0;
  for (std::size_t at = 0; (at = answer.find("HTTP/1.1 200", at)) != std::string::npos; ++at)
    ++count;
  CHECK(count == 3);
}

TEST_CASE("headers that are too long are refused and the endpoint goes on answering") {
  recorder recorder{{.service_name = "test"}};
  const scrape_endpoint endpoint{recorder, {.listen = "127.0.0.1:0"}};
  const std::string answer =
      get(endpoint.port(), "/metrics", "GET", "X: " + std::string(1 << 20, 'x') + "\r\n");
  CHECK((answer.empty() || answer.starts_with("HTTP/1.1 4")));
  CHECK(time_of_scrape(endpoint.port()) < soon);
}

TEST_CASE("a thousand clients that are silent, or send half of a request, delay no other") {
  recorder recorder{{.service_name = "test"}};
  const scrape_endpoint endpoint{recorder, {.listen = "127.0.0.1:0"}};
  open_connections all;
  for (int i = 0; i < 1000; ++i) {
    all.open(endpoint.port(), i % 2 == 0 ? "" : "GET /metrics HTTP/1.1\r\nHost: t");
    if (i % 250 == 249) CHECK(time_of_scrape(endpoint.port()) < soon);
  }
}

TEST_CASE("clients that do not read their answer delay no other") {
  recorder recorder{{.service_name = "test", .series_limit = 4000}};
  for (int i = 0; i < 3000; ++i) {
    recorder.bind_histogram(catalog::operation_duration, {{"number", i}}).record(1'000'000);
  }
  const scrape_endpoint endpoint{recorder, {.listen = "127.0.0.1:0"}};
  open_connections all;
  for (int i = 0; i < 60; ++i)
    all.open(endpoint.port(), "GET /metrics HTTP/1.1\r\nHost: t\r\n\r\n");
  CHECK(time_of_scrape(endpoint.port()) < soon * 4);  // after 60 of some megabytes
}

TEST_CASE("clients that come back after they were evicted are served again") {
  recorder recorder{{.service_name = "test"}};
  const scrape_endpoint endpoint{recorder, {.listen = "127.0.0.1:0"}};
  open_connections first;
  for (int i = 0; i < 100; ++i) first.open(endpoint.port(), "G");
  for (int i = 0; i < 100; ++i) CHECK(time_of_scrape(endpoint.port()) < soon);
}

TEST_CASE("garbage is refused and the endpoint goes on answering") {
  recorder recorder{{.service_name = "test"}};
  const scrape_endpoint endpoint{recorder, {.listen = "127.0.0.1:0"}};
  open_connections all;
  all.open(endpoint.port(), std::string(100, '\0') + "\r\n\r\n");
  all.open(endpoint.port(), "GET\r\n\r\n");
  all.open(endpoint.port(), "\r\n\r\n\r\n\r\n");
  all.open(endpoint.port(), "GET /metrics HTTP/9.9\r\n: \r\n\r\n");
  CHECK(time_of_scrape(endpoint.port()) < soon);
}

TEST_CASE("several scrapes at once are all answered") {
  recorder recorder{{.service_name = "test"}};
  const scrape_endpoint endpoint{recorder, {.listen = "127.0.0.1:0"}};
  std::vector<std::string> answers(8);
  std::vector<std::thread> clients;
  for (std::string& answer : answers) {
    clients.emplace_back([&] { answer = get(endpoint.port(), "/metrics"); });
  }
  for (std::thread& client : clients) client.join();
  for (const std::string& answer : answers) CHECK_THAT(answer, Catch::StartsWith("HTTP/1.1 200"));
}

TEST_CASE("the endpoint ends without delay") {
  recorder recorder{{.service_name = "test"}};
  const auto begin = std::chrono::steady_clock::now();
  for (int i = 0; i < 3; ++i) {
    const scrape_endpoint endpoint{recorder, {.listen = "127.0.0.1:0"}};
    static_cast<void>(get(endpoint.port(), "/metrics"));
  }
  CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds{2});
}

TEST_CASE("an address that cannot be used is refused by name") {
  refuse({.listen = "nowhere"},
         "option 'listen' = 'nowhere': expected ADDRESS:PORT with a port below 65536");
  refuse({.listen = "127.0.0.1:65536"}, "port below 65536");
  refuse({.listen = "127.0.0.1:"}, "port below 65536");
  refuse({.listen = "example.org:9464"}, "expected a numeric address");
  refuse({.listen = "1.2.3:9464"}, "expected a numeric address");
  refuse({.listen = "::1:9464"}, "expected a numeric address");
}

TEST_CASE("beyond loopback it takes TLS, a token or a password, or the option that allows it") {
  for (const char* listen : {"0.0.0.0:0", "[::]:0"}) {
    refuse({.listen = listen},
           "not a loopback address; set certificate_file and key_file, bearer_token, or user and "
           "password, or allow_unprotected to let everyone read the metrics");
    refuse({.listen = listen, .allowed_addresses = {"10.0.0.0/8"}}, "not a loopback address");
  }
  recorder recorder{{.service_name = "test"}};
  const scrape_endpoint open{recorder, {.listen = "0.0.0.0:0", .allow_unprotected = true}};
  CHECK_THAT(get(open.port(), "/metrics"), Catch::StartsWith("HTTP/1.1 200"));
  const scrape_endpoint with_token{recorder, {.listen = "[::]:0", .bearer_token = "s3cr3t"}};
  CHECK(with_token.port() != 0);
}

TEST_CASE("nothing is shown without the token or the password") {
  recorder recorder{{.service_name = "test"}};
  const scrape_endpoint endpoint{recorder,
                                 {.listen = "127.0.0.1:0",
                                  .bearer_token = "s3cr3t",
                                  .user = "Aladdin",
                                  .password = "open sesame"}};
  const auto status = [&](const std::string& path, const std::string& headers) {
    return get(endpoint.port(), path, "GET", headers).substr(9, 3);
  };
  CHECK_THAT(get(endpoint.port(), "/metrics"),
             Catch::StartsWith("HTTP/1.1 401") && Catch::Contains("\r\nWWW-Authenticate: Basic ") &&
                 !Catch::Contains("target_info"));
  CHECK(status("/", "") == "401");
  CHECK(status("/metrics", "Authorization: Bearer wrong\r\n") == "401");
  CHECK(status("/metrics", "Authorization: Bearer s3cr3t\r\n") == "200");
  CHECK(status("/", "Authorization: Bearer s3cr3t\r\n") == "200");
  CHECK(status("/metrics", "Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n") == "200");
}

TEST_CASE("addresses that are not allowed get no answer") {
  recorder recorder{{.service_name = "test"}};
  const scrape_endpoint closed{
      recorder, {.listen = "127.0.0.1:0", .allowed_addresses = {"10.0.0.0/8", "::1"}}};
  CHECK(get(closed.port(), "/metrics").empty());
  const scrape_endpoint open{recorder,
                             {.listen = "127.0.0.1:0", .allowed_addresses = {"127.0.0.0/8"}}};
  CHECK_THAT(get(open.port(), "/metrics"), Catch::StartsWith("HTTP/1.1 200"));
}

TEST_CASE("with a certificate and a key it is HTTPS, which clients trust") {
  const certificate mine;
  recorder recorder{{.service_name = "test"}};
  const scrape_endpoint endpoint{
      recorder, {.listen = "127.0.0.1:0", .certificate_file = mine.file(), .key_file = mine.key()}};
  const std::string url = "https://127.0.0.1:" + std::to_string(endpoint.port()) + "/metrics";
  const finished trusted =
      run({"/usr/bin/curl", "-sS", "--max-time", "10", "--cacert", mine.file(), url});
  CHECK(trusted.exit_code == 0);
  CHECK_THAT(trusted.output, Catch::Contains("target_info{service_name=\"test\""));
  CHECK(run({"/usr/bin/curl", "-sS", "--max-time", "10", url}).exit_code != 0);
  CHECK_THAT(get(endpoint.port(), "/metrics"), !Catch::Contains("target_info"));

  open_connections silent;
  for (int i = 0; i < 200; ++i) silent.open(endpoint.port(), i % 2 == 0 ? "" : "\x16\x03\x01");
  CHECK(run({"/usr/bin/curl", "-sS", "--max-time", "5", "--cacert", mine.file(), url}).exit_code ==
        0);
}

TEST_CASE("options that contradict or lack each other are refused by name") {
  const certificate mine;
  refuse({.certificate_file = mine.file()}, "'certificate_file' = '");
  refuse({.key_file = mine.key()}, "needs certificate_file, too");
  refuse({.certificate_file = "/nowhere.pem", .key_file = mine.key()},
         "'certificate_file' = '/nowhere.pem': cannot be read");
  refuse({.listen = "127.0.0.1:0", .certificate_file = mine.other(), .key_file = mine.key()},
         "cannot listen there");
  refuse({.user = "Aladdin"}, "user and password need each other");
  refuse({.password = "open sesame"}, "user and password need each other");
  refuse({.allowed_addresses = {"everyone"}}, "option 'allowed_addresses' = 'everyone'");
  for (const char* host : {"", "*", "*.example.org", "http://chatbot.test", "chatbot.test:9464",
                           "chat bot", "chatbot.test/", "[::1]:9464", "[chatbot]"}) {
    refuse({.listen = "127.0.0.1:0", .allowed_hosts = {host}},
           ("option 'allowed_hosts' = '" + std::string{host} +
            "': expected the name or address of a host, without a port")
               .c_str());
  }
}

TEST_CASE("the environment says where to listen if nothing else does") {
  recorder recorder{{.service_name = "test"}};
  const int port = free_port();
  setenv("OTEL_EXPORTER_PROMETHEUS_PORT", std::to_string(port).c_str(), 1);
  const scrape_endpoint endpoint{recorder, {.listen = ""}};
  CHECK(endpoint.port() == port);
  setenv("OTEL_EXPORTER_PROMETHEUS_HOST", "0.0.0.0", 1);
  CHECK_THROWS_WITH(scrape_endpoint(recorder, {.listen = ""}),
                    Catch::Contains("not a loopback address"));
  unsetenv("OTEL_EXPORTER_PROMETHEUS_HOST");
  unsetenv("OTEL_EXPORTER_PROMETHEUS_PORT");
}

TEST_CASE("a port that is taken is refused") {
  recorder recorder{{.service_name = "test"}};
  const scrape_endpoint first{recorder, {.listen = "127.0.0.1:0"}};
  const std::string taken = "127.0.0.1:" + std::to_string(first.port());
  CHECK_THROWS_WITH(
      scrape_endpoint(recorder, {.listen = taken}),
      Catch::StartsWith("querytap: option 'listen' = '" + taken + "': cannot listen there") &&
          Catch::Contains("in use"));
}

namespace {

/// A viewer of the page: reads until so many events have come, or the server ends the stream.
class viewer {
 public:
  viewer(std::uint16_t port, const std::string& target) : descriptor_{connect_to(port)} {
    timeval longest{.tv_sec = 20, .tv_usec = 0};
    setsockopt(descriptor_, SOL_SOCKET, SO_RCVTIMEO, &longest, sizeof longest);
    static_cast<void>(
        send_to(descriptor_, "GET " + target + " HTTP/1.1\r\nHost: localhost\r\n\r\n"));
  }
  ~viewer() { close(descriptor_); }
  viewer(const viewer&) = delete;
  viewer& operator=(const viewer&) = delete;

  std::size_t wait_for_events(std::size_t wanted) {
    char buffer[65536];
    while (events() < wanted) {
      const ssize_t size = recv(descriptor_, buffer, sizeof buffer, 0);
      if (size <= 0) break;
      text_.append(buffer, static_cast<std::size_t>(size));
    }
    return events();
  }
  /// True once the server has closed the connection.
  bool has_ended() {
    char buffer[65536];
    ssize_t size = 0;
    while ((size = recv(descriptor_, buffer, sizeof buffer, 0)) > 0) {
    }
    return size == 0 || errno == ECONNRESET;
  }
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  [[nodiscard]] std::size_t events() const {
    std::size_t found = 0;
    for (auto at = text_.find("\ndata: {"); at != text_.npos; at = text_.find("\ndata: {", at + 1))
      ++found;
    return found;
  }

  int descriptor_;
  std::string text_;
};

}  // namespace

TEST_CASE("a viewer gets an event at once, and another within a second", "[scrape_endpoint]") {
  querytap::recorder recorder{{.service_name = "viewed"}};
  scrape_endpoint endpoint{recorder, {.listen = "127.0.0.1:0"}};
  viewer first{endpoint.port(), "/live?view=library"};
  REQUIRE(first.wait_for_events(1) == 1);
  const auto begin = std::chrono::steady_clock::now();
  REQUIRE(first.wait_for_events(3) == 3);
  CHECK(std::chrono::steady_clock::now() - begin > std::chrono::milliseconds{700});
  CHECK_THAT(first.text(), Catch::StartsWith("HTTP/1.1 200 OK") &&
                               Catch::Contains("Content-Type: text/event-stream") &&
                               Catch::Contains("Content-Security-Policy: frame-ancestors 'none'"));
}

TEST_CASE("a stream ends with the endpoint, at once", "[scrape_endpoint]") {
  querytap::recorder recorder{{.service_name = "viewed"}};
  std::optional<scrape_endpoint> endpoint{std::in_place, recorder,
                                          scrape_endpoint_options{.listen = "127.0.0.1:0"}};
  viewer first{endpoint->port(), "/live"};
  viewer other{endpoint->port(), "/live?view=pools"};
  REQUIRE(first.wait_for_events(1) == 1);
  REQUIRE(other.wait_for_events(1) == 1);
  const auto begin = std::chrono::steady_clock::now();
  endpoint.reset();
  CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds{5});
  CHECK(first.has_ended());
}

TEST_CASE("however many look at the page, a scrape is answered, and one viewer too many is told",
          "[scrape_endpoint]") {
  querytap::recorder recorder{{.service_name = "viewed"}};
  scrape_endpoint endpoint{recorder, {.listen = "127.0.0.1:0"}};
  std::list<viewer> viewers;
  for (int i = 0; i < 24; ++i)
    REQUIRE(viewers.emplace_back(endpoint.port(), "/live?view=pools").wait_for_events(1) == 1);
  CHECK_THAT(get(endpoint.port(), "/live"), Catch::StartsWith("HTTP/1.1 503"));
  CHECK_THAT(get(endpoint.port(), "/metrics"), Catch::StartsWith("HTTP/1.1 200"));
  CHECK(viewers.front().wait_for_events(2) == 2);
  viewers.clear();
  // The server notices a client that has left when it sends the next event.
  bool has_room = false;
  for (int i = 0; i < 100 && !has_room; ++i) {
    viewer late{endpoint.port(), "/live?view=pools"};
    has_room = late.wait_for_events(1) == 1;
  }
  CHECK(has_room);
}

TEST_CASE("a stream is for those alone who may see the page", "[scrape_endpoint]") {
  querytap::recorder recorder{{.service_name = "viewed"}};
  scrape_endpoint endpoint{recorder, {.listen = "127.0.0.1:0"}};
  CHECK_THAT(get(endpoint.port(), "/live", "GET", "Host: evil.example\r\n"),
             Catch::StartsWith("HTTP/1.1 403"));
  scrape_endpoint closed{recorder, {.listen = "127.0.0.1:0", .bearer_token = "s3cr3t"}};
  CHECK_THAT(get(closed.port(), "/live"), Catch::StartsWith("HTTP/1.1 401"));
}
