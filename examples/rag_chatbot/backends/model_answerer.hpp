#pragma once

#include <querytap/recording/recorder.hpp>

#include <rag_chatbot/retrieval/answerer.hpp>

#include <memory>
#include <string>

namespace rag_chatbot {

struct model_options {
  std::string url = {};      ///< with its version: "http://127.0.0.1:11434/v1"
  std::string name = {};     ///< of the model
  std::string api_key = {};  ///< empty: not sent
};

/// Has a model write the answers: of any endpoint with OpenAI's interface. It is given the passages, and told to
/// use nothing else.
///
/// Errors   querytap::llm::error for a call that fails.
[[nodiscard]] std::unique_ptr<answerer> open_model_answerer(querytap::recorder& recorder,
                                                            const model_options& options);

}  // namespace rag_chatbot
