#pragma once

#include <querytap/base/detail/pimpl.hpp>
#include <querytap/decorators/http/request.hpp>
#include <querytap/servers/health_probe.hpp>

#include <string>
#include <vector>

namespace querytap {

struct http_probe_options {
  std::string url = {};
  std::vector<http::header> headers = {};
  int expected_status = 0;                                  ///< 0: any from 200 to 299
  std::chrono::nanoseconds slow = std::chrono::seconds{1};  ///< from where on it is a warning
};

/// Whether a GET is answered with the status that is expected.
///
///     http_probe search{{.url = "http://127.0.0.1:9200/_cluster/health"}};
///
/// The body is read and thrown away; past 64 KiB the connection is closed instead, and the status alone counts. Neither URL nor headers nor body are in any reason. The request enters no
/// statistics of the application.
///
/// Threads  as every probe.
/// Errors   configuration_error for a URL that is none; probe_error where there is no answer by the deadline.
/// Source   RFC 9110; libcurl. Redirects are not followed.
class http_probe final : public health_probe {
 public:
  explicit http_probe(http_probe_options options);
  ~http_probe() override;

  [[nodiscard]] health_answer look(deadline until) override;

 private:
  struct state;
  detail::pimpl<state> state_;
};

}  // namespace querytap

#ifdef QUERYTAP_IMPLEMENTATION
#include <querytap/implementation/http_probe.hpp>
#endif
