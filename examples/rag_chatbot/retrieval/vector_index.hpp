#pragma once

#include <rag_chatbot/retrieval/embedder.hpp>
#include <rag_chatbot/retrieval/vector_search.hpp>

#include <span>

namespace rag_chatbot {

/// Exact nearest neighbours in memory: every vector is compared with that of the question. Adequate
/// up to some ten thousand passages; for more, an approximate index is worth its error.
///
/// Threads  nearest() from any number at once, after the last add().
class vector_index final : public vector_search {
 public:
  explicit vector_index(std::size_t dimensions) : dimensions_{dimensions} {}

  /// The vector has length 1; one of length 0 is never near. Throws std::invalid_argument for other
  /// dimensions.
  void add(passage_id id, std::span<const float> vector);
  [[nodiscard]] std::size_t size() const { return ids_.size(); }

  [[nodiscard]] ranking nearest(std::span<const float> question, std::size_t limit) override;

 private:
  std::size_t dimensions_;
  std::vector<passage_id> ids_;
  std::vector<float> values_;  // one vector after the other
};

}  // namespace rag_chatbot
