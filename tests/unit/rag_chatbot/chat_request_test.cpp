// A request is parsed, or refused with a status and a sentence that names the fault.

#include <rag_chatbot/service/chat_request.hpp>
#include <rag_chatbot/service/follow_up.hpp>

#include <catch2/catch.hpp>

using namespace rag_chatbot;

TEST_CASE("a question may begin a conversation or go on with one", "[chat_request]") {
  const auto first = parse_chat_request(R"({"question": " What is a pipe? "})");
  CHECK_FALSE(first.conversation);
  CHECK(first.question == "What is a pipe?");

  const auto next = parse_chat_request(R"({"conversation": 7, "question": "why?", "more": []})");
  CHECK(next.conversation == 7);
  CHECK_FALSE(parse_chat_request(R"({"conversation": null, "question": "why?"})").conversation);
}

TEST_CASE("a question is paid by the tenant that it names", "[chat_request]") {
  CHECK(parse_chat_request(R"({"question": "why?"})").tenant == "default");
  CHECK(parse_chat_request(R"({"question": "why?", "tenant": null})").tenant == "default");
  CHECK(parse_chat_request(R"({"question": "why?", "tenant": "acme-1.b_C"})").tenant ==
        "acme-1.b_C");
  for (const std::string tenant :
       {"\"\"", "7", "\"a b\"", "\"a\\n\"", "\"\u00fc\"", "[]", "\"a\\u0000\""}) {
    CAPTURE(tenant);
    CHECK_THROWS_WITH(
        parse_chat_request("{\"question\": \"why?\", \"tenant\": " + tenant + "}"),
        "'tenant' must be a name of up to 64 letters, digits, dots, dashes and underscores");
  }
  CHECK_THROWS_AS(
      parse_chat_request(R"({"question": "why?", "tenant": ")" + std::string(65, 'a') + "\"}"),
      refused_request);
}

TEST_CASE("a question may have 4096 bytes", "[chat_request]") {
  const std::string longest(most_question_bytes, 'a');
  CHECK(parse_chat_request("{\"question\": \"" + longest + "\"}").question == longest);
}

TEST_CASE("a question that refers back is searched for with its predecessor", "[follow_up]") {
  const std::vector<message> history{{speaker::user, "Which call creates a pipe?"},
                                     {speaker::assistant, "pipe(2)"}};
  CHECK(with_what_it_refers_to("What are its errors?", history) ==
        "Which call creates a pipe? What are its errors?");
  CHECK(with_what_it_refers_to("What is a socket?", history) == "What is a socket?");
  CHECK(with_what_it_refers_to("What are its errors?", {}) == "What are its errors?");
}
