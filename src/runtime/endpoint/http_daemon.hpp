#pragma once

#include "access_rules.hpp"
#include "host_names.hpp"
#include "listen_address.hpp"

#include <querytap/runtime/pages/pages.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace querytap::detail {

/// A certificate and its key, as PEM texts; both empty for HTTP without TLS.
struct tls_material {
  std::string certificate;
  std::string key;
};

/// Answers HTTP with libmicrohttpd: one thread waits for all connections at once, so that a client that is
/// slow, silent or sends half a request delays no other.
///
/// A response with `again_in` becomes a stream: the same request is asked again whenever an event is due.
///
/// The number of connections is bounded: a new one evicts the one that has been silent longest. A thousand
/// clients that stay connected can therefore neither shut out another nor use up the descriptors of the
/// process.
///
/// Threads  one, for all connections; it calls `respond`.
/// Errors   configuration_error at construction, if it cannot listen.
class http_daemon {
 public:
  using responder = std::function<void(const page_request&, page_response&)>;

  http_daemon(const listen_address& listen, const tls_material& tls, access_rules rules,
              host_names hosts, responder respond);
  ~http_daemon();
  http_daemon(const http_daemon&) = delete;
  http_daemon& operator=(const http_daemon&) = delete;

  [[nodiscard]] std::uint16_t port() const noexcept;

 private:
  class state;
  std::unique_ptr<state> state_;
};

}  // namespace querytap::detail
