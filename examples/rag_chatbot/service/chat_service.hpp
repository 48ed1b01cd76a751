#pragma once

#include <querytap/recording/recorder.hpp>

#include <rag_chatbot/retrieval/retriever.hpp>
#include <rag_chatbot/service/chat_request.hpp>
#include <rag_chatbot/store/store.hpp>

#include <string>
#include <string_view>

namespace rag_chatbot {

/// An HTTP status and a JSON body.
struct chat_reply {
  int status;
  std::string body;
};

/// {"error": message}, the shape of every reply that is not an answer.
[[nodiscard]] chat_reply error_reply(int status, std::string_view message);

/// POST /chat without the HTTP: from the body of a request to a reply. A refused request writes
/// nothing.
///
/// Threads  handle() from any number at once.
class chat_service {
 public:
  chat_service(querytap::recorder& recorder, store& memory, retriever& library)
      : recorder_{recorder}, memory_{memory}, library_{library} {}

  [[nodiscard]] chat_reply handle(std::string_view body);

 private:
  [[nodiscard]] chat_reply answer(const chat_request& asked);
  [[nodiscard]] std::string search_text_for(const chat_request& asked);

  querytap::recorder& recorder_;
  store& memory_;
  retriever& library_;
};

}  // namespace rag_chatbot
