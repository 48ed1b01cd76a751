#pragma once

#include <rag_chatbot/service/address.hpp>
#include <rag_chatbot/service/chat_service.hpp>

#include <functional>
#include <memory>
#include <string>

namespace rag_chatbot {

struct http_server_options {
  address listen{"127.0.0.1", 8080};
  /// A client with a persistent connection occupies a thread.
  std::size_t threads = 16;
};

/// Serves POST /chat, from construction to destruction. Anything else gets a 4xx with
/// {"error": …}, as does a body longer than that of any question.
///
/// Errors   std::runtime_error at construction if the address cannot be bound.
class http_server {
 public:
  using chat_handler = std::function<chat_reply(std::string_view body)>;

  http_server(const http_server_options& options, chat_handler chat);
  ~http_server();
  http_server(const http_server&) = delete;
  http_server& operator=(const http_server&) = delete;

  /// With the port that was bound, where 0 was asked for.
  [[nodiscard]] address listening() const;

 private:
  class implementation;
  std::unique_ptr<implementation> implementation_;
};

}  // namespace rag_chatbot
