#include <rag_chatbot/service/follow_up.hpp>

#include <rag_chatbot/retrieval/words.hpp>

#include <algorithm>
#include <array>

namespace rag_chatbot {
namespace {

bool refers_back(std::string_view question) {
  constexpr std::array<std::string_view, 6> pronouns{"it", "its", "they", "their", "them", "those"};
  const auto words = words_of(question);
  return std::any_of(words.begin(), words.end(), [&](const std::string& word) {
    return std::find(pronouns.begin(), pronouns.end(), word) != pronouns.end();
  });
}

}  // namespace

std::string with_what_it_refers_to(std::string_view question, std::span<const message> history) {
  const auto earlier = std::find_if(history.rbegin(), history.rend(), [](const message& said) {
    return said.author == speaker::user;
  });
  if (earlier == history.rend() || !refers_back(question)) return std::string{question};
  return earlier->body + ' ' + std::string{question};
}

}  // namespace rag_chatbot
