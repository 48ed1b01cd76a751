#pragma once

#include <rag_chatbot/retrieval/embedder.hpp>
#include <rag_chatbot/retrieval/ranking.hpp>
#include <rag_chatbot/store/history.hpp>
#include <rag_chatbot/store/stored_passage.hpp>

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace rag_chatbot {

struct passage_to_store {
  std::string section;
  std::string body;
  embedding vector;
};

struct document_to_store {
  std::string page;
  std::string heading;
  std::vector<passage_to_store> passages;
};

/// Fewer than the threads of the service: a database is rarely quicker with more, and the metrics of
/// the pool show how long the threads wait.
inline constexpr std::size_t most_connections = 4;

/// Stores documents, passages, vectors and conversations in a database.
///
/// Threads  all functions from any number at once; each borrows a connection from a pool.
/// Errors   those of the database's client, and querytap::pool_timeout when no connection is free.
class store : public history {
 public:
  using visit_vector = std::function<void(passage_id, std::span<const float>)>;

  /// Of the stored corpus; empty without one.
  [[nodiscard]] virtual std::string corpus_fingerprint() = 0;
  /// All or nothing: readers see the old corpus until the new one is complete.
  virtual void replace_corpus(std::span<const document_to_store> documents,
                              std::string_view fingerprint) = 0;
  virtual void for_each_vector(const visit_vector& visit) = 0;

  /// The passages that have any of the words, those with more and rarer ones first.
  [[nodiscard]] virtual ranking search_words(std::span<const std::string> words,
                                             std::size_t limit) = 0;
  /// In no particular order; unknown ids are left out.
  [[nodiscard]] virtual std::vector<stored_passage> passages(std::span<const passage_id> ids) = 0;

  /// The sections of the page of a passage, in the order of the page.
  [[nodiscard]] virtual std::vector<std::string> sections_beside(passage_id passage) = 0;
};

}  // namespace rag_chatbot
