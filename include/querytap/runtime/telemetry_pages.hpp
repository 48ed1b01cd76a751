#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace querytap {

class recorder;

/// What an HTTP server hands over, and what it sends back.
struct http_request {
  std::string_view method;  ///< "GET" or "HEAD"; anything else is answered 405
  std::string_view path;    ///< without the query
  bool from_loopback = true;
};

struct http_response {
  int status = 200;
  std::string content_type = {};
  std::string body = {};
};

/// What a recorder shows over HTTP, apart from any server: `/metrics` for Prometheus, and `/`, a
/// page that lists the statements by total time.
///
///     telemetry_pages pages{recorder};
///     const http_response reply = pages.respond({.method = "GET", .path = "/metrics"});
///
/// Only `/metrics` is answered to other machines: the page shows the text of statements, without
/// their literals but with the names of tables.
///
/// Threads  any number at once.
/// Lifetime the recorder must outlive it.
class telemetry_pages {
 public:
  explicit telemetry_pages(recorder& from);
  ~telemetry_pages();

  [[nodiscard]] http_response respond(const http_request& to);

 private:
  struct state;
  std::unique_ptr<state> state_;
};

}  // namespace querytap
