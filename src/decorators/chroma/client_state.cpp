#include "client_state.hpp"

#include "../http/url_text.hpp"
#include "replies.hpp"

#include <querytap/base/error.hpp>
#include <querytap/base/exception_outcome.hpp>
#include <querytap/calls/detail/parameter_digest.hpp>
#include <querytap/calls/http_service.hpp>

#include <optional>

namespace querytap::chroma::detail {
namespace {

using querytap::detail::append_escaped;

vector_store_options store_options(std::string_view url, const client_options& options) {
  const http::origin server = http::origin_of(url);
  return {.system = "chroma",
          .database = options.tenant + '|' + options.database,
          .server_address = server.host,
          .server_port = server.port,
          .slow_threshold = options.slow_threshold,
          .slow_multiple = options.slow_multiple};
}

std::string chroma_base_url(std::string_view url) {
  if (url.find_first_of("?#") != url.npos)
    throw configuration_error{"url", "", "expected neither a query nor a fragment"};
  while (url.ends_with('/')) url.remove_suffix(1);
  return std::string{url} + "/api/v2";
}

std::string chroma_database_path(const client_options& options) {
  for (const auto& [option, value] :
       {std::pair{"tenant", &options.tenant}, std::pair{"database", &options.database}}) {
    if (value->empty() || *value == "." || *value == "..")
      throw configuration_error{option, *value, "expected a name"};
  }
  std::string path = "/tenants/";
  append_escaped(path, options.tenant);
  path += "/databases/";
  append_escaped(path, options.database);
  return path;
}

std::vector<http::header> chroma_headers(const client_options& options) {
  std::vector<http::header> headers{{"Content-Type", "application/json"}};
  if (!options.token.empty()) headers.push_back({"x-chroma-token", options.token});
  return headers;
}

std::string message_of_reply(const http::response& reply) {
  using enum http::response::ending;
  if (reply.how == answered) {
    const std::string said = parse_error(reply.body);
    return "querytap: chroma: " + std::to_string(reply.status) + (said.empty() ? "" : ' ' + said);
  }
  const std::string_view text = reply.how == timed_out ? "the call timed out" : "no answer";
  return "querytap: chroma: " + std::string{text} + " (" + std::string{reply.error} + ')';
}

// A redirect to another server, which is not followed, is no success either.
outcome failure_of_reply(const http::response& reply) {
  const outcome failure = reply.failure();
  if (failure.failed()) return failure;
  const std::string status = std::to_string(reply.status);
  return outcome::error(status, status);
}

std::optional<outcome> outcome_of_chroma_exception() noexcept {
  try {
    throw;
  } catch (const error& failure) {
    return failure.how();
  } catch (...) {
    return std::nullopt;
  }
}

// Here, where every program that uses Chroma has it: a linker leaves out a source that nothing refers to.
const exception_classifier chroma_exceptions{&outcome_of_chroma_exception};

}  // namespace

client_state::client_state(recorder& telemetry, std::string_view url, client_options options)
    : options_{std::move(options)},
      base_url_{chroma_base_url(url)},
      database_path_{chroma_database_path(options_)},
      headers_{chroma_headers(options_)},
      transport_{options_.transport},
      store_{telemetry, store_options(url, options_)} {}

http::response client_state::ask(const chroma_request& request) const {
  return transport_.send({.method = std::string{request.method},
                          .url = base_url_ + request.path,
                          .headers = headers_,
                          .body = request.body,
                          .repeated = request.repeated});
}

std::string client_state::send(operation& timed, const chroma_request& request) const {
  parameter_digest digest;
  digest.add(request.path);
  digest.add(request.body);
  timed.parameters(digest.hash());
  http::response reply;
  try {
    reply = ask(request);
  } catch (...) {
    timed.fail(outcome_of_current_exception());
    throw;
  }
  // What an answer takes to come is a part of it: nobody can use the first half of a JSON text.
  timed.spent(phase::connect, reply.phases[phase::connect]);
  timed.spent(phase::tls, reply.phases[phase::tls]);
  for (std::uint32_t i = 0; i < reply.retries; ++i) timed.retried();
  if (reply.ok()) return std::move(reply.body);
  const outcome failure = failure_of_reply(reply);
  timed.fail(failure);
  throw error{message_of_reply(reply), reply.status, failure};
}

std::string client_state::send_untimed(const chroma_request& request) const {
  http::response reply = ask(request);
  if (reply.ok()) return std::move(reply.body);
  throw error{message_of_reply(reply), reply.status, failure_of_reply(reply)};
}

std::string client_state::database_path(std::string_view rest) const {
  return database_path_ + std::string{rest};
}

std::string client_state::collection_path(std::string_view name, std::string_view rest) const {
  std::string path = database_path_ + "/collections/";
  if (name.empty() || name == "." || name == "..")
    throw invalid_input{"querytap: chroma: expected the name of a collection"};
  append_escaped(path, name);
  path += rest;
  return path;
}

operation client_state::begin(std::string_view name, std::string_view collection,
                              code_location site) const {
  return begin(std::string{name} + ' ' + std::string{collection}, site);
}

// A server that does not know the question takes what it takes.
std::uint64_t client_state::largest_batch(code_location site) {
  std::uint64_t known = largest_batch_.load(std::memory_order_relaxed);
  if (known != not_asked) return known;
  operation timed = begin("pre_flight_checks", site);
  try {
    const std::string body = send(timed, {.method = "GET", .path = "/pre-flight-checks"});
    known = reading(timed, [&] { return parse_largest_batch(body); }).value_or(0);
  } catch (const error& refused) {
    if (refused.status() == 0) throw;
    known = 0;
  }
  largest_batch_.store(known, std::memory_order_relaxed);
  return known;
}

}  // namespace querytap::chroma::detail
