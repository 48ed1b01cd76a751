// Calls of models by an HTTP library that the application has already, with prices and a budget.
//
//     $ build/examples/guide_models
//     Nineteen lines.
//     100 tokens in, 40 of them cached, 20 out: $0.000024
//     refused: tenant acme has spent $0.000024 of $0.000020

#include <querytap/calls/models/model_call.hpp>
#include <querytap/exporters/prometheus/prometheus_text.hpp>
#include <querytap/querytap.hpp>
#include <querytap/runtime/prices/price_file.hpp>

#include <fmt/format.h>

#include <fstream>
#include <memory>
#include <string_view>

namespace {

// What an endpoint sends, as an HTTP library would give it to its callback.
constexpr std::string_view parts[] = {
    R"(data: {"model":"gpt-4o-mini-2024-07-18","choices":[{"index":0,"delta":{"content":"Nineteen"}}]})"
    "\n\ndata: {\"model\":\"gpt-4o-",
    R"(mini-2024-07-18","choices":[{"index":0,"delta":{"content":" lines."}}]})"
    "\n\n",
    R"(data: {"model":"gpt-4o-mini-2024-07-18","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]})"
    "\n\n",
    R"(data: {"model":"gpt-4o-mini-2024-07-18","choices":[],"usage":{"prompt_tokens":100,)"
    R"("completion_tokens":20,"prompt_tokens_details":{"cached_tokens":40}}})"
    "\n\ndata: [DONE]\n\n"};

constexpr std::string_view price_file = R"(models:
  gpt-4o-mini: {input: 0.15, cached: 0.075, output: 0.60}
)";

}  // namespace

int main(int argc, char** argv) {
  querytap::recorder recorder{{.service_name = "chatbot"}};
  // [guide]
  const querytap::price_table prices =
      querytap::parse_prices(price_file, "prices.yaml");  // or load_prices(recorder, path)
  const querytap::model_endpoint openai{
      recorder, {.server_address = "api.openai.com", .server_port = 443, .prices = &prices}};
  // [/guide]

  // [guide]
  const querytap::budget of_acme{recorder,
                                 {.tenant = "acme",
                                  .limit = querytap::money::dollars(0.00002),
                                  .may_exceed = [](const querytap::budget_use& use) {
                                    fmt::print("refused: tenant {} has spent ${:.6f} of ${:.6f}\n",
                                               use.tenant, use.spent.in_dollars(),
                                               use.limit.in_dollars());
                                    return false;
                                  }}};
  // [/guide]

  {
    // [guide]
    if (!of_acme.allows()) return 1;
    querytap::model_call call{openai, "chat", "gpt-4o-mini"};  // before the request is sent
    call.paid_by(of_acme);
    call.status(200);
    call.header("x-ratelimit-limit-tokens", "200000");
    call.header("x-ratelimit-remaining-tokens", "150000");
    for (const std::string_view bytes : parts) {
      call.feed(bytes, [](const querytap::model_reply& message) {
        fmt::print("{}", message.text.raw);  // a piece of the answer, as JSON has it
      });
    }
    call.finish();
    // [/guide]
    const querytap::token_usage& usage = call.usage();
    fmt::print("\n{} tokens in, {} of them cached, {} out: ${:.6f}\n", *usage.input, *usage.cached,
               *usage.output, call.cost().amount.in_dollars());
  }
  const bool is_allowed = of_acme.allows();
  if (argc > 1) std::ofstream{argv[1]} << querytap::prometheus_text{}.render(recorder.collect());
  return is_allowed ? 1 : 0;
}
