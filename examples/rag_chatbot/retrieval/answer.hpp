#pragma once

#include <rag_chatbot/retrieval/answerer.hpp>

#include <span>
#include <string>
#include <string_view>

namespace rag_chatbot {

/// Extracts an answer: the sentences of the passages that share most words with the question, each
/// followed by its page and section, "(pipe(2), DESCRIPTION)". Nothing is made up or rephrased.
[[nodiscard]] std::string answer_from(std::span<const stored_passage> passages,
                                      std::string_view question);

/// answer_from() as an answerer.
class extracting_answerer final : public answerer {
 public:
  [[nodiscard]] std::string_view strategy() const override { return "extractive"; }
  [[nodiscard]] written_answer answer(std::span<const stored_passage> passages,
                                      std::string_view question,
                                      std::string_view /*tenant*/) override {
    return {answer_from(passages, question)};
  }
};

}  // namespace rag_chatbot
