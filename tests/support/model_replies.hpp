#pragma once

#include <support/fault_server.hpp>

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace querytap::testing {

/// What a stand-in for the endpoint of a model says: faults for a fault_server, each a stream of events.
///
///     fault_server endpoint{{streamed({role_event(), text_event("Hel"), text_event("lo"), stop_event(),
///                                      usage_event(), done_event()})}};

[[nodiscard]] inline std::string chat_event(std::string_view delta,
                                            std::string_view reason = "null") {
  return R"(data: {"id":"c-1","object":"chat.completion.chunk","created":1,"model":"mini-2026-01-02",)"
         R"("choices":[{"index":0,"delta":)" +
         std::string{delta} + R"(,"finish_reason":)" + std::string{reason} +
         "}],\"usage\":null}\n\n";
}
[[nodiscard]] inline std::string role_event() {
  return chat_event(R"({"role":"assistant","content":"","refusal":null})");
}
/// `text` as JSON has it between its quotes.
[[nodiscard]] inline std::string text_event(std::string_view text) {
  return chat_event(R"({"content":")" + std::string{text} + "\"}");
}
[[nodiscard]] inline std::string stop_event() { return chat_event("{}", "\"stop\""); }
[[nodiscard]] inline std::string usage_event() {
  return "data: {\"model\":\"mini-2026-01-02\",\"choices\":[],\"usage\":{\"prompt_tokens\":100,"
         "\"completion_tokens\":20,\"total_tokens\":120,\"prompt_tokens_details\":"
         "{\"cached_tokens\":40}}}\n\n";
}
[[nodiscard]] inline std::string done_event() { return "data: [DONE]\n\n"; }

/// "By pipe(2).", in one piece, of 50 tokens in and 4 out.
[[nodiscard]] inline fault streamed_answer(const std::string& model) {
  const std::string begin = R"(data: {"model": ")" + model + R"(", "choices": [)";
  return reply(
      200, "Content-Type: text/event-stream\r\n",
      begin + R"({"index": 0, "delta": {"role": "assistant", "content": "By "}}]})" + "\n\n" +
          begin + R"({"index": 0, "delta": {"content": "pipe(2)."}, "finish_reason": "stop"}]})" +
          "\n\n" + begin +
          R"(], "usage": {"prompt_tokens": 50, "completion_tokens": 4, "total_tokens": 54}})" +
          "\n\n" + done_event());
}

/// Each part behind its wait, and then the end of the connection: the end of the reply, or a death in the
/// middle of it, as a reader of events sees them.
[[nodiscard]] inline fault streamed(const std::vector<std::string>& events,
                                    std::chrono::milliseconds between = {},
                                    std::string_view headers = {}) {
  fault result{.bytes = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n" +
                        std::string{headers} + "Connection: close\r\n\r\n",
               .closes = true};
  for (const std::string& event : events) result.more.push_back({between, event});
  return result;
}

/// The same in chunks of HTTP's own, which end too early where `is_whole` is false.
[[nodiscard]] inline fault streamed_in_chunks(const std::vector<std::string>& events,
                                              bool is_whole) {
  fault result{.bytes =
                   "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
                   "Transfer-Encoding: chunked\r\n\r\n",
               .closes = !is_whole};
  for (const std::string& event : events) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string size;
    for (std::size_t rest = event.size(); rest != 0; rest /= 16) {
      size.insert(size.begin(), digits[rest % 16]);
    }
    result.more.push_back({{}, size + "\r\n" + event + "\r\n"});
  }
  if (is_whole) result.more.push_back({{}, "0\r\n\r\n"});
  return result;
}

}  // namespace querytap::testing
