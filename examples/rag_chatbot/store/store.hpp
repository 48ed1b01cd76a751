#pragma once

#include <rag_chatbot/retrieval/embedder.hpp>
#include <rag_chatbot/retrieval/ranking.hpp>
#include <rag_chatbot/store/conversation.hpp>
#include <rag_chatbot/store/stored_passage.hpp>

#include <functional>
#include <optional>
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

/// Fewer than the service has threads: a database is rarely quicker with more, and the pool's
/// metrics show what the threads wait.
inline constexpr std::size_t most_connections = 4;

/// Where documents, passages, vectors and conversations are kept: one interface, a database behind
/// it.
///
/// Threads  all functions from any number at once; each borrows a connection from a pool.
/// Errors   those of the database's client, and querytap::pool_timeout when no connection is free.
class store {
 public:
  using visit_vector = std::function<void(passage_id, std::span<const float>)>;

  store() = default;
  virtual ~store() = default;
  store(const store&) = delete;
  store& operator=(const store&) = delete;

  /// Of the corpus that is stored; empty if there is none.
  [[nodiscard]] virtual std::string corpus_fingerprint() = 0;
  /// All or nothing: readers see the old corpus until the new one is complete.
  virtual void replace_corpus(std::span<const document_to_store> documents,
                              std::string_view fingerprint) = 0;
  virtual void for_each_vector(const visit_vector& visit) = 0;

  /// The passages that have any of the words, those with more and rarer ones first.
  [[nodiscard]] virtual ranking search_words(std::span<const std::string> words,
                                             std::size_t limit) = 0;
  /// In no particular order; ids that are not stored (any more) are left out.
  [[nodiscard]] virtual std::vector<stored_passage> passages(std::span<const passage_id> ids) = 0;

  /// The sections of the page that a passage is of, in the order of the page.
  [[nodiscard]] virtual std::vector<std::string> sections_beside(passage_id of) = 0;

  /// Oldest first; empty if there is no such conversation.
  [[nodiscard]] virtual std::vector<message> last_messages(conversation_id conversation,
                                                           std::size_t limit) = 0;
  /// Begins a conversation if none is given. Both messages are stored, or none.
  virtual conversation_id add_exchange(std::optional<conversation_id> conversation,
                                       std::string_view question, std::string_view answer) = 0;
};

}  // namespace rag_chatbot
