#pragma once

#include <rag_chatbot/store/conversation.hpp>

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

namespace rag_chatbot {

/// Stores conversations.
///
/// Threads  all functions from any number at once.
/// Errors   those of the database's client.
class history {
 public:
  history() = default;
  virtual ~history() = default;
  history(const history&) = delete;
  history& operator=(const history&) = delete;

  /// Oldest first; empty for an unknown conversation.
  [[nodiscard]] virtual std::vector<message> last_messages(conversation_id conversation,
                                                           std::size_t limit) = 0;
  /// Begins a conversation if none is given. Stores both messages or neither.
  virtual conversation_id add_exchange(std::optional<conversation_id> conversation,
                                       std::string_view question, std::string_view answer) = 0;
};

}  // namespace rag_chatbot
