#pragma once

#include <querytap/decorators/http/client.hpp>
#include <querytap/decorators/http/header_list.hpp>
#include <querytap/decorators/http/request.hpp>
#include <querytap/decorators/http/response.hpp>
#include <querytap/decorators/http/transport.hpp>

/// HTTP by libcurl, with every request timed.
///
///     http::client weather{recorder, "https://api.example.org/v1"};          // one of ours
///     const auto reply = weather.get("/cities/{city}/forecast", {.path = {city}});
///
/// Handles of libcurl that the application has already are timed by an http::observation, of
/// decorators/http/observation.hpp, and requests of other HTTP libraries by an http::call of the core, of
/// calls/http_call.hpp.
///
/// Each is recorded as `http.client.request.duration` with the template of its path, never the path
/// itself, a query, a header or a body; and its time as the phases `connect` (names and connection), `tls`,
/// `first_byte` and `fetch`, as libcurl measured them.
///
/// Threads  any number at once.
/// Errors   see http::transport.
/// Source   libcurl 7.88; OpenTelemetry's conventions for HTTP clients.
namespace querytap::http {}

#ifdef QUERYTAP_IMPLEMENTATION
#include <querytap/implementation/http.hpp>
#endif
