#pragma once

#include <rag_chatbot/retrieval/ranking.hpp>

#include <string>

namespace rag_chatbot {

/// A passage as it comes back from the store, with the page that it is cited by.
struct stored_passage {
  passage_id id;
  std::string page;
  std::string section;
  std::string body;

  friend bool operator==(const stored_passage&, const stored_passage&) = default;
};

}  // namespace rag_chatbot
