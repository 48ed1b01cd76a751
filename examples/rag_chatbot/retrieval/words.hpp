#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace rag_chatbot {

/// The words of a text in lower case, in order; a name such as `pthread_create` is one word.
[[nodiscard]] std::vector<std::string> words_of(std::string_view text);

/// The words that say what a text is about: "which call creates a pipe?" is about creates and pipe.
[[nodiscard]] std::vector<std::string> telling_words_of(std::string_view text);

/// Without the usual English endings, so that "creates" meets "creating"; no dictionary.
[[nodiscard]] std::string stem(std::string_view word);

}  // namespace rag_chatbot
