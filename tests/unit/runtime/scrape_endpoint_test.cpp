// The endpoint answers HTTP where it was told to listen, and nowhere else.

#include <querytap/base/error.hpp>
#include <querytap/recording/recorder.hpp>
#include <querytap/runtime/scrape_endpoint.hpp>

#include <catch2/catch.hpp>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <string>
#include <thread>
#include <vector>

using namespace querytap;

namespace {

std::string answer_to(std::uint16_t port, const std::string& request) {
  const int descriptor = socket(AF_INET, SOCK_STREAM, 0);
  REQUIRE(descriptor >= 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  REQUIRE(connect(descriptor, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  REQUIRE(send(descriptor, request.data(), request.size(), MSG_NOSIGNAL) ==
          static_cast<ssize_t>(request.size()));
  std::string answer;
  char buffer[4096];
  for (ssize_t size; (size = recv(descriptor, buffer, sizeof buffer, 0)) > 0;) {
    answer.append(buffer, static_cast<std::size_t>(size));
  }
  close(descriptor);
  return answer;
}

std::string get(std::uint16_t port, const std::string& path, const std::string& method = "GET") {
  return answer_to(port,
                   method + ' ' + path + " HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n");
}

void refuse(const char* listen, const char* because) {
  recorder recorder{{.service_name = "test"}};
  CHECK_THROWS_WITH(scrape_endpoint(recorder, {.listen = listen}), Catch::Contains(because));
}

}  // namespace

TEST_CASE("the endpoint serves the metrics and the page on a free port of the loopback address") {
  recorder recorder{{.service_name = "chatbot"}};
  const scrape_endpoint endpoint{recorder, {.listen = "127.0.0.1:0"}};
  REQUIRE(endpoint.port() != 0);
  CHECK_THAT(get(endpoint.port(), "/metrics"),
             Catch::StartsWith("HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=0.0.4") &&
                 Catch::Contains("target_info{service_name=\"chatbot\""));
  CHECK_THAT(get(endpoint.port(), "/?x=1"), Catch::Contains("<h1>chatbot</h1>"));
  CHECK_THAT(get(endpoint.port(), "/etc/passwd"), Catch::StartsWith("HTTP/1.1 404"));
  CHECK_THAT(get(endpoint.port(), "/../../etc/passwd"), !Catch::Contains("root:"));
  CHECK_THAT(get(endpoint.port(), "/metrics", "DELETE"), Catch::StartsWith("HTTP/1.1 405"));
}

TEST_CASE("HEAD is answered without a body") {
  recorder recorder{{.service_name = "test"}};
  const scrape_endpoint endpoint{recorder, {.listen = "localhost:0"}};
  const std::string answer = get(endpoint.port(), "/metrics", "HEAD");
  CHECK_THAT(answer, Catch::StartsWith("HTTP/1.1 200 OK") && Catch::EndsWith("\r\n\r\n"));
}

TEST_CASE("garbage is refused and the endpoint goes on answering") {
  recorder recorder{{.service_name = "test"}};
  const scrape_endpoint endpoint{recorder, {.listen = "127.0.0.1:0"}};
  static_cast<void>(answer_to(endpoint.port(), std::string(100, '\0') + "\r\n\r\n"));
  static_cast<void>(answer_to(endpoint.port(), "GET\r\n\r\n"));
  CHECK_THAT(get(endpoint.port(), "/metrics"), Catch::StartsWith("HTTP/1.1 200"));
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
  refuse("nowhere", "option 'listen' = 'nowhere': expected ADDRESS:PORT with a port below 65536");
  refuse("127.0.0.1:65536", "port below 65536");
  refuse("127.0.0.1:", "port below 65536");
  refuse("example.org:9464", "expected a numeric address");
  refuse("1.2.3:9464", "expected a numeric address");
  refuse("::1:9464", "expected a numeric address");
  refuse("0.0.0.0:9464", "not a loopback address; set allow_remote to let others connect");
  refuse("[::]:9464", "not a loopback address");
}

TEST_CASE("a port that is taken is refused") {
  recorder recorder{{.service_name = "test"}};
  const scrape_endpoint first{recorder, {.listen = "127.0.0.1:0"}};
  const std::string taken = "127.0.0.1:" + std::to_string(first.port());
  CHECK_THROWS_WITH(scrape_endpoint(recorder, {.listen = taken}),
                    "querytap: option 'listen' = '" + taken + "': cannot listen there");
}

TEST_CASE("other machines are let in where that is asked for") {
  recorder recorder{{.service_name = "test"}};
  const scrape_endpoint endpoint{recorder, {.listen = "0.0.0.0:0", .allow_remote = true}};
  CHECK_THAT(get(endpoint.port(), "/metrics"), Catch::StartsWith("HTTP/1.1 200"));
}
