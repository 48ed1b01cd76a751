#pragma once

#include <querytap/calls/http_call.hpp>

#include <curl/curl.h>

#include <string_view>

namespace querytap::http {

/// Times a transfer of a handle that the application owns, by the easy or the multi interface.
///
///     http::observation call{weather, easy, "GET", "/cities/{city}/forecast"};
///     call.ended(curl_easy_perform(easy));              // or the result of a CURLMsg
///
/// The clock starts at the construction: right before curl_easy_perform() or curl_multi_add_handle().
/// Phases, status and libcurl's retries are read from the handle by ended(), none of whose options are
/// changed. For the headers of the request there is http::traceparent().
///
/// Threads  as the handle: one at a time.
/// Cost     as operation, and seven calls of curl_easy_getinfo().
/// Errors   none: noexcept. A transfer that ends without ended() counts as `_OTHER` where an exception
///          leaves the scope, and else as a call without a status.
/// Lifetime the handle must still be there for ended().
class observation {
 public:
  observation(const service& service, CURL* easy, std::string_view method,
              std::string_view url_template, code_location site = code_location::current()) noexcept
      : call_{service, method, url_template, site}, easy_{easy} {}

  /// Stops the clock and records. A write callback that stopped the transfer by itself (CURLE_WRITE_ERROR)
  /// is a failure: `wanted_no_more` says that it was none.
  void ended(CURLcode result, bool wanted_no_more = false) noexcept;

 private:
  call call_;
  CURL* easy_;
};

}  // namespace querytap::http

#ifdef QUERYTAP_IMPLEMENTATION
#include <querytap/implementation/http.hpp>
#endif
