// Events of a stream are found wherever its bytes are split, in bounded memory, and none is made up.

#include <querytap/calls/models/sse_parser.hpp>

#include <catch2/catch.hpp>

#include <string>
#include <string_view>
#include <vector>

using namespace querytap;

namespace {

// One event on each line: `name|data`, line feeds shown as `⏎`.
class event_log {
 public:
  explicit event_log(stream_format format = stream_format::unknown,
                     std::size_t limit = sse_parser::default_limit)
      : parser{format, limit} {}

  void feed(std::string_view bytes) {
    // A copy of its own, which is gone afterwards: what the parser still needs it must have kept.
    const std::string copy{bytes};
    parser.feed(copy, [&](const sse_event& event) {
      text += event.name;
      text += '|';
      for (const char c : event.data) text += c == '\n' ? std::string{"⏎"} : std::string{c};
      text += '\n';
    });
  }

  sse_parser parser;
  std::string text;
};

std::string events_of(std::string_view stream) {
  event_log log;
  log.feed(stream);
  return log.text;
}

// What every stream here is fed as: whole, byte by byte, and in two parts split everywhere.
void check_every_split(std::string_view stream, const std::string& expected,
                       std::size_t limit = sse_parser::default_limit) {
  INFO(stream);
  event_log by_bytes{stream_format::unknown, limit};
  for (const char c : stream) by_bytes.feed({&c, 1});
  CHECK(by_bytes.text == expected);
  for (std::size_t split = 0; split <= stream.size(); ++split) {
    event_log in_two{stream_format::unknown, limit};
    in_two.feed(stream.substr(0, split));
    in_two.feed(stream.substr(split));
    if (in_two.text == expected) continue;
    INFO("split at " << split);
    CHECK(in_two.text == expected);
  }
}

}  // namespace

TEST_CASE("an event is the same however its bytes are split") {
  check_every_split("data: {\"a\":1}\n\ndata: [DONE]\n\n", "|{\"a\":1}\n|[DONE]\n");
  check_every_split("event: response.completed\ndata: {}\n\n", "response.completed|{}\n");
  check_every_split("data: one\r\n\r\ndata: two\r\n\r\n", "|one\n|two\n");
  check_every_split("data: one\r\rdata: two\r\r", "|one\n|two\n");
  check_every_split("data: one\n\r\ndata: two\r\n\n", "|one\n|two\n");
  check_every_split(
      "\xEF\xBB\xBF"
      "data: marked\n\n",
      "|marked\n");
  check_every_split(
      "\xEF\xBB"
      "data: not marked\n\ndata: next\n\n",
      "|next\n");
  check_every_split(": keep-alive\n\n: again\n\ndata: x\n\n", "|x\n");
  check_every_split("data: a\ndata: b\ndata\ndata:\n\n", "|a⏎b⏎⏎\n");
  check_every_split("data:  two blanks\nid: 7\nretry: 10\nunknown: y\n\n", "| two blanks\n");
  check_every_split("\n\n\r\ndata: late\n\n", "|late\n");
  check_every_split("data:a:b: c\n\n", "|a:b: c\n");
}

TEST_CASE("an empty data line is an event, and a name without data is none") {
  check_every_split("data\n\n", "|\n");
  check_every_split("data:\n\n", "|\n");
  check_every_split("event: ping\n\ndata: x\n\n", "|x\n");
  check_every_split("event: a\ndata: x\n\ndata: y\n\n", "a|x\n|y\n");
}

TEST_CASE("an event that nothing ended is none") {
  CHECK(events_of("data: half") == "");
  CHECK(events_of("data: half\n") == "");
  event_log log;
  CHECK_FALSE(log.parser.has_unfinished_event());
  log.feed("data: ha");
  CHECK(log.parser.has_unfinished_event());
  log.feed("lf\n\n");
  CHECK_FALSE(log.parser.has_unfinished_event());
  CHECK(log.text == "|half\n");
}

TEST_CASE("a stream that begins with a brace is of JSON lines") {
  check_every_split("{\"done\":false}\n{\"done\":true}\r\n\n",
                    "|{\"done\":false}\n|{\"done\":true}\n");
  check_every_split("\xEF\xBB\xBF{}\n", "|{}\n");
  event_log log;
  log.feed("{}");
  CHECK(log.parser.format() == stream_format::ndjson);
  CHECK(log.parser.has_unfinished_event());
}

TEST_CASE("an event above the limit is skipped and counted, and the next one is there") {
  const std::string long_one(40, 'x');
  check_every_split("data: " + long_one + "\n\ndata: y\n\n", "|y\n", 32);
  check_every_split(": " + long_one + "\ndata: a\n\ndata: y\n\n", "|y\n", 32);
  check_every_split("data: 012345678901234\ndata: 0123456789012345\n\ndata: y\n\n", "|y\n", 30);
  check_every_split("data: 0123456789\ndata: 0123456789\n\ndata: y\n\n",
                    "|0123456789⏎0123456789\n|y\n", 30);
  event_log log{stream_format::sse, 32};
  log.feed("data: " + long_one);
  log.feed(long_one + "\n");
  log.feed("\ndata: y\n\n");
  CHECK(log.text == "|y\n");
  CHECK(log.parser.skipped_events() == 1);
}

TEST_CASE("what a hostile stream keeps the parser holding is bounded") {
  event_log log{stream_format::sse, 1000};
  const std::string piece(100, 'd');
  for (int i = 0; i < 100'000; ++i) log.feed(piece);  // 10 MB without a line end
  CHECK(log.parser.has_unfinished_event());
  log.feed("\n\ndata: y\n\n");
  CHECK(log.text == "|y\n");
  CHECK(log.parser.skipped_events() == 1);
}

TEST_CASE("many short lines that end in CR take no time that grows with the stream") {
  std::string stream;
  for (int i = 0; i < 200'000; ++i) stream += "\r:";
  stream += "\rdata: x\r\r";
  CHECK(events_of(stream) == "|x\n");
}

TEST_CASE("a parser that is reset knows nothing of the stream before") {
  event_log log;
  log.feed("{\"a\":1}\n{\"b\"");
  log.parser.reset();
  log.feed("data: x\n\n");
  CHECK(log.text == "|{\"a\":1}\n|x\n");
}
