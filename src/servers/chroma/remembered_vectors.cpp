#include "remembered_vectors.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

namespace querytap::detail {
namespace {

constexpr std::int64_t most_vectors_remembered = 4;

double squared_length(const std::vector<float>& vector) {
  double sum = 0;
  for (const float value : vector) sum += static_cast<double>(value) * static_cast<double>(value);
  return sum;
}

}  // namespace

bool is_same_vector(double distance, const std::vector<float>& vector, std::string_view space) {
  constexpr double rounding = 1e-5;
  const double scale = space == "cosine" ? 1 : 1 + squared_length(vector);
  return std::abs(distance) <= rounding * scale;
}

// A vector without length has no neighbour by cosine, and says nothing.
void remembered_vectors::fill(const chroma_session& session, const chroma_collection& collection,
                              std::int64_t records) {
  const std::int64_t wanted = std::min(records, most_vectors_remembered);
  for (std::int64_t i = static_cast<std::int64_t>(vectors_.size()); i < wanted; ++i) {
    const std::int64_t offset = (i * records / wanted + looks_) % records;
    auto found = session.stored(collection, offset);
    if (!found || squared_length(found->values) <= 0) continue;
    if (std::ranges::count(vectors_, found->id, &chroma_vector::id) == 0) {
      vectors_.push_back(std::move(*found));
    }
  }
  ++looks_;
}

bool remembered_vectors::is_found(const chroma_session& session,
                                  const chroma_collection& collection, const chroma_vector& vector,
                                  search_result& result) {
  const auto start = std::chrono::steady_clock::now();
  const auto nearest = session.nearest(collection, vector.values);
  result.slowest =
      std::max<std::chrono::nanoseconds>(result.slowest, std::chrono::steady_clock::now() - start);
  if (collection.space == "ip") return nearest.has_value();
  if (!nearest || !nearest->distance) return false;
  // Another record may have the same values.
  if (is_same_vector(*nearest->distance, vector.values, collection.space)) return true;
  result.farthest = std::max(result.farthest, *nearest->distance);
  return false;
}

void remembered_vectors::look(const chroma_session& session, const chroma_collection& collection,
                              search_result& result) {
  result.records = session.count(collection);
  if (collection_ != collection.id) vectors_.clear();
  collection_ = collection.id;
  if (result.records == 0) {
    vectors_.clear();
    return;
  }
  const std::size_t remembered = vectors_.size();
  fill(session, collection, result.records);
  std::vector<chroma_vector> still_stored;
  for (std::size_t i = 0; i < vectors_.size(); ++i) {
    chroma_vector& vector = vectors_[i];
    const bool is_as_stored = is_found(session, collection, vector, result);
    auto stored = is_as_stored ? std::nullopt : session.stored(collection, vector.id);
    if (!is_as_stored && !stored) continue;  // deleted meanwhile
    ++result.searched;
    if (i < remembered) ++result.remembered;
    if (stored) {
      const bool is_changed = stored->values != vector.values;
      if (is_changed) ++result.changed;
      if (!is_changed || !is_found(session, collection, *stored, result)) ++result.not_found;
      vector = std::move(*stored);
    }
    still_stored.push_back(std::move(vector));
  }
  vectors_ = std::move(still_stored);
}

}  // namespace querytap::detail
