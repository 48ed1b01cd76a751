#pragma once

#include <rag_chatbot/service/address.hpp>
#include <rag_chatbot/store/conversation.hpp>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace rag_chatbot {

struct chat_answer {
  int status = 0;  ///< of HTTP; 0 if there was no reply
  std::optional<conversation_id> conversation;
  std::vector<std::string> cited_pages;  ///< best first
};

/// Asks the service over HTTP, as any client would, on one persistent connection.
///
/// Threads  one at a time.
class chat_client {
 public:
  explicit chat_client(const address& service);
  ~chat_client();

  [[nodiscard]] chat_answer ask(std::optional<conversation_id> conversation,
                                const std::string& question);
  /// Status and body of the reply to any request, unparsed; status 0 without a reply.
  [[nodiscard]] std::pair<int, std::string> send(const std::string& method, const std::string& path,
                                                 const std::string& body);

 private:
  class implementation;
  std::unique_ptr<implementation> implementation_;
};

}  // namespace rag_chatbot
