#include <querytap/servers/http/model_probe.hpp>

#include <rag_chatbot/dependencies/dependencies.hpp>

#include <cstdlib>

namespace rag_chatbot {

void add_model(const options& chosen, dependencies& all) {
  const char* const key = std::getenv("OPENAI_API_KEY");
  all.health.checks.push_back(
      {.component = "model",
       .needed_for = "writing answers",
       .probe = std::make_shared<querytap::model_probe>(
           querytap::model_probe_options{.url = chosen.model, .key = key == nullptr ? "" : key}),
       .traffic = {{"gen_ai.request.model", chosen.model_name}}});
}

}  // namespace rag_chatbot
