#pragma once

#include <querytap/calls/retrieval/rag_request.hpp>
#include <querytap/calls/retrieval/retrieval_quality.hpp>
#include <querytap/recording/recorder.hpp>

#include <rag_chatbot/retrieval/embedder.hpp>
#include <rag_chatbot/retrieval/vector_search.hpp>
#include <rag_chatbot/store/store.hpp>

#include <string_view>
#include <vector>

namespace rag_chatbot {

struct found_passage {
  stored_passage passage;
  double score;
};

/// Finds the passages that answer a question: by words in the database, by vectors, merged by rank. Each
/// step is a stage of the request that the question is.
///
/// Threads  search() from any number at once.
class retriever {
 public:
  retriever(querytap::recorder& recorder, store& library, const embedder& embed,
            vector_search& vectors);

  /// The best passage of each page, at most `most_pages` of them, best first.
  [[nodiscard]] std::vector<found_passage> search(querytap::rag_request& request,
                                                  std::string_view question,
                                                  std::size_t most_pages);

 private:
  [[nodiscard]] ranking by_words(querytap::rag_request& request, std::string_view question);
  [[nodiscard]] ranking by_vector(querytap::rag_request& request, std::string_view question);
  void measure(std::string_view question, std::size_t asked,
               const std::vector<found_passage>& found) const;
  [[nodiscard]] std::vector<found_passage> fetch(const ranking& best);

  store& library_;
  const embedder& embedder_;
  vector_search& vectors_;
  querytap::retrieval_quality quality_;
};

}  // namespace rag_chatbot
