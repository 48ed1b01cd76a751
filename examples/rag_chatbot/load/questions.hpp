#pragma once

#include <rag_chatbot/corpus/document.hpp>

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace rag_chatbot {

/// A question made from the NAME line of a page, so that the right page is known.
struct known_question {
  std::string text;
  std::string page;

  friend bool operator==(const known_question&, const known_question&) = default;
};

/// `count` questions about pages in a shuffled order, each page once before any page repeats. Equal
/// for equal documents and seed. Empty if no document has a description.
[[nodiscard]] std::vector<known_question> make_questions(std::span<const document> documents,
                                                         std::size_t count, std::uint64_t seed);

/// All the ways to ask for one page.
[[nodiscard]] std::vector<std::string> ways_to_ask_for(const document& page);

}  // namespace rag_chatbot
