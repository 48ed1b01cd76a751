#pragma once

#include <querytap/base/detail/pimpl.hpp>
#include <querytap/base/duration.hpp>
#include <querytap/decorators/http/request.hpp>
#include <querytap/decorators/http/response.hpp>

#include <cstddef>
#include <cstdint>
#include <string>

namespace querytap::http {

struct transport_options {
  std::chrono::nanoseconds connect_timeout = std::chrono::seconds{5};
  std::chrono::nanoseconds timeout = std::chrono::seconds{30};
  /// Of a body that is not given to a sink, once it is decompressed.
  std::size_t largest_body = std::size_t{64} << 20;
  std::size_t largest_headers = std::size_t{256} << 10;
  /// Tries of a request that may be repeated: after a connection that failed or broke, and after 429,
  /// 502, 503 and 504. 1: none is repeated.
  unsigned tries = 3;
  /// The first wait between two tries; each further one is twice as long, up to 5 s. A wait is some
  /// time between half of that and all of it, or what `Retry-After` asks for. A wait that would outlast
  /// the request's time is not begun: the answer is returned as it is.
  std::chrono::nanoseconds first_backoff = std::chrono::milliseconds{100};
  /// Redirects of GET and HEAD to the same scheme, host and port. Others are returned as they are: the
  /// headers may carry keys, which are for the host that was asked.
  unsigned redirects = 5;
  std::size_t idle_connections = 16;  ///< kept open; at most 64
  bool compressed = true;             ///< ask for gzip, but not for bodies that go to a sink
  bool passes_trace = true;           ///< header `traceparent`, where a trace_scope is open
  std::string user_agent = {};        ///< empty: querytap's
  std::string certificates = {};      ///< file of trusted certificates; empty: the system's
  std::string client_certificate = {};
  std::string client_key = {};
};

/// Sends HTTP requests by libcurl, over connections that it keeps open. It records nothing: that is for
/// http::client and others who know what a request means.
///
///     const http::transport transport;
///     const http::response reply = transport.send({.url = "http://localhost:8000/ready"});
///
/// A proxy is that of the environment, as libcurl reads it: `http_proxy`, `https_proxy`, `no_proxy`.
///
/// A request that must not arrive twice is never sent again: also not by libcurl, which does so where a
/// connection that was open already breaks without an answer. Such a request then ends as `broken`.
///
/// Threads  any number at once; one connection each while they send.
/// Cost     no lock. libcurl's own share is in bench/overhead/http_overhead.cpp.
/// Errors   configuration_error at construction for options, and by send() for a URL, method or header
///          that is none. What happens on the way to the server and there is in the response. send()
///          may throw std::bad_alloc, and what a sink throws.
/// Source   RFC 9110; libcurl 7.88.
class transport {
 public:
  explicit transport(transport_options options = {});
  ~transport();
  transport(transport&&) noexcept;
  transport& operator=(transport&&) noexcept;

  [[nodiscard]] response send(const request& request) const;
  [[nodiscard]] response send(const request& request, const body_sink& sink) const;

  [[nodiscard]] const transport_options& options() const noexcept;

 private:
  class state;
  querytap::detail::pimpl<state> state_;
};

}  // namespace querytap::http
