// Commands are named, whatever bytes they are made of, and none of their values is shown.

#include <decorators/redis/sent_command.hpp>
#include <querytap/query/identify.hpp>

#include <catch2/catch.hpp>

#include <random>
#include <string>
#include <vector>

namespace {

using namespace querytap;
using redis::detail::command_writer;
using redis::detail::sent_arguments;

std::vector<std::string> arguments_in(std::string_view bytes) {
  sent_arguments arguments{bytes};
  std::vector<std::string> found;
  std::string_view argument;
  while (arguments.next(argument)) found.emplace_back(argument);
  return found;
}

/// As identify() reads what the writer has written.
std::string text_of(const std::vector<const char*>& argv) {
  command_writer writer;
  const auto written = writer.text_of({static_cast<int>(argv.size()), argv.data(), nullptr});
  return identify(written, dialect::redis).text;
}

std::string line_of(const std::vector<const char*>& argv) {
  std::string line;
  for (const char* each : argv) line += std::string{each} + ' ';
  return line;
}

using list = std::vector<std::string>;

}  // namespace

TEST_CASE("the arguments of a command are read from the bytes that are sent", "[redis]") {
  CHECK(arguments_in("*2\r\n$3\r\nGET\r\n$3\r\na b\r\n") == list{"GET", "a b"});
  CHECK(arguments_in("*2\r\n$3\r\nGET\r\n$0\r\n\r\n") == list{"GET", ""});
  CHECK(arguments_in(std::string_view{"*1\r\n$5\r\na\0\r\nb\r\n", 16}) ==
        list{std::string{"a\0\r\nb", 5}});
}

TEST_CASE("bytes that are no command end where they stop being one", "[redis]") {
  for (const char* bytes :
       {"", "*", "*1", "*1\r\n", "*1\r\n$", "*1\r\n$3", "*1\r\n$3\r\n", "*1\r\n$3\r\nGE",
        "*1\r\n$3\r\nGET", "*1\r\n$3\r\nGET\r", "*1\r\n$-1\r\n", "*1\r\n$x\r\nGET\r\n",
        "*1\r\n$18446744073709551615\r\nGET\r\n", "*1\r\n$18446744073709551612\r\nGET\r\n",
        "*1\r\n$99999999999999999999\r\nGET\r\n", "PING\r\n", "*1\r\n:3\r\n"}) {
    CAPTURE(bytes);
    CHECK(arguments_in(bytes).empty());
  }
  CHECK(arguments_in("*3\r\n$3\r\nGET\r\n$1\r\nk\r\n$9\r\nv\r\n") == list{"GET", "k"});
}

TEST_CASE("any bytes are read within their bounds", "[redis]") {
  std::minstd_rand random{7};
  constexpr std::string_view pieces[] = {"*1\r\n", "$3\r\n", "$", "\r\n", "GET", "9", "-1", "\n"};
  for (int round = 0; round < 20'000; ++round) {
    std::string bytes;
    for (auto count = random() % 12; count > 0; --count) bytes += pieces[random() % 8];
    const std::vector<char> exact{bytes.begin(), bytes.end()};  // its end is the sanitizer's
    std::size_t size = 0;
    for (const std::string& each : arguments_in({exact.data(), exact.size()})) size += each.size();
    CHECK(size <= bytes.size());
  }
}

TEST_CASE("a command has the same text as an argv and as a line", "[redis]") {
  const std::vector<std::vector<const char*>> commands{
      {"PING"},
      {"GET", "k"},
      {"get", "k"},
      {"MGET", "a", "b", "c"},
      {"SET", "k", "v"},
      {"SET", "k", "v", "EX", "10", "NX"},
      {"SET", "EX", "NX", "PX", "10"},
      {"ZADD", "k", "NX", "1", "m"},
      {"HSET", "h", "f", "v", "f", "v"},
      {"XREAD", "COUNT", "2", "BLOCK", "0", "STREAMS", "s", "0"},
      {"OBJECT", "ENCODING", "k"},
      {"CLIENT", "SETNAME", "me"},
      {"EVALSHA", "abc", "1", "k"},
      {"FT.SEARCH", "index", "text"},
      {"SORT", "k", "BY", "w", "LIMIT", "0", "5", "ALPHA"},
  };
  for (const auto& argv : commands) {
    CAPTURE(line_of(argv));
    CHECK(text_of(argv) == identify(line_of(argv), dialect::redis).text);
  }
}

TEST_CASE("what is no name is a value, and so are values that look like options", "[redis]") {
  CHECK(text_of({"it's", "a", "b"}) == "?");
  CHECK(text_of({"get\x01", "k"}) == "?");
  CHECK(text_of({"SET", "canary", "EX", "EX", "canary"}) == "SET ? ? EX ?");
  CHECK(text_of({"CLIENT", "it's"}) == "CLIENT ?");
  CHECK(text_of({"OBJECT", "canary"}) == "OBJECT ?");
  CHECK(text_of({"object", "encoding", "canary"}) == "object encoding ?");
  CHECK(text_of({"MULTI", "canary"}) == "MULTI ?");
  CHECK(command_writer{}.text_of({0, nullptr, nullptr}).empty());
}

TEST_CASE("any number of arguments has a short text", "[redis]") {
  std::vector<const char*> argv(100'000, "EX");
  argv[0] = "SET";
  CHECK(text_of(argv).size() <= command_writer::longest);
  argv.assign(100'000, "k");
  argv[0] = "MGET";
  CHECK(text_of(argv) == "MGET ?");
}

TEST_CASE("the name of a batch is that of its commands", "[redis]") {
  const auto summary = [](std::string_view text) { return identify(text, dialect::redis).summary; };
  CHECK(summary("PIPELINE GET ?") == "PIPELINE GET");
  CHECK(identify("PIPELINE SET ? ? EX ?", dialect::redis).text == "PIPELINE SET ? ? EX ?");
  CHECK(summary("MULTI HSET ?") == "MULTI HSET");
  CHECK(summary("PIPELINE CLIENT SETNAME ?") == "PIPELINE CLIENT SETNAME");
  CHECK(summary("PIPELINE") == "PIPELINE");
  CHECK(summary("MULTI") == "MULTI");
  CHECK(identify("MULTI", dialect::redis).kind == statement_kind::transaction);
  CHECK(identify("PIPELINE GET ?", dialect::redis).kind == statement_kind::other);
}
