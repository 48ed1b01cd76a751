#pragma once

#include <querytap/base/smart_pointers.hpp>
#include <querytap/runtime/pages/pages.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace querytap {

class recorder;  // <querytap/querytap.hpp>

struct scrape_endpoint_options {
  /// ADDRESS:PORT, an IPv6 address in brackets. Port 0 picks a free one. Empty: the environment's
  /// OTEL_EXPORTER_PROMETHEUS_HOST and _PORT.
  std::string listen = "127.0.0.1:9464";
  /// PEM files: the certificate with its chain, and its key. With them, only HTTPS is served.
  std::string certificate_file = {};
  std::string key_file = {};
  /// The credentials that a request needs: `Authorization: Bearer TOKEN`, or user and password. If both
  /// are set, either is accepted.
  std::string bearer_token = {};
  std::string user = {};
  std::string password = {};
  /// The addresses and networks that may connect, such as `10.0.0.0/8`. Empty: all.
  std::vector<std::string> allowed_addresses = {};
  /// Further names, without a port, under which clients on this machine may ask for the pages, such as
  /// `chatbot.test`. `localhost`, the loopback addresses and the address of `listen` need no entry.
  std::vector<std::string> allowed_hosts = {};
  /// Allows an address beyond loopback without TLS, token and password. Every client that reaches the port
  /// can then read every metric.
  bool allow_unprotected = false;
  pages_options pages = {};
};

/// Serves `/metrics` to Prometheus, `/livez` and `/readyz` to orchestrators, the other data as JSON, and `/`, a
/// page for people, from a thread of its own, until it is destroyed: see pages.
///
///     scrape_endpoint endpoint{recorder};                                // 127.0.0.1:9464
///     scrape_endpoint open{recorder, {.listen = "0.0.0.0:9464", .bearer_token = token}};
///
/// Other machines get `/metrics`, `/livez` and `/readyz` only, unless they send the token or password (see pages, which other HTTP
/// servers can serve in the same way). So do requests that a proxy has passed on, by their headers, and those
/// whose `Host` is no name of this machine: a page of another site may have led a browser here by changing what
/// a name of its own stands for. `/livez` and `/readyz` need no token, since orchestrators send none, and say `ok` or
/// `not ok`. `/metrics` itself is answered under any name, for scrapers go by DNS.
///
/// Threads  one, for all connections; recording threads never wait for it. A slow or silent client delays no
///          other: beyond 32 connections, the one that has been silent longest is closed. A second one
///          collects every five seconds, for the lines and windows that the page shows; a third, from the first viewer
///          of the page on, wakes their streams.
/// Errors   configuration_error at construction, for an address that cannot be used or needs
///          protection, for files that cannot be read and for options that contradict.
/// Lifetime the recorder must outlive it.
class scrape_endpoint {
 public:
  explicit scrape_endpoint(recorder& recorder, scrape_endpoint_options options = {});
  ~scrape_endpoint();
  scrape_endpoint(const scrape_endpoint&) = delete;
  scrape_endpoint& operator=(const scrape_endpoint&) = delete;

  /// Serves the metrics of another library, too; see pages.
  void add(std::shared_ptr<scrape_source> source);

  /// The port on which the endpoint listens.
  [[nodiscard]] std::uint16_t port() const noexcept;

 private:
  class server;
  std::unique_ptr<server> server_;
};

}  // namespace querytap

#ifdef QUERYTAP_IMPLEMENTATION
#include <querytap/implementation/endpoint.hpp>
#endif
