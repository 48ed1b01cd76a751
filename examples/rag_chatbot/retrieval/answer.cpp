#include <rag_chatbot/retrieval/answer.hpp>

#include <rag_chatbot/corpus/text.hpp>
#include <rag_chatbot/retrieval/words.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <vector>

namespace rag_chatbot {
namespace {

constexpr std::size_t most_sentences = 3;
constexpr std::size_t most_sentence_bytes = 400;

struct candidate {
  std::string_view sentence;
  const stored_passage* source;
  double score;
};

std::vector<std::string_view> sentences_of(std::string_view body) {
  std::vector<std::string_view> sentences;
  for (auto line : lines_of(body)) {
    for (auto end = line.find(". "); end != std::string_view::npos; end = line.find(". ")) {
      sentences.push_back(line.substr(0, end + 1));
      line.remove_prefix(end + 2);
    }
    if (!line.empty()) sentences.push_back(line);
  }
  return sentences;
}

std::set<std::string> stems_of(std::string_view text) {
  std::set<std::string> stems;
  for (const auto& word : significant_words_of(text)) stems.insert(stem(word));
  return stems;
}

/// The number of words that the sentence shares with the question, set against the length of the
/// sentence: a long sentence shares words with any question.
double score_of(const std::set<std::string>& sentence, const std::set<std::string>& question) {
  const auto shared = std::count_if(sentence.begin(), sentence.end(),
                                    [&](const auto& word) { return question.contains(word); });
  return static_cast<double>(shared) / std::sqrt(static_cast<double>(sentence.size()) + 4);
}

std::vector<candidate> candidates_from(std::span<const stored_passage> passages,
                                       std::string_view question) {
  const auto asked = stems_of(question);
  std::vector<candidate> candidates;
  double trust = 1;
  for (const auto& source : passages) {
    for (const auto sentence : sentences_of(source.body)) {
      candidates.push_back({sentence, &source, trust * score_of(stems_of(sentence), asked)});
    }
    trust *= 0.8;  // the retriever has put the better passages first
  }
  return candidates;
}

}  // namespace

std::string answer_from(std::span<const stored_passage> passages, std::string_view question) {
  if (passages.empty()) return "I found nothing about that in my pages.";

  auto candidates = candidates_from(passages, question);
  std::stable_sort(candidates.begin(), candidates.end(),
                   [](const auto& a, const auto& b) { return a.score > b.score; });
  if (candidates.size() > most_sentences) candidates.resize(most_sentences);

  std::string answer;
  for (const auto& chosen : candidates) {
    answer += fmt::format("{}{} ({}, {})", answer.empty() ? "" : "\n",
                          shortened(chosen.sentence, most_sentence_bytes), chosen.source->page,
                          chosen.source->section);
  }
  return answer;
}

}  // namespace rag_chatbot
