#pragma once

#include <cstdint>
#include <memory>
#include <string>

namespace querytap {

class recorder;

struct scrape_endpoint_options {
  /// ADDRESS:PORT, an IPv6 address in brackets. Port 0 picks a free one.
  std::string listen = "127.0.0.1:9464";
  /// Other machines may connect. Without it, only a loopback address is accepted in `listen`.
  bool allow_remote = false;
};

/// Serves `/metrics` to Prometheus, and `/`, a page that lists the statements by total time, from
/// threads of its own, until it is destroyed.
///
///     scrape_endpoint endpoint{recorder};                                // 127.0.0.1:9464
///     scrape_endpoint open{recorder, {.listen = "0.0.0.0:9464", .allow_remote = true}};
///
/// Other machines are answered `/metrics` only (see telemetry_pages).
///
/// Threads  two, for its connections; recording threads never wait for them.
/// Errors   configuration_error at construction, for an address that cannot be used.
/// Lifetime the recorder must outlive it.
class scrape_endpoint {
 public:
  explicit scrape_endpoint(recorder& from, scrape_endpoint_options options = {});
  ~scrape_endpoint();
  scrape_endpoint(const scrape_endpoint&) = delete;
  scrape_endpoint& operator=(const scrape_endpoint&) = delete;

  /// The port that it listens on.
  [[nodiscard]] std::uint16_t port() const noexcept;

 private:
  class server;
  std::unique_ptr<server> server_;
};

}  // namespace querytap
