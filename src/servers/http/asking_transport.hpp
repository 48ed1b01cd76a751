#pragma once

#include <querytap/decorators/http/transport.hpp>
#include <querytap/servers/health_probe.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace querytap::detail {

/// How much of an answer is read, and whether the rest matters.
struct asked_body {
  std::size_t largest = std::size_t{16} << 20;
  /// False: an answer whose body is larger is closed there, and is one all the same.
  bool must_be_whole = true;
};

/// Sends each request once, and waits until a deadline at the latest. Records nothing. Made for each look anew: a
/// connection that was open before may have been closed meanwhile, and says nothing of whether others are accepted.
///
/// Threads  one at a time.
/// Errors   probe_error where there is no whole answer, with the reason.
class asking_transport {
 public:
  explicit asking_transport(const asked_body& body = {});

  [[nodiscard]] http::response send(http::request asked, health_probe::deadline until) const;

 private:
  bool must_be_whole_;
  http::transport transport_;
};

/// Throws configuration_error unless the URL begins like one, and has neither a query nor a fragment.
void check_base_url(std::string_view url);

/// What a status other than expected means for an on-call person.
[[nodiscard]] std::string_view advice_for_status(int status);

/// `response_time`, a warning if it is slow.
[[nodiscard]] health_measurement measured_response(std::chrono::nanoseconds took,
                                                   std::chrono::nanoseconds slow);

}  // namespace querytap::detail
