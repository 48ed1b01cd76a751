// Passages are of a size that can be ranked and read, and nothing of the text is lost between them.

#include <rag_chatbot/corpus/passages.hpp>

#include <catch2/catch.hpp>

#include <fmt/format.h>

using namespace rag_chatbot;

namespace {

constexpr passage_size small{.least = 4, .most = 6};

document page_with(std::vector<section> sections) {
  return {"page(1)", {{"page"}, "test"}, std::move(sections)};
}

std::vector<std::string> bodies(const std::vector<passage>& passages) {
  std::vector<std::string> result;
  for (const auto& part : passages) result.push_back(part.body);
  return result;
}

std::string numbered_words(int count) {
  std::string text;
  for (int i = 1; i <= count; ++i) text += fmt::format("{}{}", i == 1 ? "" : " ", i);
  return text;
}

}  // namespace

TEST_CASE("short sections are passages of their own", "[passages]") {
  const auto passages =
      cut_into_passages(page_with({{"NAME", "a b\n"}, {"BUGS", "none\n"}}), small);
  CHECK(passages == std::vector<passage>{{"NAME", "a b"}, {"BUGS", "none"}});
}

TEST_CASE("paragraphs are put together until there are enough words", "[passages]") {
  const auto page = page_with({{"TEXT", "a b\n\nc d\n\ne f\n\ng\n"}});
  CHECK(bodies(cut_into_passages(page, small)) == std::vector<std::string>{"a b\nc d", "e f\ng"});
}

TEST_CASE("a paragraph that would make a passage too long begins the next", "[passages]") {
  const auto page = page_with({{"TEXT", "a b c\n\nd e f g\n"}});
  CHECK(bodies(cut_into_passages(page, small)) == std::vector<std::string>{"a b c", "d e f g"});
}

TEST_CASE("a paragraph that is too long by itself is cut between words", "[passages]") {
  const auto page = page_with({{"TEXT", "x\n\n" + numbered_words(14) + "\n"}});
  CHECK(bodies(cut_into_passages(page, small)) ==
        std::vector<std::string>{"x", "1 2 3 4 5 6", "7 8 9 10 11 12", "13 14"});
}

TEST_CASE("lines of a paragraph are joined and indentation is gone", "[passages]") {
  const auto page = page_with({{"TEXT", "   a\n\tb   c\n"}});
  CHECK(bodies(cut_into_passages(page, small)) == std::vector<std::string>{"a b c"});
}

TEST_CASE("a section without text has no passage", "[passages]") {
  CHECK(cut_into_passages(page_with({{"EMPTY", " \n\n"}}), small).empty());
  CHECK(cut_into_passages(page_with({}), small).empty());
}
