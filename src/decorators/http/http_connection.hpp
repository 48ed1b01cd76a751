#pragma once

#include "reply_reader.hpp"

#include <querytap/decorators/http/transport.hpp>

#include <curl/curl.h>

#include <chrono>
#include <memory>
#include <string>

namespace querytap::detail {

/// A request as it goes out: checked, with all of its headers.
struct prepared_request {
  const http::request& request;
  curl_slist* headers;
  bool is_harmless;  ///< may be received twice
  bool asks_for_gzip;
};

/// A handle of libcurl with the connections that it keeps open.
///
/// Threads  one at a time.
class http_connection {
 public:
  explicit http_connection(const http::transport_options& options);

  /// One try. `url` differs from the request's after a redirect. Adds to the phases, bytes and retries
  /// of `reply`, and sets all else.
  void send(const prepared_request& prepared, const std::string& url, reply_reader& reader,
            std::chrono::nanoseconds time_left, http::response& reply);

  /// Where the last reply redirects to; empty where it does not.
  [[nodiscard]] std::string redirect() const;

  /// False in a process that was forked since: the connections are its parent's.
  [[nodiscard]] bool is_of_this_process() const noexcept;
  /// Forgets the handle without closing anything: TLS would tell the server that it is over.
  void abandon() noexcept { static_cast<void>(easy_.release()); }

 private:
  template <class Value>
  void set_option(CURLoption option, Value value) noexcept {
    curl_easy_setopt(easy_.get(), option, value);
  }
  void set_method(const prepared_request& prepared);
  void set_body(const prepared_request& prepared);
  [[nodiscard]] CURLcode perform(const std::string& url) noexcept;

  std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> easy_;
  const http::transport_options& options_;
  std::string_view unsent_ = {};  // of a body that must not be sent twice
  long process_;
};

}  // namespace querytap::detail
