#pragma once

#include "access_rules.hpp"
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

/// Answers HTTP with libmicrohttpd: one thread waits for all connections at once, so that a client
/// that is slow, or says nothing, or only half of a request, keeps nobody waiting.
///
/// Open connections are few: for one more, that which has been silent longest makes room. A thousand
/// clients that hold on can therefore neither shut anybody out nor use up the descriptors of the
/// process.
///
/// Threads  one, for all connections, in which `respond` is called.
/// Errors   configuration_error at construction, if it cannot listen.
class http_daemon {
 public:
  using responder = std::function<void(const page_request&, page_response&)>;

  http_daemon(const listen_address& listen, const tls_material& tls, access_rules rules,
              responder respond);
  ~http_daemon();
  http_daemon(const http_daemon&) = delete;
  http_daemon& operator=(const http_daemon&) = delete;

  [[nodiscard]] std::uint16_t port() const noexcept;

 private:
  class state;
  std::unique_ptr<state> state_;
};

}  // namespace querytap::detail
