#pragma once

#include <rag_chatbot/store/stored_passage.hpp>

#include <span>
#include <string>
#include <string_view>

namespace rag_chatbot {

/// Extracts an answer: the sentences of the passages that share most words with the question, each
/// followed by its page and section, "(pipe(2), DESCRIPTION)". Nothing is made up or rephrased.
[[nodiscard]] std::string answer_from(std::span<const stored_passage> passages,
                                      std::string_view question);

}  // namespace rag_chatbot
