#include <rag_chatbot/service/chat_service.hpp>

#include <querytap/policies/pool.hpp>

#include <rag_chatbot/service/follow_up.hpp>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cstdio>

namespace rag_chatbot {
namespace {

using nlohmann::json;

constexpr std::size_t most_citations = 5;
constexpr std::size_t remembered_messages = 6;

/// A metric of the service's own, beside those of the library.
constexpr querytap::instrument cached_answers{
    .name = "rag_chatbot.cached_answers",
    .unit = "{question}",
    .kind = querytap::instrument_kind::counter,
    .description = "Questions, by whether their answer was known."};

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

chat_service::chat_service(querytap::recorder& recorder, const chat_parts& parts)
    : parts_{parts}, pipeline_{recorder, "POST /chat"}, cached_{recorder, cached_answers} {}

chat_reply chat_service::handle(std::string_view body) {
  querytap::rag_request request{pipeline_};
  try {
    return answer(request, parse_chat_request(body));
  } catch (const refused_request& refused) {
    // An error of the client: the operator of this service could not mend it.
    return error_reply(refused.status(), refused.what());
  } catch (const budget_used_up& refused) {
    request.fail(querytap::outcome::error("budget_exceeded", "402"));
    return error_reply(402, refused.what());
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

chat_reply chat_service::answer(querytap::rag_request& request, const chat_request& asked) {
  const made_answer made = find_or_make_answer(request, search_text_for(asked), asked);
  json reply = json::parse(made.reply);
  if (made.dollars) reply["cost_dollars"] = *made.dollars;
  reply["conversation"] = parts_.memory.add_exchange(asked.conversation, asked.question,
                                                     reply["answer"].get<std::string>());
  return {200, reply.dump()};
}

chat_service::made_answer chat_service::find_or_make_answer(querytap::rag_request& request,
                                                            const std::string& search_text,
                                                            const chat_request& asked) {
  if (parts_.cache == nullptr) return make_answer(request, search_text, asked);
  const std::string key = fmt::format("{}\n{}", search_text, asked.question);
  if (auto known = parts_.cache->find(key)) {
    cached_.add(querytap::hit_or_miss::hit);
    return {*known, std::nullopt};
  }
  cached_.add(querytap::hit_or_miss::miss);
  made_answer made = make_answer(request, search_text, asked);
  parts_.cache->keep(key, made.reply);
  return made;
}

chat_service::made_answer chat_service::make_answer(querytap::rag_request& request,
                                                    const std::string& search_text,
                                                    const chat_request& asked) {
  const auto found = parts_.search.search(request, search_text, most_citations);
  querytap::stage_timer writing =
      request.begin(querytap::rag_stage::generate, parts_.author.strategy());
  const written_answer written =
      parts_.author.answer(passages_of(found), asked.question, asked.tenant);
  writing.finish();
  json reply{{"answer", written.text}, {"citations", citations_of(found)}};
  if (!found.empty()) reply["sections"] = parts_.library.sections_beside(found.front().passage.id);
  return {reply.dump(), written.dollars};
}

std::string chat_service::search_text_for(const chat_request& asked) {
  if (!asked.conversation) return asked.question;
  const auto history = parts_.memory.last_messages(*asked.conversation, remembered_messages);
  if (history.empty()) throw unknown_conversation(fmt::to_string(*asked.conversation));
  return with_what_it_refers_to(asked.question, history);
}

}  // namespace rag_chatbot
