#include <querytap/servers/http/model_probe.hpp>

#include "../common/measured.hpp"
#include "asking_transport.hpp"

#include <querytap/base/error.hpp>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <utility>

namespace querytap {
namespace {

std::string text_of_completion(const std::string& model) {
  return nlohmann::json{{"model", model},
                        {"messages", {{{"role", "user"}, {"content", "hi"}}}},
                        {"max_tokens", 1},
                        {"stream", false}}
      .dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

/// `{"data": [{"id": "llama"}]}`
bool lists_model(const nlohmann::json& body, const std::string& model) {
  if (!body.is_object() || !body.contains("data") || !body["data"].is_array()) return false;
  for (const nlohmann::json& each : body["data"]) {
    if (each.is_object() && each.contains("id") && each["id"] == model) return true;
  }
  return false;
}

bool has_choice(const nlohmann::json& body) {
  return body.is_object() && body.contains("choices") && body["choices"].is_array() &&
         !body["choices"].empty();
}

health_measurement judged_status(int status) {
  health_measurement measured =
      detail::verified("status", status >= 200 && status < 300, health_status::fail,
                       fmt::format("the endpoint answers with status {}", status),
                       detail::advice_for_status(status));
  // There is work to do for it: that is no failure of the endpoint.
  if (status == 429) measured.status = health_status::warn;
  measured.value = status;
  measured.unit = "1";
  return measured;
}

}  // namespace

struct model_probe::state {
  [[nodiscard]] http::response ask(deadline until) const {
    const detail::asking_transport transport;
    std::vector<http::header> headers;
    if (!options.key.empty()) headers.push_back({"Authorization", "Bearer " + options.key});
    if (!options.asks_for_a_token) {
      return transport.send({.url = base + options.path, .headers = std::move(headers)}, until);
    }
    headers.push_back({"Content-Type", "application/json"});
    const std::string body = text_of_completion(options.model);
    return transport.send({.method = "POST",
                           .url = base + "/chat/completions",
                           .headers = std::move(headers),
                           .body = body},
                          until);
  }

  [[nodiscard]] health_measurement judged_body(const std::string& text) const {
    const auto body = nlohmann::json::parse(text, nullptr, false);
    if (options.asks_for_a_token) {
      return detail::verified("answers", has_choice(body), health_status::fail,
                              "the answer to a request for one token has no choice in it",
                              "look at the server's log");
    }
    return detail::verified("model_listed", lists_model(body, options.model), health_status::fail,
                            "the endpoint does not list the model",
                            "load the model, or give the name that the endpoint has for it");
  }

  const model_probe_options options;
  std::string base = {};
};

model_probe::model_probe(model_probe_options options)
    : state_{new state{.options = std::move(options)}} {
  const model_probe_options& wanted = state_->options;
  detail::check_base_url(wanted.url);
  if (!wanted.path.starts_with('/')) {
    throw configuration_error{"path", wanted.path, "expected a path that begins with /"};
  }
  if (wanted.asks_for_a_token && wanted.model.empty()) {
    throw configuration_error{"model", "", "expected the model that is asked for a token"};
  }
  state_->base = wanted.url;
  while (state_->base.ends_with('/')) state_->base.pop_back();
}
model_probe::~model_probe() = default;

health_answer model_probe::look(deadline until) {
  const auto start = std::chrono::steady_clock::now();
  const http::response reply = state_->ask(until);
  const auto took = std::chrono::steady_clock::now() - start;
  health_answer answer{{judged_status(reply.status)}};
  if (answer.measurements[0].status != health_status::pass) return answer;
  answer.measurements.push_back(detail::measured_response(took, state_->options.slow));
  const bool reads_list = !state_->options.model.empty() && state_->options.path == "/models";
  if (state_->options.asks_for_a_token || reads_list) {
    answer.measurements.push_back(state_->judged_body(reply.body));
  }
  return answer;
}

}  // namespace querytap
