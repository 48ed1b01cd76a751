// A letter that a typewriter would strike twice is read once.

#include <rag_chatbot/corpus/overstrike.hpp>

#include <catch2/catch.hpp>

using rag_chatbot::strip_overstrike;

TEST_CASE("bold and underlined letters are read once", "[overstrike]") {
  CHECK(strip_overstrike("N\bNA\bAM\bME\bE") == "NAME");
  CHECK(strip_overstrike("_\bf_\bi_\bl_\be") == "file");
  CHECK(strip_overstrike("+\b+\bo\bo") == "o");
}

TEST_CASE("letters of more than one byte are struck as one", "[overstrike]") {
  CHECK(strip_overstrike("é\bé•\b•") == "é•");
  CHECK(strip_overstrike("_\bµs") == "µs");
}

TEST_CASE("text without overstrike stays as it is", "[overstrike]") {
  CHECK(strip_overstrike("") == "");
  CHECK(strip_overstrike("a\nb\tc") == "a\nb\tc");
  CHECK(strip_overstrike("\b\bstart") == "start");
}
