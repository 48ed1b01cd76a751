// What a caller is given of a reply is what the endpoint said, or nothing.

#include <decorators/llm/reply_values.hpp>

#include <catch2/catch.hpp>

#include <string>

using namespace querytap::llm::detail;

TEST_CASE("numbers in base64 are read as little-endian floats, and nothing else is") {
  CHECK(floats_of_base64("") == std::vector<float>{});
  CHECK(floats_of_base64("AACAPw==") == std::vector<float>{1});
  CHECK(floats_of_base64("AACAPw") == std::vector<float>{1});
  CHECK(floats_of_base64("AACAPwAAIMA=") == std::vector<float>{1, -2.5});
  for (const char* text : {"A", "AA", "AAA", "AAAA", "AACAP", "AAC Pw==", "AAC-Pw==", "AACAPwAA"}) {
    INFO(text);
    CHECK(floats_of_base64(text) == std::nullopt);
  }
}

TEST_CASE("vectors are given only if each input has one of the same size, of finite numbers") {
  const auto read = [](const std::string& data, std::size_t count) {
    return vectors_in("{\"data\":[" + data + "]}", count).has_value();
  };
  CHECK(read(R"({"index":0,"embedding":[1,2]},{"index":1,"embedding":[3,4]})", 2));
  CHECK(read(R"({"embedding":[1,2]},{"embedding":[3,4]})", 2));
  CHECK_FALSE(read(R"({"index":0,"embedding":[1,2]},{"index":1,"embedding":[3]})", 2));
  CHECK_FALSE(read(R"({"index":0,"embedding":[1,2]},{"index":0,"embedding":[3,4]})", 2));
  CHECK_FALSE(read(R"({"index":0,"embedding":[1,2]},{"index":7,"embedding":[3,4]})", 2));
  CHECK_FALSE(read(R"({"index":0,"embedding":[]})", 1));
  CHECK_FALSE(read(R"({"index":0,"embedding":[1,"2"]})", 1));
  CHECK_FALSE(read(R"({"index":0,"embedding":[1e300]})", 1));
  CHECK_FALSE(read(R"({"index":0,"embedding":"AADAfw=="})", 1));  // not a number
  CHECK_FALSE(read(R"({"index":0,"embedding":[1]})", 2));
  CHECK_FALSE(read(R"({"index":0})", 1));
  CHECK_FALSE(read("7", 1));
  CHECK_FALSE(vectors_in("", 1).has_value());
  CHECK_FALSE(vectors_in("{\"data\":{}}", 0).has_value());
}

TEST_CASE("a ranking names documents that there are") {
  CHECK(ranking_in(R"({"results":[{"index":1,"relevance_score":1}]})", 2)->at(0).index == 1);
  CHECK_FALSE(ranking_in(R"({"results":[{"index":2,"relevance_score":1}]})", 2).has_value());
  CHECK_FALSE(ranking_in(R"({"results":[{"index":-1,"relevance_score":1}]})", 2).has_value());
  CHECK_FALSE(ranking_in(R"({"results":[{"index":1,"relevance_score":"1"}]})", 2).has_value());
  CHECK_FALSE(ranking_in(R"({"results":7})", 2).has_value());
}

TEST_CASE("texts are unescaped as JSON says, and what is no JSON is left as it is") {
  CHECK(unescaped(R"(\u00fc\n\"\ud83d\ude00)") == "ü\n\"😀");
  CHECK(unescaped(R"(\u12)") == R"(\u12)");
  CHECK(unescaped("\\ud800") == "\\ud800");
}

TEST_CASE("calls of tools are told apart, whatever an endpoint numbers and repeats") {
  const auto joined = [](std::vector<std::string> events) {
    tool_calls_in_pieces pieces;
    for (const std::string& event : events) {
      pieces.add(R"({"choices":[{"index":0,"delta":{"tool_calls":[)" + event + "]}}]}");
    }
    std::string text;
    for (const auto& call : pieces.take())
      text += call.id + ' ' + call.name + call.arguments + '\n';
    return text;
  };
  const std::string two = "a f{}\nb g{}\n";
  // numbered by nobody
  CHECK(joined({R"({"id":"a","function":{"name":"f","arguments":"{}"}},)"
                R"({"id":"b","function":{"name":"g","arguments":"{}"}})"}) == two);
  CHECK(joined({R"({"id":"a","function":{"name":"f","arguments":"{"}})",
                R"({"function":{"arguments":"}"}})",
                R"({"id":"b","function":{"name":"g","arguments":"{}"}})"}) == two);
  // all of them 0
  CHECK(joined({R"({"index":0,"id":"a","function":{"name":"f","arguments":"{}"}})",
                R"({"index":0,"id":"b","function":{"name":"g","arguments":"{"}})",
                R"({"index":0,"function":{"arguments":"}"}})"}) == two);
  // with id and name in each piece
  CHECK(joined({R"({"index":0,"id":"a","function":{"name":"f","arguments":"{"}})",
                R"({"index":0,"id":"a","function":{"name":"f","arguments":"}"}})",
                R"({"index":1,"id":"b","function":{"name":"g","arguments":"{}"}})"}) == two);
  // in any order
  CHECK(joined({R"({"index":1,"id":"a","function":{"name":"f","arguments":"{"}})",
                R"({"index":0,"id":"b","function":{"name":"g","arguments":"{}"}})",
                R"({"index":1,"function":{"arguments":"}"}})"}) == two);
}

TEST_CASE("calls of tools of other choices are not those of the first") {
  tool_calls_in_pieces pieces;
  pieces.add(R"({"choices":[{"index":1,"delta":{"tool_calls":[{"id":"x"}]}}]})");
  pieces.add(
      R"({"choices":[{"index":1,"delta":{}},{"index":0,"delta":{"tool_calls":[{"id":"a"}]}}]})");
  const auto calls = pieces.take();
  REQUIRE(calls.size() == 1);
  CHECK(calls[0].id == "a");
}

TEST_CASE("an answer is the choice of number 0, and ends as that one ended") {
  const auto found =
      answer_in(R"({"choices":[{"index":1,"message":{"content":"second"},"finish_reason":"stop"},)"
                R"({"index":0,"message":{"content":"first"},"finish_reason":"length"}]})");
  REQUIRE(found.has_value());
  CHECK(found->text == "first");
  CHECK(found->finish_reason == querytap::finish_reason::length);
}

TEST_CASE("pieces of calls of tools that name no place, or one too far, harm nothing") {
  tool_calls_in_pieces pieces;
  pieces.add(
      R"({"choices":[{"delta":{"tool_calls":[{"index":99999999999,"id":"x"},{"id":"a"},7,null]}}]})");
  pieces.add(R"({"choices":[7]})");
  pieces.add("{");
  const auto calls = pieces.take();
  REQUIRE(calls.size() == 1);
  CHECK(calls[0].id == "a");
}
