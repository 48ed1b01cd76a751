// A static recorder with a static endpoint, exporter and watch is scraped, called and destroyed at the end of the
// program, after thread-local storage has gone and among the destructors of other static objects. Exits with 0 if
// every call was counted and every scrape answered.

#include <querytap/calls/backend.hpp>
#include <querytap/calls/operation.hpp>
#include <querytap/calls/request.hpp>
#include <querytap/recording/recorder.hpp>
#include <querytap/runtime/endpoint/scrape_endpoint.hpp>
#include <querytap/runtime/otlp/otlp_exporter.hpp>
#include <querytap/runtime/otlp/otlp_reports.hpp>
#include <querytap/runtime/watch/query_watch.hpp>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>

namespace {

using namespace querytap;

std::string get(std::uint16_t port, const std::string& path) {
  const int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  std::string answer;
  if (connect(descriptor, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0) {
    const std::string request =
        "GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    static_cast<void>(send(descriptor, request.data(), request.size(), MSG_NOSIGNAL));
    char buffer[4096];
    for (ssize_t size; (size = recv(descriptor, buffer, sizeof buffer, 0)) > 0;) {
      answer.append(buffer, static_cast<std::size_t>(size));
    }
  }
  close(descriptor);
  return answer;
}

void expect(bool condition, const char* promise) {
  if (condition) return;
  std::fprintf(stderr, "at the end of the program: %s\n", promise);
  std::_Exit(1);
}

// In the order of their making: the last is destroyed first.
recorder& telemetry() {
  static recorder instance{{.service_name = "test"}};
  return instance;
}

backend& documents() {
  static backend instance{telemetry(),
                          {.system = "sqlite", .slow_threshold = std::chrono::nanoseconds{1}}};
  return instance;
}

scrape_endpoint& endpoint() {
  static scrape_endpoint instance{telemetry(), {.listen = "127.0.0.1:0"}};
  return instance;
}

otlp_exporter& exporter() {
  static otlp_exporter instance{telemetry(),
                                {.endpoint = "http://127.0.0.1:1",  // nobody listens there
                                 .shutdown_timeout = std::chrono::milliseconds{200},
                                 .warn = [](std::string_view) {}}};
  return instance;
}

query_watch& watch() {
  static query_watch instance{telemetry(),
                              {.listeners = {std::make_shared<otlp_reports>(exporter())}}};
  return instance;
}

void call_in_request() {
  request work{telemetry(), "at the end"};
  for (int i = 0; i < 7; ++i) operation{documents().statement_for("select 1")}.finish();
}

struct calls_and_scrapes_at_end {
  bool is_armed = false;
  ~calls_and_scrapes_at_end() {
    if (!is_armed) return;
    call_in_request();
    const std::string metrics = get(endpoint().port(), "/metrics");
    expect(metrics.find("} 21\n") != std::string::npos, "a scrape has all calls");
    for (const char* path : {"/", "/slow", "/requests", "/findings"}) {
      expect(get(endpoint().port(), path).starts_with("HTTP/1.1 200"), "pages are shown");
    }
  }
};

struct calls_at_end_of_thread {
  bool is_armed = false;
  ~calls_at_end_of_thread() {
    if (is_armed) call_in_request();
  }
};

thread_local calls_at_end_of_thread end_of_thread;

}  // namespace

int main() {
  telemetry();
  documents();
  endpoint();
  exporter();
  watch();
  static calls_and_scrapes_at_end last;
  last.is_armed = end_of_thread.is_armed = true;
  call_in_request();
}
