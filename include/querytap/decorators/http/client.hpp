#pragma once

#include <querytap/base/code_location.hpp>
#include <querytap/base/detail/pimpl.hpp>
#include <querytap/calls/http_service_options.hpp>
#include <querytap/decorators/http/transport.hpp>

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace querytap {
class recorder;
}

namespace querytap::http {

class service;

struct client_options {
  service_options service = {};
  transport_options transport = {};
  std::vector<header> headers = {};  ///< of every request: `Authorization`, say
};

/// What stands for the names in braces of a template, in their order, and the query of the URL.
struct url_values {
  std::vector<std::string_view> path = {};
  std::vector<std::pair<std::string_view, std::string_view>> query = {};
};

/// A client of one server whose requests are timed, each as one operation with all its tries.
///
///     http::client weather{recorder, "https://api.example.org/v1"};
///     const auto reply = weather.get("/cities/{city}/forecast", {.path = {city}});
///     if (reply.ok()) show(reply.body);
///     const auto stored = weather.send("/reports", {}, {.method = "POST", .body = report});
///
/// Requests are known by their template. What takes the place of its names, and the query, is escaped
/// here and recorded nowhere.
///
/// Threads  any number at once.
/// Cost     one operation with its phases on top of transport; bench/overhead/http_overhead.cpp.
/// Errors   configuration_error at construction, and for a template that does not begin with `/`, has a
///          `?` or `#`, or more or fewer names than there are values. As transport::send() for the rest.
/// Lifetime the recorder must outlive it.
class client {
 public:
  client(recorder& recorder, std::string_view base_url, client_options options = {});
  ~client();
  client(client&&) noexcept;
  client& operator=(client&&) noexcept;

  [[nodiscard]] response get(std::string_view url_template, const url_values& values = {},
                             code_location site = code_location::current()) const;

  /// Method, headers, body, timeout and repetition are the request's; its `url` is made here.
  [[nodiscard]] response send(std::string_view url_template, const url_values& values,
                              request request,
                              code_location site = code_location::current()) const {
    return send(url_template, values, std::move(request), nullptr, site);
  }
  /// With a sink for the body, as transport has it.
  [[nodiscard]] response send(std::string_view url_template, const url_values& values,
                              request request, const body_sink& sink,
                              code_location site = code_location::current()) const;

  /// Of calls/http_service.hpp: for calls by other means to the same server.
  [[nodiscard]] const http::service& service() const noexcept;
  [[nodiscard]] const http::transport& transport() const noexcept;

 private:
  struct state;
  querytap::detail::pimpl<state> state_;
};

}  // namespace querytap::http
