#pragma once

#include <rag_chatbot/store/conversation.hpp>

#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

namespace rag_chatbot {

inline constexpr std::size_t most_question_bytes = 4096;

/// The client is at fault: `status` is the HTTP status, the message addresses the author of the
/// client.
class refused_request : public std::runtime_error {
 public:
  refused_request(int status, const std::string& message)
      : std::runtime_error{message}, status_{status} {}

  [[nodiscard]] int status() const noexcept { return status_; }

 private:
  int status_;
};

struct chat_request {
  std::optional<conversation_id> conversation;
  std::string question;
  std::string tenant = "default";  ///< who pays for the answer
};

/// Reads {"conversation": 7, "question": "…", "tenant": "…"}; without a conversation a new one begins, and without
/// a tenant it is "default". Throws refused_request for everything else.
[[nodiscard]] chat_request parse_chat_request(std::string_view body);

[[nodiscard]] refused_request unknown_conversation(std::string_view id);

}  // namespace rag_chatbot
