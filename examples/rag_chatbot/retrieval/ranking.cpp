#include <rag_chatbot/retrieval/ranking.hpp>

#include <algorithm>
#include <unordered_map>

namespace rag_chatbot {

ranking fuse_by_rank(std::span<const ranking> rankings) {
  // Cormack, Clarke and Büttcher (2009): large enough that one first place does not beat two third
  // places.
  constexpr double smoothing = 60;

  ranking fused;
  std::unordered_map<passage_id, std::size_t> place_of;
  for (const auto& ranked : rankings) {
    for (std::size_t rank = 0; rank < ranked.size(); ++rank) {
      const auto [known, is_new] = place_of.try_emplace(ranked[rank].id, fused.size());
      if (is_new) fused.push_back({ranked[rank].id, 0});
      fused[known->second].score += 1 / (smoothing + static_cast<double>(rank + 1));
    }
  }
  std::stable_sort(fused.begin(), fused.end(),
                   [](const auto& a, const auto& b) { return a.score > b.score; });
  return fused;
}

}  // namespace rag_chatbot
