#!/usr/bin/env bash
# cpp-httplib 0.11.4 (Debian libcpp-httplib-dev 0.11.4+ds-1+deb12u1)
#
# Expected: a second server on a port that is taken is refused: "Address already in use".
# Instead:  it binds and listens as well, because the library sets SO_REUSEPORT on every server
#           socket, and the kernel deals the connections out between the two. Nobody is told.
#           set_socket_options() with SO_REUSEADDR alone brings the refusal back.
set -euo pipefail
# shellcheck source=findings/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

debian libcpp-httplib-dev=0.11.4+ds-1+deb12u1 libcpp-httplib0.11=0.11.4+ds-1+deb12u1

say 'two servers of the library on one port of 127.0.0.1, then 100 requests, each on its own connection'
build two_servers -lcpp-httplib -pthread <<'CPP'
#include <httplib.h>

#include <cstdio>

int main() {
  httplib::Server first, second;
  const auto answer_with = [](httplib::Server& server, const char* name) {
    server.Get("/", [name](const httplib::Request&, httplib::Response& response) {
      response.set_content(name, "text/plain");
    });
  };
  answer_with(first, "first");
  answer_with(second, "second");

  std::printf("cpp-httplib %s\n", CPPHTTPLIB_VERSION);
  const int port = first.bind_to_any_port("127.0.0.1");
  const bool bound = second.bind_to_port("127.0.0.1", port);
  std::printf("second server on the first one's port: %s\n", bound ? "bound" : "refused");
  if (bound) {
    std::thread one{[&] { first.listen_after_bind(); }}, two{[&] { second.listen_after_bind(); }};
    while (!first.is_running() || !second.is_running()) std::this_thread::yield();
    int of_first = 0, of_second = 0;
    for (int i = 0; i < 100; ++i) {
      const auto reply = httplib::Client{"127.0.0.1", port}.Get("/");
      if (reply) ++(reply->body == "first" ? of_first : of_second);
    }
    std::fprintf(stderr, "(answered by the first %d, by the second %d)\n", of_first, of_second);
    std::printf("both answered some, together %d\n", of_first && of_second ? of_first + of_second : 0);
    first.stop();
    second.stop();
    one.join();
    two.join();
  }

  httplib::Server careful, late;
  const auto address_alone = [](socket_t socket) {
    const int yes = 1;
    setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  };
  careful.set_socket_options(address_alone);
  late.set_socket_options(address_alone);
  const int other_port = careful.bind_to_any_port("127.0.0.1");
  std::printf("the same with SO_REUSEADDR alone: %s\n",
              late.bind_to_port("127.0.0.1", other_port) ? "bound" : "refused");
}
CPP
show "$folder/two_servers"
expect <<'TEXT'
cpp-httplib 0.11.4
second server on the first one's port: bound
both answered some, together 100
the same with SO_REUSEADDR alone: refused
TEXT
