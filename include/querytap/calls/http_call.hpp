#pragma once

#include <querytap/base/duration.hpp>
#include <querytap/calls/http_service.hpp>
#include <querytap/calls/operation.hpp>

#include <string>
#include <string_view>

namespace querytap::http {

/// Times one request that any HTTP library makes.
///
///     http::call call{weather, "GET", "/cities/{city}/forecast"};    // starts the clock
///     const auto reply = client.Get(path);                          // some HTTP library
///     call.answered(reply->status);                                 // else it counts as failed
///
/// One call is one request of the application: with its redirects, and all tries of it. The template
/// stands for the paths of all such requests; what differs between them (ids, words of a search) has
/// a name in braces there, and the query of the URL is no part of it.
///
/// Threads  as operation: one at a time.
/// Cost     as operation; the phases cost a clock read and a record each.
/// Errors   none: noexcept. A call that ends without answered() or failed() counts as an error of
///          the type `_OTHER` only where an exception leaves its scope.
/// Source   OpenTelemetry's conventions for HTTP clients: a status from 400 on is a failure, whose
///          `error.type` is the status.
class call {
 public:
  call(const service& service, std::string_view method, std::string_view url_template,
       code_location site = code_location::current()) noexcept
      : operation_{service.statement_for(method, url_template), phase::first_byte, site} {}

  /// The time so far went into names, connection and TLS. Leave it out for a connection that was open
  /// already, or where the library does not tell. Whoever knows how long TLS took says so by spent(), first.
  void connected() noexcept {
    operation_.was(phase::connect);
    operation_.enter(phase::first_byte);
  }
  /// The first byte of the answer is there: the rest of the time is `fetch`.
  void first_byte() noexcept { operation_.enter(phase::fetch); }
  /// So much of the time was of another phase, where a library tells afterwards.
  void spent(phase phase, std::chrono::nanoseconds time) noexcept { operation_.spent(phase, time); }
  /// The request is sent once more.
  void retried() noexcept { operation_.retried(); }

  /// The server has answered with this status.
  void answered(int status) noexcept;
  /// There is no answer: outcome::error("connection_refused"), say. Never a message of a server.
  void failed(const outcome& failure) noexcept { operation_.fail(failure); }

  /// Stops the clock and records, once; so does the destructor.
  void finish() noexcept { operation_.finish(); }

  /// What else an operation can be told.
  [[nodiscard]] operation& timed() noexcept { return operation_; }

 private:
  operation operation_;
};

/// The header `traceparent` for requests that belong to the trace of this thread's trace_scope;
/// empty where none is open.
[[nodiscard]] std::string traceparent();

}  // namespace querytap::http
