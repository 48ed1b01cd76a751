#pragma once

#include <querytap/calls/backend.hpp>
#include <querytap/calls/http_service_options.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace querytap::http {

/// The parts of a URL that say who is asked. No part of its path, its query or its password.
struct origin {
  std::string scheme = {};  ///< `http` or `https`
  std::string host = {};    ///< in lower case; an IPv6 address without brackets
  std::uint16_t port = 0;   ///< the scheme's own one where the URL has none

  friend bool operator==(const origin&, const origin&) = default;
};

/// Errors   configuration_error, which does not repeat the URL, for one that is not
///          `http[s]://host[:port]…`.
[[nodiscard]] origin origin_of(std::string_view url);

/// A server that is called by HTTP: what all calls to it have in common.
///
///     const http::service weather{recorder, "https://api.example.org"};
///     http::call call{weather, "GET", "/cities/{city}/forecast"};
///
/// Its calls are recorded as `http.client.request.duration`, by method, template, server, status and
/// error. Of the URL only host and port are used.
///
/// Threads  any number at once.
/// Errors   configuration_error for a URL that is not one of HTTP.
/// Lifetime a small value; the recorder must outlive it.
class service {
 public:
  service(recorder& recorder, std::string_view url, const service_options& options = {});

  /// The statement `GET /cities/{city}/forecast`. Never fails, as backend::statement_for() does not.
  /// A method that HTTP does not know is `_OTHER`.
  [[nodiscard]] const statement& statement_for(std::string_view method,
                                               std::string_view url_template) const noexcept;
  [[nodiscard]] const querytap::backend& backend() const noexcept { return backend_; }

 private:
  querytap::backend backend_;
};

}  // namespace querytap::http
