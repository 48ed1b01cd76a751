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
