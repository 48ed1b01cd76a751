// Questions are made from the NAME line of a page, so that the right answer is known.

#include <rag_chatbot/load/questions.hpp>

#include <catch2/catch.hpp>

#include <set>

using namespace rag_chatbot;

namespace {

document page(std::string name, std::vector<std::string> names, std::string description) {
  return {std::move(name), {std::move(names), std::move(description)}, {}};
}

std::vector<std::string> ways(std::string name, std::string description) {
  return ways_to_ask_for(page(std::move(name), {"it"}, std::move(description)));
}

const std::vector<document> pages{
    page("pipe(2)", {"pipe"}, "create pipe"), page("mkdir(2)", {"mkdir"}, "create a directory"),
    page("utf-8(7)", {"utf-8"}, "Unicode encoding"), page("untold.txt", {"untold.txt"}, "")};

}  // namespace

TEST_CASE("a call that does something is asked for by what it does", "[questions]") {
  CHECK(ways("pipe(2)", "create pipe") ==
        std::vector<std::string>{"Which call creates a pipe?", "How do I create a pipe?",
                                 "I want to create a pipe, what can I use?",
                                 "What does it return?"});
}

TEST_CASE("verbs are put in the third person, single things get an article", "[questions]") {
  CHECK(ways("x(2)", "push data back")[0] == "Which call pushes data back?");
  CHECK(ways("x(2)", "copy end")[0] == "Which call copies an end?");
  CHECK(ways("x(2)", "destroy threads")[0] == "Which call destroys threads?");
  CHECK(ways("x(1)", "list open files")[0] == "Which page lists open files?");
}

TEST_CASE("a page about a thing is asked for by the thing", "[questions]") {
  CHECK(ways("utf-8(7)", "Unicode encoding") ==
        std::vector<std::string>{"Where can I find out about Unicode encoding?",
                                 "What should I know about Unicode encoding?"});
}

TEST_CASE("a page without a description is not asked for", "[questions]") {
  CHECK(ways("untold.txt", "").empty());
  CHECK(make_questions({}, 10, 1).empty());
  CHECK(make_questions(std::span{pages}.subspan(3), 10, 1).empty());
}

TEST_CASE("each page is asked for once before any is asked for again", "[questions]") {
  const auto questions = make_questions(pages, 7, 1);
  REQUIRE(questions.size() == 7);
  for (const std::size_t begin : {0U, 3U}) {
    std::set<std::string> asked;
    for (std::size_t i = begin; i < begin + 3; ++i) asked.insert(questions[i].page);
    CHECK(asked == std::set<std::string>{"mkdir(2)", "pipe(2)", "utf-8(7)"});
  }
}

TEST_CASE("the same seed asks the same questions, another asks others", "[questions]") {
  CHECK(make_questions(pages, 50, 1) == make_questions(pages, 50, 1));
  CHECK(make_questions(pages, 50, 1) != make_questions(pages, 50, 2));
}
