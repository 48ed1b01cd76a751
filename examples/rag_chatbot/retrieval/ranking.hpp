#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace rag_chatbot {

using passage_id = std::int64_t;

struct ranked_passage {
  passage_id id;
  double score;

  friend bool operator==(const ranked_passage&, const ranked_passage&) = default;
};

/// Best first.
using ranking = std::vector<ranked_passage>;

/// Reciprocal rank fusion: a passage scores 1 / (60 + rank) in each ranking that has it, so that
/// two strategies whose scores cannot be compared are merged by position alone. Passages with equal
/// scores are in the order of their first occurrence.
[[nodiscard]] ranking fuse_by_rank(std::span<const ranking> rankings);

}  // namespace rag_chatbot
