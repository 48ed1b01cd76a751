// An answer is made of sentences of the pages, and says which.

#include <rag_chatbot/retrieval/answer.hpp>

#include <catch2/catch.hpp>

using namespace rag_chatbot;

namespace {

const stored_passage pipe_passage{
    1, "pipe(2)", "DESCRIPTION",
    "pipe() creates a pipe, a data channel. The array returns two descriptors.\nNothing here."};
const stored_passage name_passage{2, "pipe(2)", "NAME", "pipe, pipe2 - create pipe"};

}  // namespace

TEST_CASE("the sentences that share most with the question come first, each with its place",
          "[answer]") {
  const std::vector passages{pipe_passage, name_passage};
  const auto answer = answer_from(passages, "Which call creates a pipe?");
  CHECK(answer.find("pipe() creates a pipe, a data channel. (pipe(2), DESCRIPTION)\n"
                    "pipe, pipe2 - create pipe (pipe(2), NAME)\n") == 0);
}

TEST_CASE("without passages the answer says so", "[answer]") {
  CHECK(answer_from({}, "anything") == "I found nothing about that in my pages.");
}

TEST_CASE("a question without significant words gets the first sentences", "[answer]") {
  const std::vector passages{pipe_passage};
  CHECK(answer_from(passages, "what is it?").find("pipe() creates a pipe") == 0);
}

TEST_CASE("a sentence without end is cut between characters", "[answer]") {
  std::string body;
  for (int i = 0; i < 300; ++i) body += "é";
  const std::vector passages{stored_passage{1, "long(7)", "TEXT", body}};
  const auto answer = answer_from(passages, "é");
  CHECK(answer.size() == 400 + std::string_view{" (long(7), TEXT)"}.size());
}
