// Serve the metrics from the HTTP server that a service has anyway; here it is cpp-httplib.
//
//     $ build/examples/04_any_http_server
//     200 application/openmetrics-text; version=1.0.0; charset=utf-8

#include <querytap/querytap.hpp>
#include <querytap/runtime/pages/pages.hpp>

#include <httplib.h>

#include <cstdio>
#include <thread>

int main() {
  querytap::recorder recorder{{.service_name = "chatbot"}};
  querytap::pages pages{recorder};
  httplib::Server server;
  server.Get("/metrics", [&](const httplib::Request& request, httplib::Response& reply) {
    auto page = pages.respond(
        {.method = request.method,
         .path = request.target,
         .accept = request.get_header_value("Accept"),
         .accept_encoding = request.get_header_value("Accept-Encoding"),
         .scrape_timeout = request.get_header_value("X-Prometheus-Scrape-Timeout-Seconds")});
    reply.status = page.status;
    if (!page.content_encoding.empty()) reply.set_header("Content-Encoding", page.content_encoding);
    reply.set_content(page.body, page.content_type.c_str());
  });
  const int port = server.bind_to_any_port("127.0.0.1");
  std::thread serving{[&] { server.listen_after_bind(); }};

  httplib::Client prometheus{"127.0.0.1", port};
  const auto answer = prometheus.Get("/metrics", {{"Accept", "application/openmetrics-text"}});
  std::printf("%d %s\n", answer->status, answer->get_header_value("Content-Type").c_str());
  server.stop();
  serving.join();
}
