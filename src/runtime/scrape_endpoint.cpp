#include "listen_address.hpp"

#include <querytap/base/error.hpp>
#include <querytap/runtime/scrape_endpoint.hpp>
#include <querytap/runtime/telemetry_pages.hpp>

#include <civetweb.h>
#include <fmt/format.h>

#include <atomic>
#include <chrono>
#include <thread>

namespace querytap {
namespace {

detail::listen_address allowed(const scrape_endpoint_options& options) {
  detail::listen_address address = detail::parse_listen_address(options.listen);
  if (!address.loopback && !options.allow_remote) {
    throw configuration_error{"listen", options.listen,
                              "not a loopback address; set allow_remote to let others connect"};
  }
  return address;
}

std::string_view reason_of(int status) {
  switch (status) {
    case 200: return "OK";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    default: return "Internal Server Error";
  }
}

void send(mg_connection* to, const http_response& reply, bool with_body) {
  const std::string head = fmt::format(
      "HTTP/1.1 {} {}\r\nContent-Type: {}\r\nContent-Length: {}\r\nCache-Control: "
      "no-store\r\n{}\r\n",
      reply.status, reason_of(reply.status), reply.content_type, reply.body.size(),
      reply.status == 405 ? "Allow: GET, HEAD\r\n" : "");
  mg_write(to, head.data(), head.size());
  if (with_body) mg_write(to, reply.body.data(), reply.body.size());
}

// An exception must not reach the C code of the server.
http_response respond_safely(telemetry_pages& pages, const http_request& to) noexcept {
  try {
    return pages.respond(to);
  } catch (const std::exception&) {
    return {.status = 500};
  }
}

int answer(mg_connection* connection) {
  const mg_request_info* asked = mg_get_request_info(connection);
  auto& pages = *static_cast<telemetry_pages*>(asked->user_data);
  const http_request request{.method = asked->request_method,
                             .path = asked->local_uri == nullptr ? "" : asked->local_uri,
                             .from_loopback = detail::is_loopback(asked->remote_addr)};
  const http_response reply = respond_safely(pages, request);
  send(connection, reply, request.method != "HEAD");
  return reply.status;
}

int say_nothing(const mg_connection*, const char*) { return 1; }

}  // namespace

class scrape_endpoint::server {
 public:
  server(recorder& from, const scrape_endpoint_options& options) : pages_{from} {
    const detail::listen_address address = allowed(options);
    host_ = address.host;
    mg_init_library(0);
    mg_callbacks callbacks{};
    callbacks.begin_request = answer;
    callbacks.log_message = say_nothing;
    const char* settings[] = {"listening_ports",
                              address.text.c_str(),
                              "num_threads",
                              "2",
                              "request_timeout_ms",
                              "10000",
                              nullptr};
    context_ = mg_start(&callbacks, &pages_, settings);
    if (context_ == nullptr) {
      mg_exit_library();
      throw configuration_error{"listen", options.listen, "cannot listen there"};
    }
    mg_server_port port{};
    if (mg_get_server_ports(context_, 1, &port) == 1) port_ = static_cast<std::uint16_t>(port.port);
  }

  ~server() {
    // The thread that accepts looks up every two seconds only, or when somebody connects.
    // ORDER sequentially consistent: once a process; join() is what orders the rest.
    std::atomic<bool> stopped{false};
    std::thread stopping{[&] {
      mg_stop(context_);
      stopped = true;
    }};
    while (!stopped) {
      knock();
      std::this_thread::sleep_for(std::chrono::milliseconds{1});
    }
    stopping.join();
    mg_exit_library();
  }

  server(const server&) = delete;
  server& operator=(const server&) = delete;

  [[nodiscard]] std::uint16_t port() const noexcept { return port_; }

 private:
  void knock() const {
    char unused[64];
    if (mg_connection* door = mg_connect_client(host_.c_str(), port_, 0, unused, sizeof unused)) {
      mg_close_connection(door);
    }
  }

  telemetry_pages pages_;
  std::string host_;
  mg_context* context_ = nullptr;
  std::uint16_t port_ = 0;
};

scrape_endpoint::scrape_endpoint(recorder& from, scrape_endpoint_options options)
    : server_{std::make_unique<server>(from, options)} {}

scrape_endpoint::~scrape_endpoint() = default;

std::uint16_t scrape_endpoint::port() const noexcept { return server_->port(); }

}  // namespace querytap
