// Stream an answer of a model, and read what it took. The endpoint here is a stand-in; any OpenAI-compatible one
// will do.
//
//     $ build/examples/11_model_endpoint
//     Nineteen lines, and no prompt in any metric.
//     chat gpt-4o-mini: 100 tokens in, 40 of them cached, 20 out, $0.000024
//     first chunk after 21.3 ms
//     left of the requests of this minute: 125 of 500
//     a model that is not there: chat gpt-5-nano: model_not_found (404)

#include <querytap/calls/models/price_table.hpp>
#include <querytap/decorators/llm.hpp>
#include <querytap/querytap.hpp>

#include <httplib.h>

#include <chrono>
#include <cstdio>
#include <string>
#include <thread>

namespace {

using namespace std::chrono_literals;

// Says the same to everybody, word by word.
class stand_in {
 public:
  stand_in() {
    server_.Post(
        "/v1/chat/completions", [](const httplib::Request& request, httplib::Response& reply) {
          if (request.body.find("\"gpt-4o-mini\"") == std::string::npos) {
            reply.status = 404;
            reply.set_content(R"({"error":{"message":"no such model","code":"model_not_found"}})",
                              "application/json");
            return;
          }
          reply.set_header("x-ratelimit-limit-requests", "500");
          reply.set_header("x-ratelimit-remaining-requests", "125");
          reply.set_chunked_content_provider(
              "text/event-stream", [](std::size_t, httplib::DataSink& sink) {
                for (const char* words : {"Nineteen lines,", " and no prompt", " in any metric."}) {
                  std::this_thread::sleep_for(20ms);
                  send(sink, std::string{R"([{"index":0,"delta":{"content":")"} + words +
                                 R"("}}],"usage":null)");
                }
                send(sink, R"([{"index":0,"delta":{},"finish_reason":"stop"}],"usage":null)");
                send(sink, R"([],"usage":{"prompt_tokens":100,"completion_tokens":20,)"
                           R"("prompt_tokens_details":{"cached_tokens":40}})");
                sink.write("data: [DONE]\n\n", 14);
                sink.done();
                return true;
              });
        });
    port_ = server_.bind_to_any_port("127.0.0.1");
    thread_ = std::thread{[this] { server_.listen_after_bind(); }};
  }
  ~stand_in() {
    server_.stop();
    thread_.join();
  }
  [[nodiscard]] std::string url() const {
    return "http://127.0.0.1:" + std::to_string(port_) + "/v1";
  }

 private:
  static void send(httplib::DataSink& sink, const std::string& choices) {
    const std::string event =
        R"(data: {"model":"gpt-4o-mini-2024-07-18","choices":)" + choices + "}\n\n";
    sink.write(event.data(), event.size());
  }

  httplib::Server server_;
  int port_ = 0;
  std::thread thread_;
};

}  // namespace

int main() {
  const stand_in endpoint;
  querytap::recorder recorder{{.service_name = "chatbot"}};
  querytap::price_table prices;
  using querytap::money;
  prices.add({.model = "gpt-4o-mini",  // dollars for a million tokens, in billionths
              .prices = {.input = money{150'000'000},
                         .output = money{600'000'000},
                         .cached = money{75'000'000}}});
  const querytap::llm::client models{
      recorder, {.url = endpoint.url(), .provider = "openai", .prices = &prices}};

  querytap::llm::chat_request question{.model = "gpt-4o-mini",
                                       .messages = {{"user", "How long is this example?"}}};
  const auto answer = models.chat(question, [](const querytap::llm::delta& piece) {
    std::printf("%.*s", static_cast<int>(piece.text.size()), piece.text.data());
    return true;  // false ends the call
  });
  std::printf("\nchat gpt-4o-mini: %llu tokens in, %llu of them cached, %llu out, $%.6f\n",
              static_cast<unsigned long long>(*answer.usage.input),
              static_cast<unsigned long long>(*answer.usage.cached),
              static_cast<unsigned long long>(*answer.usage.output),
              answer.cost.amount.in_dollars());
  for (const auto& point : recorder.collect().find("gen_ai.client.operation.time_to_first_chunk")) {
    std::printf("first chunk after %s\n",
                querytap::human_duration(
                    std::chrono::nanoseconds{static_cast<std::int64_t>(point.histogram->max())})
                    .c_str());
  }
  std::printf("left of the requests of this minute: %llu of %llu\n",
              static_cast<unsigned long long>(*answer.limits.requests().remaining),
              static_cast<unsigned long long>(*answer.limits.requests().limit));

  question.model = "gpt-5-nano";
  try {
    (void)models.chat(question);
  } catch (const querytap::llm::error& error) {
    std::printf("a model that is not there: %s\n", error.what());
  }
}
