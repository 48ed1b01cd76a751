// Text from outside is turned into text that every database and every JSON parser accepts.

#include <rag_chatbot/corpus/text.hpp>

#include <catch2/catch.hpp>

using namespace rag_chatbot;

TEST_CASE("white space runs become one space", "[text]") {
  CHECK(single_spaced("  a \n\t b  ") == "a b");
  CHECK(single_spaced(" \n ") == "");
}

TEST_CASE("lines are found with and without a last line end", "[text]") {
  CHECK(lines_of("a\r\nb\n\nc") == std::vector<std::string_view>{"a", "b", "", "c"});
  CHECK(lines_of("a\n") == std::vector<std::string_view>{"a"});
  CHECK(lines_of("").empty());
}

TEST_CASE("a text is never cut within a character", "[text]") {
  CHECK(shortened("naïve", 3) == "na");
  CHECK(shortened("naïve", 4) == "naï");
  CHECK(shortened("naïve", 99) == "naïve");
}

TEST_CASE("invalid UTF-8 is replaced, and the rest stays", "[text]") {
  const std::string replaced = "\xEF\xBF\xBD";
  CHECK(valid_utf8("naïve € 𝄞") == "naïve € 𝄞");
  CHECK(valid_utf8("na\xEFve") == "na" + replaced + "ve");
  CHECK(valid_utf8({"a\0b", 3}) == "a" + replaced + "b");
  CHECK(valid_utf8("\xC0\xAF") == replaced + replaced);                 // overlong
  CHECK(valid_utf8("\xED\xA0\x80") == replaced + replaced + replaced);  // half of a surrogate pair
  CHECK(valid_utf8("\xF4\x90\x80\x80") == replaced + replaced + replaced + replaced);
  CHECK(valid_utf8("cut \xE2\x82") == "cut " + replaced + replaced);
}
