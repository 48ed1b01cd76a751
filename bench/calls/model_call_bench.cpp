// What a call of a model costs on top of reading what it answers: an answer of 100 chunks, each in a read of
// its own, and a plain reply. The rival reads the same and records nothing.

#include "../support/benchmarks.hpp"

#include <querytap/calls/models/model_call.hpp>
#include <querytap/recording/recorder.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace querytap;
using namespace querytap::bench;

const std::vector<std::string>& chunks_of_an_answer() {
  static const std::vector<std::string> chunks = [] {
    const std::string head =
        R"(data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1741569952,"model":)"
        R"("gpt-4o-mini-2024-07-18","choices":[{"index":0,"delta":{)";
    std::vector<std::string> result;
    for (int i = 0; i < 100; ++i) {
      result.push_back(head + R"("content":" word)" + std::to_string(i) +
                       R"("},"logprobs":null,"finish_reason":null}],"usage":null})" + "\n\n");
    }
    result.push_back(head + "},\"finish_reason\":\"stop\"}]}\n\n");
    result.push_back(
        "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":1117,\"completion_tokens\":100}}\n\n"
        "data: [DONE]\n\n");
    return result;
  }();
  return chunks;
}

constexpr std::string_view plain_reply =
    R"({"id":"c","object":"chat.completion","model":"gpt-4o-mini-2024-07-18","choices":[{"index":0,)"
    R"("message":{"role":"assistant","content":"Nineteen lines."},"finish_reason":"stop"}],"usage":)"
    R"({"prompt_tokens":1117,"completion_tokens":5,"total_tokens":1122}})";

model_endpoint_options with_prices() {
  static const price_table prices = [] {
    price_table made;
    made.add({.model = "gpt-4o-mini",
              .prices = {.input = money{150'000'000}, .output = money{600'000'000}}});
    return made;
  }();
  return {.server_address = "api.openai.com", .server_port = 443, .prices = &prices};
}

template <bool Disabled>
void stream_of_100(benchmark::State& state) {
  static recorder telemetry{{.service_name = "bench", .disabled = Disabled}};
  static const model_endpoint endpoint{telemetry, with_prices()};
  for (auto _ : state) {
    model_call call{endpoint, "chat", "gpt-4o-mini"};
    for (const std::string& chunk : chunks_of_an_answer()) call.feed(chunk);
    call.finish();
  }
}

void stream_of_100_read_alone(benchmark::State& state) {
  for (auto _ : state) {
    sse_parser parser;
    model_reply_reader reader;
    model_reply message;
    for (const std::string& chunk : chunks_of_an_answer()) {
      parser.feed(chunk, [&](const sse_event& event) {
        benchmark::DoNotOptimize(reader.read(event.data, message));
      });
    }
  }
}

void plain(benchmark::State& state) {
  static recorder telemetry{{.service_name = "bench"}};
  static const model_endpoint endpoint{telemetry, with_prices()};
  for (auto _ : state) {
    model_call call{endpoint, "chat", "gpt-4o-mini"};
    call.status(200);
    call.answer(plain_reply);
    call.finish();
  }
}

void plain_read_alone(benchmark::State& state) {
  model_reply message;
  for (auto _ : state) benchmark::DoNotOptimize(read_model_reply(plain_reply, message));
}

}  // namespace

int main(int argc, char** argv) {
  measure("calls/model_stream_of_100/querytap", stream_of_100<false>);
  measure("calls/model_stream_of_100/disabled", stream_of_100<true>);
  measure("calls/model_stream_of_100/read_alone", stream_of_100_read_alone);
  measure("calls/model_call/querytap", plain);
  measure("calls/model_call/read_alone", plain_read_alone);
  return run(argc, argv);
}
