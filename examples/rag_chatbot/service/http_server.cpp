#include <rag_chatbot/service/http_server.hpp>

#include <fmt/format.h>
#include <httplib.h>

#include <stdexcept>
#include <thread>

namespace rag_chatbot {
namespace {

constexpr auto json_type = "application/json";
/// A question of 4 KiB with every byte written as \u00XX, and the rest of the object.
constexpr std::size_t most_body_bytes = std::size_t{32} << 10;

void send(httplib::Response& response, const chat_reply& reply) {
  response.status = reply.status;
  response.set_content(reply.body, json_type);
}

/// Instead of httplib's own SO_REUSEPORT, by which a second service on the same port would get every
/// other question. Now the second service fails to bind.
void allow_quick_restart(socket_t socket) {
  const int yes = 1;
  ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
}

void refuse_method(const httplib::Request&, httplib::Response& response) {
  response.set_header("Allow", "POST");
  send(response, error_reply(405, "use POST /chat"));
}

std::string_view reason_for(int status) {
  switch (status) {
    case 404: return "there is nothing here but POST /chat";
    case 413: return "the body is longer than any question may be";
    case 414: return "the address is too long";
    default: return "this is not a request that the service understands";
  }
}

/// Errors of the library have no body; those of the service have one already.
void explain_error(const httplib::Request&, httplib::Response& response) {
  if (response.body.empty())
    send(response, error_reply(response.status, reason_for(response.status)));
}

}  // namespace

class http_server::implementation {
 public:
  implementation(const http_server_options& options, chat_handler chat)
      : listening_{options.listen} {
    configure(options.threads);
    route(std::move(chat));
    bind();
    thread_ = std::jthread{[this] { server_.listen_after_bind(); }};
    // Before that, stop() has no effect, and the thread would never end.
    while (!server_.is_running()) std::this_thread::yield();
  }
  ~implementation() { server_.stop(); }

  [[nodiscard]] const address& listening() const { return listening_; }

 private:
  void configure(std::size_t threads) {
    server_.new_task_queue = [threads] { return new httplib::ThreadPool{threads}; };
    server_.set_socket_options(allow_quick_restart);
    server_.set_tcp_nodelay(true);
    server_.set_keep_alive_max_count(100'000);
    server_.set_keep_alive_timeout(1);  // seconds; shutting down waits as long
    server_.set_payload_max_length(most_body_bytes);
  }

  void route(chat_handler chat) {
    server_.Post("/chat", [chat = std::move(chat)](const auto& request, auto& response) {
      send(response, chat(request.body));
    });
    server_.Get("/chat", refuse_method);
    server_.Put("/chat", refuse_method);
    server_.Patch("/chat", refuse_method);
    server_.Delete("/chat", refuse_method);
    server_.set_error_handler(explain_error);
  }

  void bind() {
    if (listening_.port == 0) {
      const int port = server_.bind_to_any_port(listening_.host);
      if (port > 0) listening_.port = static_cast<std::uint16_t>(port);
    } else if (!server_.bind_to_port(listening_.host, listening_.port)) {
      throw std::runtime_error{fmt::format("cannot listen on {}", to_string(listening_))};
    }
    if (listening_.port == 0) {
      throw std::runtime_error{fmt::format("cannot listen on {}", listening_.host)};
    }
  }

  address listening_;
  httplib::Server server_;
  std::jthread thread_;  // last: joined before the server is destroyed
};

http_server::http_server(const http_server_options& options, chat_handler chat)
    : implementation_{std::make_unique<implementation>(options, std::move(chat))} {}

http_server::~http_server() = default;

address http_server::listening() const { return implementation_->listening(); }

}  // namespace rag_chatbot
