#pragma once

#include <querytap/calls/retrieval/rag_request.hpp>
#include <querytap/recording/counters_by.hpp>
#include <querytap/recording/recorder.hpp>

#include <rag_chatbot/retrieval/answerer.hpp>
#include <rag_chatbot/retrieval/retriever.hpp>
#include <rag_chatbot/service/answer_cache.hpp>
#include <rag_chatbot/service/chat_request.hpp>
#include <rag_chatbot/store/store.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace rag_chatbot {

/// What a chat consists of.
struct chat_parts {
  store& library;
  history& memory;
  retriever& search;
  answerer& author;
  answer_cache* cache = nullptr;  ///< null: every answer is made anew
};

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
  explicit chat_service(querytap::recorder& recorder, const chat_parts& parts);

  [[nodiscard]] chat_reply handle(std::string_view body);

 private:
  [[nodiscard]] chat_reply answer(querytap::rag_request& request, const chat_request& asked);
  [[nodiscard]] std::string search_text_for(const chat_request& asked);
  struct made_answer {
    std::string reply;              ///< {"answer": …, "citations": […], "sections": […]}
    std::optional<double> dollars;  ///< that it cost; nothing for one that was known already
  };
  [[nodiscard]] made_answer find_or_make_answer(querytap::rag_request& request,
                                                const std::string& search_text,
                                                const chat_request& asked);
  [[nodiscard]] made_answer make_answer(querytap::rag_request& request,
                                        const std::string& search_text, const chat_request& asked);

  const chat_parts parts_;
  querytap::rag_pipeline pipeline_;
  querytap::hit_ratio cached_;
};

}  // namespace rag_chatbot
