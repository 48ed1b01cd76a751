#include <rag_chatbot/service/chat_service.hpp>

#include <querytap/calls/request.hpp>
#include <querytap/policies/pool.hpp>

#include <rag_chatbot/retrieval/answer.hpp>
#include <rag_chatbot/service/follow_up.hpp>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cstdio>

namespace rag_chatbot {
namespace {

using nlohmann::json;

constexpr std::size_t most_citations = 5;
constexpr std::size_t remembered_messages = 6;

json citations_of(const std::vector<found_passage>& found) {
  json citations = json::array();
  for (const auto& [passage, score] : found) {
    citations.push_back({{"page", passage.page}, {"section", passage.section}, {"score", score}});
  }
  return citations;
}

std::vector<stored_passage> passages_of(const std::vector<found_passage>& found) {
  std::vector<stored_passage> passages;
  for (const auto& hit : found) passages.push_back(hit.passage);
  return passages;
}

}  // namespace

chat_reply error_reply(int status, std::string_view message) {
  return {status, json{{"error", message}}.dump()};
}

chat_reply chat_service::handle(std::string_view body) {
  querytap::request request{recorder_, "POST /chat"};
  try {
    return answer(parse_chat_request(body));
  } catch (const refused_request& refused) {
    // An error of the client: the operator of this service could not mend it.
    return error_reply(refused.status(), refused.what());
  } catch (const querytap::pool_timeout&) {
    request.fail(querytap::outcome::error("pool_timeout", "503"));
    return error_reply(503, "too many questions at once, try again");
  } catch (const std::exception& failure) {
    // The details are for the operator; the reply says nothing about the database.
    fmt::print(stderr, "POST /chat: {}\n", failure.what());
    request.fail(querytap::outcome::error("500", "500"));
    return error_reply(500, "the answer could not be made");
  }
}

chat_reply chat_service::answer(const chat_request& asked) {
  const auto found = library_.search(search_text_for(asked), most_citations);
  const auto text = library_.compose(passages_of(found), asked.question);
  const auto conversation = memory_.add_exchange(asked.conversation, asked.question, text);

  json reply{{"conversation", conversation}, {"answer", text}, {"citations", citations_of(found)}};
  if (!found.empty()) reply["sections"] = memory_.sections_beside(found.front().passage.id);
  return {200, reply.dump()};
}

std::string chat_service::search_text_for(const chat_request& asked) {
  if (!asked.conversation) return asked.question;
  const auto history = memory_.last_messages(*asked.conversation, remembered_messages);
  if (history.empty()) throw unknown_conversation(fmt::to_string(*asked.conversation));
  return with_what_it_refers_to(asked.question, history);
}

}  // namespace rag_chatbot
