#include <rag_chatbot/retrieval/retriever.hpp>

#include <rag_chatbot/retrieval/answer.hpp>
#include <rag_chatbot/retrieval/stage_duration.hpp>
#include <rag_chatbot/retrieval/stage_timer.hpp>
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

querytap::histogram stage(querytap::recorder& recorder, const char* name, const char* strategy) {
  return recorder.bind_histogram(stage_duration,
                                 {{"rag_chatbot.stage", name}, {"rag_chatbot.strategy", strategy}});
}

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

retriever::retriever(querytap::recorder& recorder, store& library, const embedder& embed)
    : library_{library},
      embedder_{embed},
      index_{embed.dimensions()},
      time_{recorder.time()},
      embed_time_{stage(recorder, "embed", "vector")},
      word_search_time_{stage(recorder, "retrieve", "fulltext")},
      vector_search_time_{stage(recorder, "retrieve", "vector")},
      merge_time_{stage(recorder, "merge", "reciprocal_rank")},
      generate_time_{stage(recorder, "generate", "extractive")} {
  library.for_each_vector(
      [&](passage_id id, std::span<const float> vector) { index_.add(id, vector); });
}

std::vector<found_passage> retriever::search(std::string_view question, std::size_t most_pages) {
  const std::array rankings{by_words(question), by_vector(question)};

  const stage_timer timer{time_, merge_time_};
  auto best = fuse_by_rank(rankings);
  if (best.size() > fetched_passages) best.resize(fetched_passages);

  auto found = fetch(best);
  leave_best_of_each_page(found);
  if (found.size() > most_pages) found.resize(most_pages);
  return found;
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

std::string retriever::compose(const std::vector<stored_passage>& passages,
                               std::string_view question) const {
  const stage_timer timer{time_, generate_time_};
  return answer_from(passages, question);
}

ranking retriever::by_words(std::string_view question) {
  const stage_timer timer{time_, word_search_time_};
  const auto words = search_words_of(question);
  return words.empty() ? ranking{} : library_.search_words(words, candidates_per_strategy);
}

ranking retriever::by_vector(std::string_view question) const {
  embedding vector;
  {
    const stage_timer timer{time_, embed_time_};
    vector = embedder_.embed(question);
  }
  const stage_timer timer{time_, vector_search_time_};
  return index_.nearest(vector, candidates_per_strategy);
}

}  // namespace rag_chatbot
