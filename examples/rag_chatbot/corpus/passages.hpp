#pragma once

#include <rag_chatbot/corpus/document.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace rag_chatbot {

/// The unit of text that is searched, ranked and cited.
struct passage {
  std::string section;
  std::string body;  ///< paragraphs, one a line

  friend bool operator==(const passage&, const passage&) = default;
};

/// In words. A passage never crosses the end of a section. Only a paragraph that alone is longer
/// than `most` is cut, between words.
struct passage_size {
  std::size_t least = 150;
  std::size_t most = 250;
};

[[nodiscard]] std::vector<passage> cut_into_passages(const document& source,
                                                     passage_size size = {});

}  // namespace rag_chatbot
