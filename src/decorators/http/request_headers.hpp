#pragma once

#include "curl_parts.hpp"

#include <querytap/decorators/http/transport.hpp>

namespace querytap::detail {

/// Throws configuration_error for what is no request of HTTP. A line feed in a header would be the
/// begin of another one.
void check_request(const http::request& request);

/// The request's own headers, `traceparent`, and those that keep libcurl from adding its own.
[[nodiscard]] curl_headers headers_of_request(const http::request& request,
                                              const http::transport_options& options);

}  // namespace querytap::detail
