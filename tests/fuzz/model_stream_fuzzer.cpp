// A stream of a model is the same however it is split, its reader finds what a reader of single messages
// finds, and all that is found lies within the bytes.

#include <querytap/calls/models/model_reply.hpp>
#include <querytap/calls/models/sse_parser.hpp>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

using namespace querytap;

namespace {

void expect(bool holds, const char* promise) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %s\n", promise);
  std::abort();
}

bool is_within(std::string_view view, std::string_view text) {
  return view.empty() ||
         (view.data() >= text.data() && view.data() + view.size() <= text.data() + text.size());
}

bool are_equal(const reply_text& a, const reply_text& b) {
  return a.raw == b.raw && a.has_escapes == b.has_escapes && a.bytes == b.bytes;
}

bool are_equal(const model_reply& a, const model_reply& b) {
  return a.model == b.model && a.service_tier == b.service_tier && a.error_type == b.error_type &&
         a.error_code == b.error_code && a.has_error == b.has_error && a.is_end == b.is_end &&
         are_equal(a.text, b.text) && are_equal(a.reasoning, b.reasoning) &&
         are_equal(a.refusal, b.refusal) && a.tool_bytes == b.tool_bytes &&
         a.tool_calls == b.tool_calls && a.choice == b.choice && a.choices == b.choices &&
         a.finished == b.finished && a.vectors == b.vectors && a.ranked == b.ranked &&
         a.usage == b.usage && a.load_time == b.load_time;
}

constexpr std::size_t limit = 256;

void append(std::string& log, const sse_event& event) {
  log += event.name;
  log += '\x01';
  log += event.data;
  log += '\x02';
}

std::string events_of(std::string_view stream, std::size_t size_of_part) {
  sse_parser parser{stream_format::unknown, limit};
  std::string log;
  for (std::size_t at = 0; at < stream.size(); at += size_of_part) {
    const std::string part{stream.substr(at, size_of_part)};  // gone before the next one comes
    parser.feed(part, [&](const sse_event& event) { append(log, event); });
  }
  return log + std::to_string(parser.skipped_events());
}

void check_messages(std::string_view stream) {
  sse_parser parser;
  model_reply_reader reader;
  parser.feed(stream, [&](const sse_event& event) {
    const std::string json{event.data};  // memory of its own, which ends where the message does
    model_reply alone;
    model_reply of_stream;
    const bool is_read = read_model_reply(json, alone);
    expect(reader.read(json, of_stream) == is_read, "both readers take it for a message");
    if (!is_read) return;
    expect(are_equal(alone, of_stream), "both readers find the same");
    for (const std::string_view view :
         {of_stream.model, of_stream.service_tier, of_stream.error_type, of_stream.error_code,
          of_stream.text.raw, of_stream.reasoning.raw, of_stream.refusal.raw}) {
      expect(is_within(view, json), "what is found lies within the message");
    }
  });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view stream{reinterpret_cast<const char*>(data), size};
  const std::string whole = events_of(stream, size == 0 ? 1 : size);
  for (const std::size_t size_of_part : {1U, 2U, 3U, 7U, 64U}) {
    expect(events_of(stream, size_of_part) == whole, "events are the same however they are split");
  }
  check_messages(stream);
  return 0;
}
