#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace rag_chatbot {

/// The words of a text in lower case, in order; a name such as `pthread_create` is one word.
[[nodiscard]] std::vector<std::string> words_of(std::string_view text);

/// The words without those of grammar: "which call creates a pipe?" has creates and pipe.
[[nodiscard]] std::vector<std::string> significant_words_of(std::string_view text);

/// Without the usual English endings, so that "creates" equals "creating"; no dictionary.
[[nodiscard]] std::string stem(std::string_view word);

}  // namespace rag_chatbot
