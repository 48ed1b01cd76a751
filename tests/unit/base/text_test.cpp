// Blanks are cut off and percent signs are decoded, and nothing else of a text changes.

#include <base/text.hpp>

#include <catch2/catch.hpp>

using querytap::detail::percent_decoded;
using querytap::detail::trimmed;

TEST_CASE("blanks go from both ends and stay in the middle", "[text]") {
  CHECK(trimmed(" \t a b \t") == "a b");
  CHECK(trimmed(" \t ").empty());
  CHECK(trimmed("").empty());
  CHECK(trimmed("\r\na\r\n") == "\r\na\r\n");
  CHECK(trimmed("\r\na\r\n", "\r\n") == "a");
}

TEST_CASE("a percent sign stands for the byte behind it, and is refused without one", "[text]") {
  CHECK(percent_decoded("a%2Cb%3d%20%C3%BC") == "a,b= ü");
  CHECK(percent_decoded("") == "");
  for (const char* bad : {"%", "a%2", "%g0", "%0g", "%%20", "100%"}) {
    CAPTURE(bad);
    CHECK(percent_decoded(bad) == std::nullopt);
  }
}
