#pragma once

#include <querytap/calls/models/money.hpp>
#include <querytap/calls/models/price_table.hpp>
#include <querytap/recording/recorder.hpp>

#include <rag_chatbot/retrieval/answerer.hpp>

#include <memory>
#include <optional>
#include <string>

namespace rag_chatbot {

struct model_options {
  std::string url = {};      ///< with its version: "http://127.0.0.1:11434/v1"
  std::string name = {};     ///< of the model
  std::string api_key = {};  ///< empty: not sent
  std::shared_ptr<const querytap::price_table> prices = nullptr;  ///< null: no answer has a cost
  std::optional<querytap::money> budget = {};  ///< of each tenant for a day; nothing: no limit
};

/// Has a model write the answers: of any endpoint with OpenAI's interface. It is given the passages, and told to
/// use nothing else. A tenant that has spent its budget is refused before anything is sent.
///
/// Errors   budget_used_up; querytap::llm::error for a call that fails.
[[nodiscard]] std::unique_ptr<answerer> open_model_answerer(querytap::recorder& recorder,
                                                            const model_options& options);

}  // namespace rag_chatbot
