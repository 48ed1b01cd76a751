#pragma once

#include <querytap/base/outcome.hpp>
#include <querytap/base/phase.hpp>
#include <querytap/decorators/http/header_list.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace querytap::http {

/// What became of a request.
///
///     const http::response reply = transport.send({.url = "http://localhost:8000/ready"});
///     if (!reply.ok()) warn(reply.failure().error_type());
struct response {
  enum class ending : std::uint8_t {
    answered,
    stopped,        ///< the sink wanted no more
    timed_out,      ///< the request's time was over
    not_connected,  ///< no address, or no connection: nothing was sent
    broken,         ///< the connection broke; whether the server did what was asked is not known
    too_large,      ///< headers or body are larger than the limit
    not_trusted,    ///< TLS: one side does not accept the certificate of the other
    not_http,       ///< what came back is no HTTP
  };

  ending how = ending::answered;
  int status = 0;  ///< 0 where none came; there may be one although the answer is not whole
  header_list headers = {};
  std::string body = {};
  /// `connect`: names and connection, `tls` (both 0 for a connection that was open already); `first_byte`:
  /// until the answer begins, waits between tries included; `fetch`: until its end.
  phase_times phases = {};
  std::uint64_t bytes_sent = 0;      ///< bodies alone
  std::uint64_t bytes_received = 0;  ///< bodies alone, as they came: maybe compressed
  std::uint32_t retries = 0;
  bool reused_connection = false;
  /// libcurl's name of the error, as in `couldnt_connect`; empty where there is none.
  std::string_view error = {};

  /// A whole answer with a status from 200 to 299, or one that the sink stopped.
  [[nodiscard]] bool ok() const noexcept {
    return status >= 200 && status < 300 && (how == ending::answered || how == ending::stopped);
  }
  /// `error.type`: the status from 400 on, else the error; ok where neither is.
  [[nodiscard]] outcome failure() const noexcept;
};

}  // namespace querytap::http
