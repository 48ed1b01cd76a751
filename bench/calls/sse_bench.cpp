// What it costs to read a streamed answer of a model: 400 events of a chat completion, as OpenAI sends them,
// in reads of 1,400 bytes, so that events are split. The rival does what clients do: split into lines, and
// parse each with nlohmann-json. `events_alone` finds the events and reads none.

#include "../support/benchmarks.hpp"

#include <querytap/calls/models/model_reply.hpp>
#include <querytap/calls/models/sse_parser.hpp>

#include <nlohmann/json.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace {

using namespace querytap;
using namespace querytap::bench;

constexpr std::size_t bytes_of_a_read = 1400;

std::string event_with(std::string_view delta, std::string_view reason, std::string_view rest) {
  std::string event =
      R"(data: {"id":"chatcmpl-B9MBs8CjcvOU2jLn4n570S5qMJKcT","object":"chat.completion.chunk",)"
      R"("created":1741569952,"model":"gpt-4o-mini-2024-07-18","service_tier":"default",)"
      R"("system_fingerprint":"fp_44709d6fcb","choices":[{"index":0,"delta":)";
  event += delta;
  event += R"(,"logprobs":null,"finish_reason":)";
  event += reason;
  event += "}]";
  event += rest;
  return event + "}\n\n";
}

const std::string& answer_stream() {
  static const std::string stream = [] {
    constexpr std::string_view words[] = {" the", " index",        " is",   " read",
                                          ",\\n", " \\\"once\\\"", " über", " 17"};
    constexpr std::string_view no_usage = R"(,"usage":null)";
    std::string text =
        event_with(R"({"role":"assistant","content":"","refusal":null})", "null", no_usage);
    for (std::size_t i = 0; i < 400; ++i) {
      text += event_with("{\"content\":\"" + std::string{words[i % 8]} + "\"}", "null", no_usage);
    }
    text += event_with("{}", "\"stop\"", no_usage);
    text +=
        R"(data: {"id":"chatcmpl-B9MBs8CjcvOU2jLn4n570S5qMJKcT","object":"chat.completion.chunk",)"
        R"("model":"gpt-4o-mini-2024-07-18","choices":[],"usage":{"prompt_tokens":1117,)"
        R"("completion_tokens":400,"total_tokens":1517,"prompt_tokens_details":{"cached_tokens":1024,)"
        R"("audio_tokens":0},"completion_tokens_details":{"reasoning_tokens":0}}})"
        "\n\ndata: [DONE]\n\n";
    return text;
  }();
  return stream;
}

/// What both contenders find; compared, so that neither can leave anything out.
struct findings {
  std::uint64_t chunks = 0, text_bytes = 0, output = 0, cached = 0, finished = 0, ends = 0;
  friend bool operator==(const findings&, const findings&) = default;
};

template <class Feed>
void in_reads(Feed feed) {
  const std::string_view stream = answer_stream();
  for (std::size_t at = 0; at < stream.size(); at += bytes_of_a_read) {
    feed(stream.substr(at, bytes_of_a_read));
  }
}

findings by_querytap(sse_parser& parser) {
  findings found;
  model_reply reply;
  model_reply_reader reader;
  in_reads([&](std::string_view bytes) {
    parser.feed(bytes, [&](const sse_event& event) {
      if (event.data == "[DONE]") return void(++found.ends);
      if (!reader.read(event.data, reply)) return;
      if (reply.has_output()) ++found.chunks;
      found.text_bytes += reply.text.bytes;
      found.finished += reply.finished[static_cast<std::size_t>(finish_reason::stop)];
      found.output += reply.usage.output.value_or(0);
      found.cached += reply.usage.cached.value_or(0);
    });
  });
  return found;
}

void read_by_nlohmann(std::string_view data, findings& found) {
  const auto json = nlohmann::json::parse(data, nullptr, false);
  if (!json.is_object()) return;
  for (const auto& choice : json.at("choices")) {
    const auto& delta = choice.at("delta");
    const auto content = delta.find("content");
    if (content != delta.end() && content->is_string()) {
      const auto& text = content->get_ref<const std::string&>();
      if (!text.empty()) ++found.chunks;
      found.text_bytes += text.size();
    }
    const auto& reason = choice.at("finish_reason");
    if (reason.is_string() && reason.get_ref<const std::string&>() == "stop") ++found.finished;
  }
  const auto usage = json.find("usage");
  if (usage == json.end() || !usage->is_object()) return;
  found.output += usage->at("completion_tokens").get<std::uint64_t>();
  found.cached += usage->at("prompt_tokens_details").at("cached_tokens").get<std::uint64_t>();
}

findings by_lines_and_nlohmann() {
  findings found;
  std::string buffer;
  in_reads([&](std::string_view bytes) {
    buffer += bytes;
    std::size_t end;
    while ((end = buffer.find('\n')) != std::string::npos) {
      const std::string line = buffer.substr(0, end);
      buffer.erase(0, end + 1);
      if (!line.starts_with("data: ")) continue;
      const std::string_view data = std::string_view{line}.substr(6);
      if (data == "[DONE]") {
        ++found.ends;
      } else {
        read_by_nlohmann(data, found);
      }
    }
  });
  return found;
}

void count_bytes(benchmark::State& state) {
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * answer_stream().size()));
}

void querytap_reader(benchmark::State& state) {
  sse_parser parser;
  findings found;
  for (auto _ : state) {
    found = by_querytap(parser);
    benchmark::DoNotOptimize(found);
  }
  if (found != by_lines_and_nlohmann() || found.chunks != 400) {
    state.SkipWithError("the two readers do not agree");
  }
  count_bytes(state);
}

void querytap_events_alone(benchmark::State& state) {
  sse_parser parser;
  for (auto _ : state) {
    std::uint64_t events = 0;
    in_reads([&](std::string_view bytes) {
      parser.feed(bytes, [&](const sse_event& event) { events += event.data.size(); });
    });
    benchmark::DoNotOptimize(events);
  }
  count_bytes(state);
}

void lines_and_nlohmann(benchmark::State& state) {
  for (auto _ : state) {
    findings found = by_lines_and_nlohmann();
    benchmark::DoNotOptimize(found);
  }
  count_bytes(state);
}

}  // namespace

int main(int argc, char** argv) {
  measure("calls/model_stream/querytap", querytap_reader);
  measure("calls/model_stream/events_alone", querytap_events_alone);
  measure("calls/model_stream/lines_and_nlohmann", lines_and_nlohmann);
  return run(argc, argv);
}
