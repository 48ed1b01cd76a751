// Compiled out, models answer, cost and are refused by budgets as before, and nothing is recorded.

#include <querytap/calls/models/budget.hpp>
#include <querytap/calls/models/model_call.hpp>
#include <querytap/decorators/llm.hpp>
#include <querytap/recording/recorder.hpp>
#include <support/fault_server.hpp>
#include <support/model_replies.hpp>

#include <cstdio>
#include <memory>
#include <string>

namespace {

using namespace querytap;
using namespace querytap::testing;

int failures = 0;

void expect(bool holds, const char* promise) {
  if (holds) return;
  std::fprintf(stderr, "compiled out, and no longer true: %s\n", promise);
  ++failures;
}

const price_table* prices_of_mini() {
  static const price_table known = [] {
    price_table prices;
    prices.add({.model = "mini",
                .prices = {.input = money::dollars(1),
                           .output = money::dollars(2),
                           .cached = money::dollars(1)}});
    return prices;
  }();
  return &known;
}

llm::client_options options_of(const fault_server& server) {
  return {.url = server.url() + "/v1",
          .provider = "openai",
          .first_backoff = std::chrono::milliseconds{1},
          .prices = prices_of_mini()};
}

void check_stream(recorder& recorder) {
  fault_server server{{reply(503), streamed({role_event(), text_event("Hel"), text_event("lo"),
                                             stop_event(), usage_event(), done_event()})}};
  const llm::client client{recorder, options_of(server)};
  const budget of_acme{
      recorder,
      {.tenant = "acme", .limit = money{1}, .may_exceed = [](const budget_use&) { return false; }}};
  const llm::chat_request question{
      .model = "mini", .messages = {{"user", "?"}}, .paid_by = &of_acme};
  std::string text;
  const auto append = [&](const llm::delta& piece) {
    text += piece.text;
    return true;
  };
  const llm::answer answer = client.chat(question, append);
  expect(text == "Hello" && answer.text == text, "a streamed answer comes, at its second try");
  expect(answer.usage.input == 100u && answer.usage.output == 20u, "tokens are told");
  expect(answer.cost == call_cost{{140'000}, cost_status::known}, "a call has a cost");
  expect(of_acme.spent() == money{140'000}, "a budget pays for it");
  try {
    static_cast<void>(client.chat(question, append));
    expect(false, "a budget that is used up refuses");
  } catch (const llm::error& refused) {
    expect(refused.failure().error_type() == "budget_exceeded", "the refusal says why");
  }
  expect(server.requests().size() == 2, "what is refused is not sent");
}

void check_embeddings(recorder& recorder) {
  fault_server server{{reply(200, {}, R"({"data":[{"index":0,"embedding":[1,2]}]})"), reply(401)}};
  const llm::client client{recorder, options_of(server)};
  const llm::embedding_request request{.model = "e", .inputs = {"a"}};
  expect(client.embed(request).vectors.at(0) == std::vector<float>{1, 2}, "texts are embedded");
  try {
    static_cast<void>(client.embed(request));
    expect(false, "an error of the endpoint is thrown");
  } catch (const llm::error& error) {
    expect(error.status() == 401, "an error has its status");
  }
}

void check_model_call(recorder& recorder) {
  const model_endpoint endpoint{recorder, {.provider = "openai", .prices = prices_of_mini()}};
  model_call call{endpoint, "chat", "mini"};
  std::string text;
  for (const std::string& event : {text_event("Hi"), stop_event(), usage_event(), done_event()}) {
    call.feed(event, [&](const model_reply& message) { text += message.text.raw; });
  }
  call.finish();
  expect(text == "Hi" && call.is_ended(), "a stream of another HTTP library is read");
  expect(call.model_that_answered() == "mini-2026-01-02", "the model that answered is known");
  expect(call.cost().status == cost_status::known, "it has a cost");
}

}  // namespace

int main() {
  recorder recorder{{.service_name = "test"}};
  check_stream(recorder);
  check_embeddings(recorder);
  check_model_call(recorder);
  expect(!recorder.enabled() && recorder.collect().metrics.empty(), "nothing is recorded");
  return failures == 0 ? 0 : 1;
}
