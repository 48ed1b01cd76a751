#pragma once

#include <rag_chatbot/retrieval/embedder.hpp>

#include <cstdint>
#include <span>
#include <unordered_map>

namespace rag_chatbot {

/// TF-IDF over hashed words: the hash of a word gives its dimension and sign, and a word weighs the
/// more, the fewer texts of the corpus have it. Deterministic, local, without a model: it compares
/// words, not meaning.
class hashed_embedder final : public embedder {
 public:
  hashed_embedder(std::size_t dimensions, std::span<const std::string> corpus);

  [[nodiscard]] std::string name() const override;
  [[nodiscard]] std::size_t dimensions() const override { return dimensions_; }
  [[nodiscard]] embedding embed(std::string_view text) const override;

 private:
  [[nodiscard]] float rarity(std::uint64_t word) const;

  std::size_t dimensions_;
  std::size_t texts_;
  std::unordered_map<std::uint64_t, std::uint32_t> texts_with_word_;
};

}  // namespace rag_chatbot
