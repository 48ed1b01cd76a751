#pragma once

#include <rag_chatbot/corpus/name_line.hpp>

#include <string>
#include <vector>

namespace rag_chatbot {

/// A heading and the text under it; a paragraph is one line, with or without empty lines between.
struct section {
  std::string heading;
  std::string text;

  friend bool operator==(const section&, const section&) = default;
};

/// One page of the corpus, as an answer cites it.
struct document {
  std::string page;  ///< "pipe(2)", or a file's path below the corpus folder
  name_line about;
  std::vector<section> sections;
};

}  // namespace rag_chatbot
