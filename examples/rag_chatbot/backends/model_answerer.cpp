#include <rag_chatbot/backends/model_answerer.hpp>

#include <querytap/decorators/llm.hpp>

#include <fmt/format.h>

namespace rag_chatbot {
namespace {

constexpr auto instructions =
    "Answer the question from the passages below, in at most five sentences, and name the page of "
    "each fact. Say that you do not know where they do not answer it.";

std::string prompt_of(std::span<const stored_passage> passages) {
  std::string prompt = instructions;
  for (const stored_passage& passage : passages) {
    prompt += fmt::format("\n\n[{}, {}]\n{}", passage.page, passage.section, passage.body);
  }
  return prompt;
}

class model_answerer final : public answerer {
 public:
  model_answerer(querytap::recorder& recorder, const model_options& options)
      : model_{options.name}, client_{recorder, {.url = options.url, .api_key = options.api_key}} {}

  std::string_view strategy() const override { return "model"; }

  std::string answer(std::span<const stored_passage> passages, std::string_view question) override {
    // Streamed: so that the time to the first token is measured.
    return client_
        .chat({.model = model_,
               .messages = {{"system", prompt_of(passages)}, {"user", std::string{question}}}},
              [](const querytap::llm::delta&) { return true; })
        .text;
  }

 private:
  const std::string model_;
  const querytap::llm::client client_;
};

}  // namespace

std::unique_ptr<answerer> open_model_answerer(querytap::recorder& recorder,
                                              const model_options& options) {
  return std::make_unique<model_answerer>(recorder, options);
}

}  // namespace rag_chatbot
