#pragma once

#include <querytap/base/duration.hpp>
#include <querytap/base/function.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace querytap::http {

struct header {
  std::string name;
  std::string value;
};

/// Whether a server may get a request twice without harm.
enum class repetition : std::uint8_t {
  by_method,  ///< harmless for GET, HEAD, OPTIONS, PUT and DELETE (RFC 9110, section 9.2.2)
  harmless,   ///< say, a search that is a POST
  harmful,    ///< sent once, whatever becomes of it
};

/// One request.
///
///     const http::request search{.method = "POST",
///                                .url = "http://localhost:8000/search",
///                                .headers = {{"Content-Type", "application/json"}},
///                                .body = text,
///                                .repeated = http::repetition::harmless};
///
/// Lifetime the body is a view: it must last until the request has ended.
struct request {
  std::string method = "GET";
  std::string url = {};  ///< whole; a user or password in it is refused: that is a header's place
  std::vector<header> headers = {};
  std::string_view body = {};
  repetition repeated = repetition::by_method;
  /// For all tries and redirects together; 0: transport_options::timeout.
  std::chrono::nanoseconds timeout{0};
};

/// Takes the body of a good answer (200 to 299) as it comes, part by part, and says whether to go on:
/// false ends the transfer, as response::ending::stopped. What it throws ends the transfer and goes on
/// its way. The bodies of other answers are in the response.
using body_sink = std::function<bool(std::string_view part)>;

}  // namespace querytap::http
