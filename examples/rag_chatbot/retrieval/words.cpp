#include <rag_chatbot/retrieval/words.hpp>

#include <algorithm>
#include <array>

namespace rag_chatbot {
namespace {

bool is_word_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

// The words of English grammar, and those of any question about a manual page.
constexpr auto stop_words = std::to_array<std::string_view>(
    {"a",      "about", "all",   "also",   "am",    "an",    "and",   "any",  "are",   "as",
     "at",     "be",    "been",  "but",    "by",    "call",  "calls", "can",  "could", "did",
     "do",     "does",  "for",   "from",   "had",   "has",   "have",  "how",  "i",     "if",
     "in",     "into",  "is",    "it",     "its",   "like",  "may",   "me",   "might", "must",
     "my",     "need",  "not",   "of",     "on",    "one",   "or",    "our",  "page",  "pages",
     "please", "say",   "shall", "should", "so",    "some",  "such",  "tell", "than",  "that",
     "the",    "their", "them",  "then",   "there", "these", "they",  "this", "those", "to",
     "us",     "use",   "used",  "using",  "want",  "was",   "we",    "what", "when",  "where",
     "which",  "will",  "with",  "would",  "you"});
static_assert(std::is_sorted(stop_words.begin(), stop_words.end()));

bool is_insignificant(const std::string& word) {
  return word.size() < 2 || std::binary_search(stop_words.begin(), stop_words.end(), word);
}

}  // namespace

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  std::string word;
  for (const char c : text) {
    if (is_word_character(c)) {
      word += lower(c);
    } else if (!word.empty()) {
      words.push_back(std::move(word));
      word.clear();
    }
  }
  if (!word.empty()) words.push_back(std::move(word));
  return words;
}

std::vector<std::string> significant_words_of(std::string_view text) {
  auto words = words_of(text);
  std::erase_if(words, is_insignificant);
  return words;
}

std::string stem(std::string_view word) {
  const auto has_ending = [&](std::string_view ending) {
    constexpr std::size_t shortest_stem = 3;
    return word.size() >= ending.size() + shortest_stem && word.ends_with(ending);
  };
  if (has_ending("s") && !word.ends_with("ss") && !word.ends_with("us")) word.remove_suffix(1);
  if (has_ending("ing")) {
    word.remove_suffix(3);
  } else if (has_ending("ed")) {
    word.remove_suffix(2);
  }
  if (has_ending("e")) word.remove_suffix(1);
  return std::string{word};
}

}  // namespace rag_chatbot
