#pragma once

#include <querytap/base/detail/pimpl.hpp>
#include <querytap/servers/health_probe.hpp>

#include <string>

namespace querytap {

struct model_probe_options {
  std::string url = {};           ///< without the path: `http://127.0.0.1:8000/v1`
  std::string path = "/models";   ///< of the GET
  std::string key = {};           ///< sent as a bearer token; empty: none
  std::string model = {};         ///< which has to be there; empty: any
  bool asks_for_a_token = false;  ///< asks the model for one token instead, which may cost money
  std::chrono::nanoseconds slow = std::chrono::seconds{2};  ///< from where on it is a warning
};

/// Whether an endpoint of models, of OpenAI's kind, answers and has a model.
///
///     model_probe llm{{.url = "http://127.0.0.1:8000/v1", .model = "llama-3.1-8b"}};
///
/// A server may list a model that it cannot run: only `asks_for_a_token` shows that it answers.
///
/// Threads  as every probe.
/// Cost     nothing but a GET, or with `asks_for_a_token` one token at each look.
/// Errors   configuration_error for a URL that is none, or a token asked of no model; probe_error where there is
///          no answer by the deadline.
/// Source   OpenAI's API reference: models, chat completions.
class model_probe final : public health_probe {
 public:
  explicit model_probe(model_probe_options options);
  ~model_probe() override;

  [[nodiscard]] health_answer look(deadline until) override;

 private:
  struct state;
  detail::pimpl<state> state_;
};

}  // namespace querytap

#ifdef QUERYTAP_IMPLEMENTATION
#include <querytap/implementation/http_probe.hpp>
#endif
