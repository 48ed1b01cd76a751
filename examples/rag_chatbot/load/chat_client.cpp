#include <rag_chatbot/load/chat_client.hpp>

#include <httplib.h>
#include <nlohmann/json.hpp>

namespace rag_chatbot {
namespace {

using nlohmann::json;

chat_answer parse_answer(const std::string& body) {
  const auto reply = json::parse(body);
  chat_answer answer{200, reply.at("conversation").get<conversation_id>(), {}};
  for (const auto& citation : reply.at("citations")) {
    answer.cited_pages.push_back(citation.at("page").get<std::string>());
  }
  return answer;
}

/// A reply that cannot be parsed counts as no reply.
chat_answer read_answer(int status, const std::string& body) {
  if (status != 200) return {status, std::nullopt, {}};
  try {
    return parse_answer(body);
  } catch (const json::exception&) {
    return {};
  }
}

}  // namespace

class chat_client::implementation {
 public:
  explicit implementation(const address& service) : client_{service.host, service.port} {
    client_.set_keep_alive(true);
    client_.set_tcp_nodelay(true);
    client_.set_read_timeout(std::chrono::seconds{30});
  }

  [[nodiscard]] std::pair<int, std::string> send(const std::string& method, const std::string& path,
                                                 const std::string& body) {
    httplib::Request request;
    request.method = method;
    request.path = path;
    request.body = body;
    request.set_header("Content-Type", "application/json");
    const auto result = client_.send(request);
    return result ? std::pair{result->status, result->body} : std::pair{0, std::string{}};
  }

 private:
  httplib::Client client_;
};

chat_client::chat_client(const address& service)
    : implementation_{std::make_unique<implementation>(service)} {}

chat_client::~chat_client() = default;

std::pair<int, std::string> chat_client::send(const std::string& method, const std::string& path,
                                              const std::string& body) {
  return implementation_->send(method, path, body);
}

chat_answer chat_client::ask(std::optional<conversation_id> conversation,
                             const std::string& question) {
  json request{{"question", question}};
  if (conversation) request["conversation"] = *conversation;
  const auto [status, body] = send("POST", "/chat", request.dump());
  return read_answer(status, body);
}

}  // namespace rag_chatbot
