#include <rag_chatbot/retrieval/retriever.hpp>

#include <querytap/calls/detail/parameter_digest.hpp>

#include <rag_chatbot/retrieval/words.hpp>

#include <algorithm>
#include <array>
#include <set>
#include <unordered_map>

namespace rag_chatbot {
namespace {

/// Deep enough that a passage in the middle of both rankings can become the best of the merged one.
constexpr std::size_t candidates_per_strategy = 50;
/// More than the pages asked for, because several passages may belong to one page.
constexpr std::size_t fetched_passages = 25;
/// A question of a thousand words would make the database rank every passage.
constexpr std::size_t most_search_words = 32;

std::vector<std::string> search_words_of(std::string_view question) {
  std::vector<std::string> words;
  for (auto& word : significant_words_of(question)) {
    const bool is_new = std::find(words.begin(), words.end(), word) == words.end();
    if (is_new && words.size() < most_search_words) words.push_back(std::move(word));
  }
  return words;
}

void leave_best_of_each_page(std::vector<found_passage>& best_first) {
  std::set<std::string> seen;
  std::erase_if(best_first, [&](const found_passage& found) {
    return !seen.insert(found.passage.page).second;
  });
}

}  // namespace

retriever::retriever(querytap::recorder& recorder, store& library, const embedder& embed,
                     vector_search& vectors)
    : library_{library},
      embedder_{embed},
      vectors_{vectors},
      quality_{recorder, {.strategy = "merged"}} {}

std::vector<found_passage> retriever::search(querytap::rag_request& request,
                                             std::string_view question, std::size_t most_pages) {
  const std::array rankings{by_words(request, question), by_vector(request, question)};

  querytap::stage_timer merging = request.begin(querytap::rag_stage::merge, "reciprocal_rank");
  auto best = fuse_by_rank(rankings);
  if (best.size() > fetched_passages) best.resize(fetched_passages);

  auto found = fetch(best);
  leave_best_of_each_page(found);
  if (found.size() > most_pages) found.resize(most_pages);
  merging.results(found.size());
  measure(question, most_pages, found);
  return found;
}

// By hashes: neither the question nor a passage is kept.
void retriever::measure(std::string_view question, std::size_t asked,
                        const std::vector<found_passage>& found) const {
  std::vector<double> distances;
  std::vector<std::uint64_t> passages;
  for (const found_passage& each : found) {
    querytap::parameter_digest text;
    text.add(std::string_view{each.passage.body});
    passages.push_back(text.hash());
    distances.push_back(1 - each.score);
  }
  querytap::parameter_digest asked_text;
  asked_text.add(question);
  quality_.record({.asked = asked,
                   .returned = found.size(),
                   .distances = distances,
                   .passages = passages,
                   .question = asked_text.hash()});
}

std::vector<found_passage> retriever::fetch(const ranking& best) {
  std::vector<passage_id> ids;
  std::unordered_map<passage_id, double> score_of;
  for (const auto& [id, score] : best) {
    ids.push_back(id);
    score_of.emplace(id, score);
  }
  std::vector<found_passage> found;
  for (auto& passage : library_.passages(ids)) {
    const double score = score_of.at(passage.id);
    found.push_back({std::move(passage), score});
  }
  std::sort(found.begin(), found.end(), [](const found_passage& a, const found_passage& b) {
    return a.score != b.score ? a.score > b.score : a.passage.id < b.passage.id;
  });
  return found;
}

ranking retriever::by_words(querytap::rag_request& request, std::string_view question) {
  querytap::stage_timer search = request.begin(querytap::rag_stage::retrieve, "fulltext");
  const auto words = search_words_of(question);
  ranking found = words.empty() ? ranking{} : library_.search_words(words, candidates_per_strategy);
  search.results(found.size());
  return found;
}

ranking retriever::by_vector(querytap::rag_request& request, std::string_view question) {
  querytap::stage_timer embedding_question = request.begin(querytap::rag_stage::embed);
  const embedding vector = embedder_.embed(question);
  embedding_question.finish();
  querytap::stage_timer search = request.begin(querytap::rag_stage::retrieve, "vector");
  ranking found = vectors_.nearest(vector, candidates_per_strategy);
  search.results(found.size());
  return found;
}

}  // namespace rag_chatbot
