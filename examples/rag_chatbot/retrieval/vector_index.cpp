#include <rag_chatbot/retrieval/vector_index.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <stdexcept>

namespace rag_chatbot {
namespace {

/// Several sums side by side: the compiler may not reorder one running sum, and so cannot vectorise it.
float dot_product(const float* a, const float* b, std::size_t size) {
  std::array<float, 16> sums{};
  std::size_t i = 0;
  for (; i + sums.size() <= size; i += sums.size()) {
    for (std::size_t lane = 0; lane < sums.size(); ++lane) sums[lane] += a[i + lane] * b[i + lane];
  }
  float total = 0;
  for (const float sum : sums) total += sum;
  for (; i < size; ++i) total += a[i] * b[i];
  return total;
}

}  // namespace

void vector_index::add(passage_id id, std::span<const float> vector) {
  if (vector.size() != dimensions_) {
    throw std::invalid_argument{fmt::format("passage {} has a vector of {} dimensions, not {}", id,
                                            vector.size(), dimensions_)};
  }
  ids_.push_back(id);
  values_.insert(values_.end(), vector.begin(), vector.end());
}

ranking vector_index::nearest(std::span<const float> question, std::size_t limit) {
  ranking near;
  near.reserve(ids_.size());
  for (std::size_t i = 0; i < ids_.size(); ++i) {
    const float cosine = dot_product(question.data(), &values_[i * dimensions_], dimensions_);
    if (cosine > 0) near.push_back({ids_[i], cosine});
  }
  const auto best = near.begin() + static_cast<std::ptrdiff_t>(std::min(limit, near.size()));
  std::partial_sort(near.begin(), best, near.end(), [](const auto& a, const auto& b) {
    return a.score != b.score ? a.score > b.score : a.id < b.id;
  });
  near.erase(best, near.end());
  return near;
}

}  // namespace rag_chatbot
