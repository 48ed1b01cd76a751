#pragma once

#include <rag_chatbot/retrieval/ranking.hpp>

#include <cstddef>
#include <span>

namespace rag_chatbot {

/// Finds the vectors that are nearest to a question's.
///
/// Threads  nearest() from any number at once.
class vector_search {
 public:
  vector_search() = default;
  virtual ~vector_search() = default;
  vector_search(const vector_search&) = delete;
  vector_search& operator=(const vector_search&) = delete;

  /// At most `limit` passages of positive cosine with the question.
  [[nodiscard]] virtual ranking nearest(std::span<const float> question, std::size_t limit) = 0;
};

}  // namespace rag_chatbot
