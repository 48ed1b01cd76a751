#pragma once

#include <querytap/recording/recorder.hpp>

#include <rag_chatbot/retrieval/embedder.hpp>
#include <rag_chatbot/retrieval/vector_index.hpp>
#include <rag_chatbot/store/store.hpp>

#include <string_view>
#include <vector>

namespace rag_chatbot {

struct found_passage {
  stored_passage passage;
  double score;
};

/// Finds the passages that answer a question: by words in the database, by vectors in memory,
/// merged by rank. The duration of each stage is recorded as rag_chatbot.stage.duration.
///
/// Threads  search() and compose() from any number at once.
class retriever {
 public:
  /// Reads all vectors of the store.
  retriever(querytap::recorder& recorder, store& library, const embedder& embed);

  /// The best passage of each page, at most `most_pages` of them, best first.
  [[nodiscard]] std::vector<found_passage> search(std::string_view question,
                                                  std::size_t most_pages);
  [[nodiscard]] std::string compose(const std::vector<stored_passage>& passages,
                                    std::string_view question) const;

 private:
  [[nodiscard]] ranking by_words(std::string_view question);
  [[nodiscard]] ranking by_vector(std::string_view question) const;
  [[nodiscard]] std::vector<found_passage> fetch(const ranking& best);

  store& library_;
  const embedder& embedder_;
  vector_index index_;
  const querytap::clock& time_;
  querytap::histogram embed_time_;
  querytap::histogram word_search_time_;
  querytap::histogram vector_search_time_;
  querytap::histogram merge_time_;
  querytap::histogram generate_time_;
};

}  // namespace rag_chatbot
