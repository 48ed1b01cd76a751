#include <rag_chatbot/retrieval/hashed_embedder.hpp>

#include <rag_chatbot/retrieval/hash.hpp>
#include <rag_chatbot/retrieval/words.hpp>

#include <fmt/format.h>

#include <cmath>

namespace rag_chatbot {
namespace {

using word_counts = std::unordered_map<std::uint64_t, std::uint32_t>;

word_counts count_words(std::string_view text) {
  word_counts counts;
  for (const auto& word : significant_words_of(text)) ++counts[hash_of(stem(word))];
  return counts;
}

// FNV-1a mixes its low bits well and its high bits badly; dimension and sign need both.
std::uint64_t mixed(std::uint64_t hash) {
  hash = (hash ^ (hash >> 32)) * 0xD6E8FEB86659FD93ULL;
  return hash ^ (hash >> 32);
}

void scale_to_unit_length(embedding& vector) {
  double squares = 0;
  for (const float value : vector) squares += double{value} * double{value};
  if (squares == 0) return;
  const auto factor = static_cast<float>(1 / std::sqrt(squares));
  for (float& value : vector) value *= factor;
}

}  // namespace

hashed_embedder::hashed_embedder(std::size_t dimensions, std::span<const std::string> corpus)
    : dimensions_{dimensions}, texts_{corpus.size()} {
  for (const auto& text : corpus) {
    for (const auto& [word, count] : count_words(text)) ++texts_with_word_[word];
  }
}

std::string hashed_embedder::name() const { return fmt::format("hashed-tf-idf-{}", dimensions_); }

embedding hashed_embedder::embed(std::string_view text) const {
  embedding vector(dimensions_);
  for (const auto& [word, count] : count_words(text)) {
    const std::uint64_t place = mixed(word);
    const float weight = (1 + std::log(static_cast<float>(count))) * rarity(word);
    vector[place % dimensions_] += (place >> 63) != 0 ? -weight : weight;
  }
  scale_to_unit_length(vector);
  return vector;
}

float hashed_embedder::rarity(std::uint64_t word) const {
  const auto known = texts_with_word_.find(word);
  const auto having = known == texts_with_word_.end() ? 0U : known->second;
  return std::log(static_cast<float>(texts_ + 1) / static_cast<float>(having + 1)) + 1;
}

}  // namespace rag_chatbot
