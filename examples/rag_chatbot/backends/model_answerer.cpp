#include <rag_chatbot/backends/model_answerer.hpp>

#include <querytap/calls/models/budget.hpp>
#include <querytap/decorators/llm.hpp>

#include <fmt/format.h>

#include <chrono>

namespace rag_chatbot {
namespace {

constexpr auto instructions =
    "Answer the question from the passages below, in at most five sentences, and name the page of "
    "each fact. Say that you do not know where they do not answer it.";

std::string prompt_of(std::span<const stored_passage> passages) {
  std::string prompt = instructions;
  for (const stored_passage& passage : passages) {
    prompt += fmt::format("\n\n[{}, {}]\n{}", passage.page, passage.section, passage.body);
  }
  return prompt;
}

// Whoever asks does not wait for longer.
querytap::http::transport_options patience_of_users() {
  querytap::http::transport_options options = querytap::llm::patient_transport();
  options.timeout = std::chrono::minutes{1};
  return options;
}

class model_answerer final : public answerer {
 public:
  model_answerer(querytap::recorder& recorder, const model_options& options)
      : recorder_{recorder},
        model_{options.name},
        budget_{options.budget},
        prices_{options.prices},
        client_{recorder,
                {.url = options.url,
                 .api_key = options.api_key,
                 .transport = patience_of_users(),
                 .prices = prices_.get()}} {}

  std::string_view strategy() const override { return "model"; }

  written_answer answer(std::span<const stored_passage> passages, std::string_view question,
                        std::string_view tenant) override {
    const auto account = account_of(tenant);
    const querytap::llm::chat_request request{
        .model = model_,
        .messages = {{"system", prompt_of(passages)}, {"user", std::string{question}}},
        .paid_by = account ? &*account : nullptr};
    try {
      // Streamed: so that the time to the first token is measured.
      const auto reply = client_.chat(request, [](const querytap::llm::delta&) { return true; });
      return {reply.text, dollars_of(reply.cost)};
    } catch (const querytap::llm::error& error) {
      // Without a status: the client itself refused.
      const bool is_refused =
          error.status() == 0 && error.failure().error_type() == "budget_exceeded";
      if (is_refused) throw budget_used_up{tenant};
      throw;
    }
  }

 private:
  /// A small value: what has been spent is the recorder's.
  std::optional<querytap::budget> account_of(std::string_view tenant) const {
    if (!budget_) return std::nullopt;
    return querytap::budget{recorder_,
                            {.tenant = std::string{tenant},
                             .limit = *budget_,
                             .may_exceed = [](const querytap::budget_use&) { return false; }}};
  }
  static std::optional<double> dollars_of(const querytap::call_cost& cost) {
    if (cost.status != querytap::cost_status::known) return std::nullopt;
    return cost.amount.in_dollars();
  }

  querytap::recorder& recorder_;
  const std::string model_;
  const std::optional<querytap::money> budget_;
  const std::shared_ptr<const querytap::price_table> prices_;
  const querytap::llm::client client_;
};

}  // namespace

std::unique_ptr<answerer> open_model_answerer(querytap::recorder& recorder,
                                              const model_options& options) {
  return std::make_unique<model_answerer>(recorder, options);
}

}  // namespace rag_chatbot
