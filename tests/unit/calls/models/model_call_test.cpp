// A call of a model is recorded by what was received: once, truly, under the names that were chosen, and
// without a word of prompt or answer.

#include <querytap/calls/models/model_call.hpp>
#include <querytap/calls/request.hpp>
#include <querytap/exporters/otlp/otlp_spans.hpp>
#include <querytap/testing/capture.hpp>
#include <support/conformance/conventions.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

using namespace querytap;
using namespace std::chrono_literals;

namespace {

constexpr std::string_view prompt_canary = "canary-in-the-prompt";

std::string chunk(std::string_view delta, std::string_view reason = "null") {
  return R"(data: {"id":"c","object":"chat.completion.chunk","model":"mini-2026-01-02","choices":[)"
         R"({"index":0,"delta":)" +
         std::string{delta} + R"(,"finish_reason":)" + std::string{reason} + "}]}\n\n";
}
std::string text_chunk(std::string_view text) {
  return chunk(R"({"content":")" + std::string{text} + "\"}");
}
constexpr std::string_view usage_chunk =
    "data: {\"model\":\"mini-2026-01-02\",\"choices\":[],\"usage\":{\"prompt_tokens\":100,"
    "\"completion_tokens\":20,\"prompt_tokens_details\":{\"cached_tokens\":40},"
    "\"completion_tokens_details\":{\"reasoning_tokens\":5}}}\n\n";
constexpr std::string_view done = "data: [DONE]\n\n";

const price_table* prices_of_mini() {
  static const price_table known = [] {
    price_table prices;
    prices.add({.model = "mini",
                .prices = {.input = money{150'000'000},
                           .output = money{600'000'000},
                           .cached = money{75'000'000}}});
    return prices;
  }();
  return &known;
}

struct fixture {
  explicit fixture(gen_ai_names names = gen_ai_names::v1_41, const price_table* prices = nullptr)
      : telemetry{{.service_name = "test", .gen_ai_names = names}},
        endpoint{telemetry.recorder(),
                 {.provider = "openai",
                  .server_address = "api.example",
                  .server_port = 443,
                  .prices = prices}} {}

  // 30 ms to the first chunk, 10 ms between chunks.
  void stream(model_call& call) {
    call.status(200);
    call.feed(chunk(R"({"role":"assistant","content":""})"));
    telemetry.time().advance(30ms);
    call.feed(text_chunk("Hello"));
    telemetry.time().advance(10ms);
    call.feed(text_chunk(" you"));
    telemetry.time().advance(10ms);
    call.feed(chunk("{}", "\"stop\""));
    call.feed(usage_chunk);
    call.feed(done);
  }

  std::string counts(std::string_view name) { return telemetry.text(name); }

  // `model error.type count`, one a line, in the order of the letters.
  std::string calls_by_model(std::string_view name) {
    std::map<std::string, std::uint64_t> counts;
    const snapshot all = telemetry.recorder().collect();
    for (const point& p : all.find(name)) {
      if (p.histogram == nullptr || p.histogram->count() == 0) continue;
      const attribute_value* const model = p.series->labels.find("gen_ai.response.model");
      const attribute_value* const type = p.series->labels.find("error.type");
      counts[(model == nullptr ? "not known" : to_string(*model)) +
             (type == nullptr ? "" : " " + to_string(*type))] += p.histogram->count();
    }
    std::string text;
    for (const auto& [key, count] : counts) text += key + " " + std::to_string(count) + "\n";
    return text;
  }

  capture telemetry;
  model_endpoint endpoint;
};

constexpr std::string_view of_mini =
    "gen_ai.operation.name=chat gen_ai.provider.name=openai gen_ai.request.model=mini";
std::string labels(std::string_view more, std::string_view last = "") {
  return std::string{of_mini} + std::string{more} + " server.address=api.example server.port=443" +
         std::string{last};
}
constexpr std::string_view answered = " gen_ai.response.model=mini-2026-01-02";

}  // namespace

TEST_CASE("a streamed answer is timed to its first chunk, between chunks and to its end") {
  fixture f;
  {
    model_call call{f.endpoint, "chat", "mini"};
    f.stream(call);
    f.telemetry.time().advance(5ms);
    CHECK(call.is_ended());
    call.finish();
  }
  CHECK_THAT(f.counts("gen_ai.client.operation.duration"),
             Catch::StartsWith(labels(answered) + " count=1 sum=0.055 "));
  CHECK_THAT(f.counts("gen_ai.client.operation.time_to_first_chunk"),
             Catch::StartsWith(labels(answered) + " count=1 sum=0.03 "));
  CHECK_THAT(f.counts("gen_ai.client.operation.time_per_output_chunk"),
             Catch::StartsWith(labels(answered) + " count=1 sum=0.01 "));
  const std::string phases = f.counts("querytap.operation.phase.duration");
  CHECK_THAT(phases, Catch::Contains("querytap.phase=first_byte count=1 sum=0.03"));
  CHECK_THAT(phases, Catch::Contains("querytap.phase=fetch count=1 sum=0.025"));
  CHECK(f.counts("querytap.gen_ai.answers") ==
        "gen_ai.provider.name=openai gen_ai.request.model=mini "
        "gen_ai.response.model=mini-2026-01-02 querytap.result=stop value=1");
  CHECK(f.counts("querytap.gen_ai.unended_streams") == "");
}

TEST_CASE("the time of a connection is apart from the answer's, streamed or not") {
  fixture f;
  {
    model_call streamed{f.endpoint, "chat", "mini"};
    f.stream(streamed);  // 30 ms to the first chunk, 20 ms more
    streamed.spent(phase::connect, 8ms);
    streamed.spent(phase::tls, 12ms);
    streamed.finish();
    model_call plain{f.endpoint, "chat", "mini"};
    f.telemetry.time().advance(100ms);
    plain.answer(R"({"choices":[{"finish_reason":"stop"}]})");
    plain.spent(phase::connect, 2ms);
    plain.finish();
  }
  const std::string phases_found = f.counts("querytap.operation.phase.duration");
  for (const char* expected :
       {"querytap.phase=connect count=2 sum=0.01 ", "querytap.phase=tls count=1 sum=0.012 ",
        "querytap.phase=first_byte count=1 sum=0.01 ", "querytap.phase=fetch count=1 sum=0.02 ",
        "querytap.phase=execute count=1 sum=0.098 "}) {
    CHECK_THAT(phases_found, Catch::Contains(expected));
  }
  CHECK_THAT(f.counts("gen_ai.client.operation.time_to_first_chunk"),
             Catch::Contains(" count=1 sum=0.03 "));
}

TEST_CASE("durations and chunks are by the model that answered, under either names") {
  for (const auto& [names, prefix] :
       {std::pair{gen_ai_names::v1_41, "gen_ai.client.operation."},
        std::pair{gen_ai_names::latest, "gen_ai.client.inference."}}) {
    fixture f{names};
    model_call streamed{f.endpoint, "chat", "mini"};
    f.stream(streamed);
    streamed.finish();
    model_call plain{f.endpoint, "chat", "mini"};
    plain.status(200);
    plain.answer(R"({"model":"mini-2","choices":[{"finish_reason":"stop"}]})");
    plain.finish();
    model_call cut{f.endpoint, "chat", "mini"};
    cut.feed(text_chunk("Hel"));
    cut.finish();
    model_call refused{f.endpoint, "chat", "mini"};
    refused.status(503);
    refused.finish();
    CHECK(f.calls_by_model(std::string{prefix} + "duration") ==
          "mini-2 1\nmini-2026-01-02 1\nmini-2026-01-02 stream_cut 1\nnot known 503 1\n");
    CHECK(f.calls_by_model(std::string{prefix} + "time_to_first_chunk") == "mini-2026-01-02 2\n");
    CHECK(f.calls_by_model(std::string{prefix} + "time_per_output_chunk") == "mini-2026-01-02 1\n");
  }
}

TEST_CASE("an endpoint that answers by ever new models makes no more series, and loses no call") {
  fixture f;
  constexpr int calls = 100;
  for (int i = 0; i < calls; ++i) {
    model_call call{f.endpoint, "chat", "auto"};
    call.answer(R"({"model":"m-)" + std::to_string(i) + R"(","choices":[]})");
    call.finish();
  }
  for (const char* type : {"first", "second"}) {
    model_call failed{f.endpoint, "chat", "auto"};
    failed.fail(outcome::error(type));
    failed.finish();
  }
  const std::string found = f.calls_by_model("gen_ai.client.operation.duration");
  CHECK(std::ranges::count(found, '\n') == 8 + 1 + 2);
  CHECK_THAT(found, Catch::Contains("m-7 1\nnot known 92\n") && !Catch::Contains("m-8"));
  CHECK_THAT(found,
             Catch::Contains("not known first 1\n") && Catch::Contains("not known second 1\n"));
}

TEST_CASE("a report names the failure, and not the model as one") {
  fixture f;
  {
    model_call call{f.endpoint, "chat", "mini"};
    call.feed(text_chunk("Hel"));
    call.finish();
  }
  const snapshot all = f.telemetry.recorder().collect();
  REQUIRE(all.call_reports.size() == 1);
  CHECK(all.call_reports[0]->error_type == "stream_cut");
  CHECK(all.call_reports[0]->statement->text == "chat mini");
}

TEST_CASE("tokens are recorded as the endpoint reports them, under the chosen names") {
  fixture old_names;
  {
    model_call call{old_names.endpoint, "chat", "mini"};
    old_names.stream(call);
    call.finish();
  }
  const std::string usage = old_names.counts("gen_ai.client.token.usage");
  CHECK_THAT(usage, Catch::Contains("gen_ai.token.type=input"));
  CHECK_THAT(usage, Catch::Contains(" count=1 sum=100 "));
  CHECK_THAT(usage, Catch::Contains(" count=1 sum=20 "));
  CHECK(old_names.counts("gen_ai.client.inference.usage.input_tokens") == "");

  fixture latest{gen_ai_names::latest};
  {
    model_call call{latest.endpoint, "chat", "mini"};
    latest.stream(call);
    call.finish();
  }
  const std::string of_call =
      "gen_ai.operation.name=chat gen_ai.provider.name=openai gen_ai.request.model=mini "
      "gen_ai.response.model=mini-2026-01-02 gen_ai.token.modality=unknown "
      "server.address=api.example server.port=443 value=";
  CHECK(latest.counts("gen_ai.client.inference.usage.input_tokens") == of_call + "100");
  CHECK(latest.counts("gen_ai.client.inference.usage.output_tokens") == of_call + "20");
  CHECK(latest.counts("gen_ai.client.inference.usage.cache_read.input_tokens") == of_call + "40");
  CHECK(latest.counts("gen_ai.client.inference.usage.reasoning.output_tokens") == of_call + "5");
  CHECK(latest.counts("gen_ai.client.inference.usage.cache_write.input_tokens") == "");
  CHECK_THAT(latest.counts("gen_ai.client.inference.operation.output_tokens"),
             Catch::Contains("count=1 sum=20 "));
  CHECK_THAT(latest.counts("gen_ai.client.inference.time_to_first_chunk"),
             Catch::Contains("count=1 sum=0.03 "));
  CHECK_THAT(latest.counts("gen_ai.client.inference.duration"), Catch::Contains("count=1 "));
  CHECK(latest.counts("gen_ai.client.token.usage") == "");
  CHECK(latest.counts("gen_ai.client.operation.duration") == "");
}

TEST_CASE(
    "tokens that nobody reports are counted as missing, and estimated apart from the others") {
  fixture f{gen_ai_names::v1_41, prices_of_mini()};
  {
    model_call call{f.endpoint, "chat", "mini"};
    call.input_bytes(401);
    call.feed(text_chunk("Hello"));
    call.feed(chunk("{}", "\"stop\""));
    call.feed(done);
    call.finish();
    CHECK(call.cost().status == cost_status::unknown_usage);
  }
  CHECK(f.counts("gen_ai.client.token.usage") == "");
  CHECK_THAT(f.counts("querytap.dropped"),
             Catch::Contains("querytap.reason=usage_missing value=1"));
  CHECK_THAT(f.counts("querytap.gen_ai.estimated_tokens"),
             Catch::Contains("gen_ai.token.type=input") && Catch::Contains("value=101") &&
                 Catch::Contains("value=2"));
  CHECK(f.counts("querytap.gen_ai.not_priced") ==
        "gen_ai.provider.name=openai gen_ai.request.model=mini value=1");
  CHECK(f.counts("querytap.gen_ai.cost") == "");
}

TEST_CASE("a stream that is cut fails, and one that only lacks its last message does not") {
  fixture f;
  {
    model_call call{f.endpoint, "chat", "mini"};
    call.status(200);
    call.feed(text_chunk("Hel"));
    call.feed(text_chunk("lo").substr(0, 30));  // half an event
    call.finish();
    CHECK(call.failure().error_type() == "stream_cut");
  }
  CHECK_THAT(f.counts("gen_ai.client.operation.duration"),
             Catch::Contains("error.type=stream_cut") && Catch::Contains("count=1"));
  CHECK(f.counts("querytap.gen_ai.answers") == "");
  {
    model_call call{f.endpoint, "chat", "mini"};
    call.feed(text_chunk("Hello"));
    call.feed(chunk("{}", "\"stop\""));
    call.finish();
    CHECK_FALSE(call.failure().failed());
  }
  CHECK(f.counts("querytap.gen_ai.unended_streams") ==
        "gen_ai.provider.name=openai gen_ai.request.model=mini value=1");
  {
    model_call nothing{f.endpoint, "chat", "mini"};
    nothing.feed("<html>not a stream</html>");
    nothing.finish();
    CHECK(nothing.failure().error_type() == "stream_cut");
  }
}

TEST_CASE("an error in a stream whose status was good is a failure") {
  for (const std::string_view event :
       {"data: {\"error\":{\"message\":\"secret\",\"type\":\"server_error\",\"code\":null}}\n\n",
        "event: error\ndata: "
        "{\"type\":\"error\",\"code\":\"server_error\",\"message\":\"secret\"}\n\n",
        "data: {\"type\":\"response.failed\",\"response\":{\"status\":\"failed\",\"error\":"
        "{\"code\":\"server_error\",\"message\":\"secret\"}}}\n\n"}) {
    fixture f;
    model_call call{f.endpoint, "chat", "mini"};
    call.status(200);
    call.feed(text_chunk("Hel"));
    call.feed(event);
    call.finish();
    CHECK(call.failure().error_type() == "server_error");
  }
  fixture f;
  model_call call{f.endpoint, "chat", "mini"};
  call.feed("event: error\ndata: {\"message\":\"secret\"}\n\n");
  call.finish();
  CHECK(call.failure().error_type() == "_OTHER");
  model_call numbered{f.endpoint, "chat", "mini"};
  numbered.feed("data: {\"error\":{\"code\":502,\"message\":\"secret\"}}\n\n");
  numbered.finish();
  CHECK(numbered.failure().error_type() == "502");
  model_call worded{f.endpoint, "chat", "mini"};
  worded.feed("data: {\"error\":{\"code\":503,\"type\":\"unavailable_error\"}}\n\n");
  worded.finish();
  CHECK(worded.failure().error_type() == "unavailable_error");
  model_call ollama{f.endpoint, "chat", "mini"};
  ollama.feed("{\"error\":\"secret words\"}\n");
  ollama.finish();
  CHECK(ollama.failure().error_type() == "_OTHER");
}

TEST_CASE("a refused request fails by the code of its body, else by its status") {
  fixture f;
  model_call quota{f.endpoint, "chat", "mini"};
  quota.status(429);
  quota.answer(
      R"({"error":{"message":"m","type":"insufficient_quota","code":"insufficient_quota"}})");
  quota.finish();
  CHECK(quota.failure() == outcome::error("insufficient_quota", "429"));
  model_call plain{f.endpoint, "chat", "mini"};
  plain.status(503);
  plain.answer("<html>");
  plain.finish();
  CHECK(plain.failure() == outcome::error("503", "503"));
  model_call talkative{f.endpoint, "chat", "mini"};
  talkative.status(400);
  talkative.answer(R"({"error":{"type":"your prompt was: canary","code":"a b"}})");
  talkative.finish();
  CHECK(talkative.failure() == outcome::error("400", "400"));
  model_call late{f.endpoint, "chat", "mini"};
  late.status(504);
  late.finish();
  CHECK(late.failure().kind() == failure_kind::timeout);
  model_call unreadable{f.endpoint, "chat", "mini"};
  unreadable.status(200);
  unreadable.answer("<html>");
  unreadable.finish();
  CHECK(unreadable.failure().error_type() == "unreadable_reply");
  CHECK_THAT(f.counts("querytap.dropped"), Catch::Contains("usage_missing value=0"));
}

TEST_CASE("a call that nobody finishes was cancelled, or left by an exception") {
  fixture f;
  {
    model_call call{f.endpoint, "chat", "mini"};
    call.feed(text_chunk("Hel"));
  }
  CHECK_THAT(f.counts("gen_ai.client.operation.duration"), Catch::Contains("error.type=cancelled"));
  fixture g;
  const auto leave = [&] {
    model_call call{g.endpoint, "chat", "mini"};
    call.feed(text_chunk("Hel"), [](const model_reply&) { throw std::runtime_error{"mine"}; });
  };
  CHECK_THROWS_AS(leave(), std::runtime_error);
  CHECK_THAT(g.counts("gen_ai.client.operation.duration"), Catch::Contains("error.type=_OTHER"));
}

TEST_CASE("refusals, calls of tools and several choices are counted") {
  fixture f;
  {
    model_call call{f.endpoint, "chat", "mini"};
    call.feed(chunk(R"({"refusal":"I cannot"})"));
    call.feed(chunk("{}", "\"stop\""));
    call.feed(done);
    call.finish();
  }
  CHECK_THAT(f.counts("querytap.gen_ai.answers"),
             Catch::Contains("querytap.result=refusal value=1"));
  {
    model_call call{f.endpoint, "chat", "mini"};
    call.answer(R"({"choices":[{"message":{"tool_calls":[{"function":{"name":"a"}},{"function":)"
                R"({"name":"b"}}]},"finish_reason":"tool_calls"},{"finish_reason":"length"}],)"
                R"("usage":{"prompt_tokens":1,"completion_tokens":1}})");
    call.finish();
  }
  CHECK(f.counts("querytap.gen_ai.tool_calls") ==
        "gen_ai.provider.name=openai gen_ai.request.model=mini value=2");
  CHECK_THAT(f.counts("querytap.gen_ai.answers"),
             Catch::Contains("querytap.result=tool_calls value=1") &&
                 Catch::Contains("querytap.result=length value=1"));
}

TEST_CASE(
    "a call costs its tenant what its tokens cost, and an unknown model is counted as unknown") {
  fixture f{gen_ai_names::v1_41, prices_of_mini()};
  const budget of_acme{f.telemetry.recorder(), {.tenant = "acme", .limit = money::dollars(1)}};
  for (int i = 0; i < 2; ++i) {
    model_call call{f.endpoint, "chat", "mini"};
    call.paid_by(of_acme);
    f.stream(call);
    call.finish();
    CHECK(call.cost() == call_cost{{24'000}, cost_status::known});
  }
  CHECK(of_acme.spent() == money{48'000});
  CHECK(f.counts("querytap.gen_ai.cost") ==
        "gen_ai.provider.name=openai gen_ai.request.model=mini querytap.tenant=acme "
        "value=48000");
  {
    model_call call{f.endpoint, "chat", "maxi"};
    call.answer(
        R"({"model":"maxi","choices":[],"usage":{"prompt_tokens":1,"completion_tokens":1}})");
    call.finish();
    CHECK(call.cost().status == cost_status::unknown_model);
  }
  CHECK(f.counts("querytap.gen_ai.not_priced") ==
        "gen_ai.provider.name=openai gen_ai.request.model=maxi value=1");
}

TEST_CASE("a budget that no call can pay for want of prices does not pass for one that is kept") {
  fixture f;
  const budget of_acme{f.telemetry.recorder(), {.tenant = "acme", .limit = money::dollars(1)}};
  model_call call{f.endpoint, "chat", "mini"};
  call.paid_by(of_acme);
  f.stream(call);
  call.finish();
  CHECK(of_acme.spent() == money{});
  CHECK(f.counts("querytap.gen_ai.not_priced") ==
        "gen_ai.provider.name=openai gen_ai.request.model=mini value=1");
}

TEST_CASE("what is left of limits is shown, and the time to wait is told") {
  fixture f;
  model_call call{f.endpoint, "chat", "mini"};
  call.header("X-RateLimit-Limit-Requests", "500");
  call.header("x-ratelimit-remaining-requests", "125");
  call.header("x-ratelimit-limit-tokens", "0");
  call.header("x-ratelimit-remaining-tokens", "-1");
  call.header("x-ratelimit-reset-requests", "6m0.5s");
  call.header("Retry-After", " 2 ");
  call.header("authorization", "canary");
  CHECK(call.headers().requests().reset == 360'500ms);
  CHECK(call.headers().retry_after() == 2s);
  call.header("retry-after-ms", "50");
  CHECK(call.headers().retry_after() == 50ms);
  call.finish();
  CHECK(
      f.counts("querytap.gen_ai.rate_limit.remaining") ==
      "gen_ai.provider.name=openai gen_ai.request.model=mini querytap.limit=requests value=250000");
}

TEST_CASE("the endpoint's own time is recorded beside that of the call") {
  fixture f;
  model_call call{f.endpoint, "chat", "mini"};
  call.header("OpenAI-Processing-Ms", "412");
  f.telemetry.time().advance(500ms);
  call.answer(R"({"choices":[{"finish_reason":"stop"}]})");
  call.finish();
  CHECK(call.headers().processing_time() == 412ms);
  CHECK_THAT(f.counts("querytap.gen_ai.server.duration"),
             Catch::StartsWith(
                 "gen_ai.provider.name=openai gen_ai.request.model=mini count=1 sum=0.412 "));
  for (const char* nonsense : {"", "soon", "-5", "1e300", "NaN"}) {
    model_call other{f.endpoint, "chat", "mini"};
    other.header("openai-processing-ms", nonsense);
    other.finish();
    CHECK(other.headers().processing_time() == std::nullopt);
  }
  CHECK_THAT(f.counts("querytap.gen_ai.server.duration"), Catch::Contains(" count=1 "));
}

TEST_CASE("Anthropic's limits are read too, which end at a time of the day") {
  fixture f;
  model_call call{f.endpoint, "chat", "mini"};
  f.telemetry.time().advance(24h + 500ms);
  call.header("anthropic-ratelimit-requests-limit", "50");
  call.header("anthropic-ratelimit-requests-remaining", "49");
  call.header("anthropic-ratelimit-requests-reset", "1970-01-02T00:01:30Z");
  call.header("anthropic-ratelimit-tokens-limit", "40000");
  call.header("anthropic-ratelimit-tokens-remaining", "40000");
  call.header("anthropic-ratelimit-tokens-reset", "1970-01-01T23:59:55Z");
  call.header("Anthropic-RateLimit-Input-Tokens-Limit", "20000");
  call.header("anthropic-ratelimit-input-tokens-remaining", "5000");
  call.header("anthropic-ratelimit-output-tokens-limit", "8000");
  call.header("anthropic-ratelimit-output-tokens-remaining", "0");
  call.header("anthropic-ratelimit-output-tokens-reset", "tomorrow");
  call.header("anthropic-ratelimit-unified-status", "allowed");
  call.header("anthropic-ratelimit-", "1");
  call.header("x-ratelimit-", "1");
  call.header("retry-after", "7");
  const rate_limit_headers& known = call.headers();
  CHECK(known.requests().reset == 89'500ms);
  CHECK(known.tokens().reset == 0ns);
  CHECK(known.output_tokens().reset == std::nullopt);
  CHECK(known.retry_after() == 7s);
  call.finish();
  const std::string shares = f.counts("querytap.gen_ai.rate_limit.remaining");
  for (const char* share :
       {"querytap.limit=requests value=980000", "querytap.limit=tokens value=1000000",
        "querytap.limit=input_tokens value=250000", "querytap.limit=output_tokens value=0"}) {
    CHECK_THAT(shares, Catch::Contains(share));
  }
}

TEST_CASE("times of headers are read in both of their formats, and nothing else is") {
  using std::chrono::sys_days;
  using namespace std::chrono;
  const auto noon = sys_days{year{2026} / November / 30} + 12h;
  CHECK(parse_header_time("2026-11-30T12:00:00Z") == noon);
  CHECK(parse_header_time("2026-11-30t13:00:00.25+01:00") == noon + 250ms);
  CHECK(parse_header_time("2026-11-30T06:30:00.123456789123-05:30") == noon + 123'456'789ns);
  CHECK(parse_header_time("Mon, 30 Nov 2026 12:00:00 GMT") == noon);
  CHECK(parse_header_time("2028-02-29T12:00:60Z") ==
        sys_days{year{2028} / February / 29} + 12h + 1min);
  for (const char* text : {"",
                           "2026",
                           "2026-11-30",
                           "2026-11-30T12:00:00",
                           "2026-11-30 12:00:00Z",
                           "2026-02-30T12:00:00Z",
                           "2026-13-01T12:00:00Z",
                           "2026-11-30T24:00:00Z",
                           "2026-11-30T12:60:00Z",
                           "2026-11-30T12:00:00.Z",
                           "2026-11-30T12:00:00+1:00",
                           "2026-11-30T12:00:00ZZ",
                           "0000-01-01T00:00:00Z",
                           "9999-12-31T23:59:59Z",
                           "+026-11-30T12:00:00Z",
                           "Mon, 30 Nov 2026 12:00:00",
                           "Mon, 30 November 2026 12:00:00 GMT",
                           "Mon, 30 nov 2026 12:00:00 GMT",
                           "Monday, 30-Nov-26 12:00:00 GMT",
                           "Mon, 30 ovD 2026 12:00:00 GMT",
                           "Mon Nov 30 12:00:00 2026"}) {
    INFO(text);
    CHECK(parse_header_time(text) == std::nullopt);
  }
}

TEST_CASE("an endpoint may ask to wait until a date, too") {
  manual_clock time;
  rate_limit_headers headers;
  headers.read("Retry-After", "Fri, 31 Dec 2199 00:00:00 GMT", time);
  CHECK(headers.retry_after() == std::nullopt);
  headers.read("Retry-After", "Thu, 01 Jan 1970 00:00:20 GMT", time);
  CHECK(headers.retry_after() == 20s);
  time.advance(30s);
  headers.read("Retry-After", "Thu, 01 Jan 1970 00:00:20 GMT", time);
  CHECK(headers.retry_after() == 0ns);
}

TEST_CASE("durations of headers are read as Go writes them, and nothing else is") {
  CHECK(parse_go_duration("12ms") == 12ms);
  CHECK(parse_go_duration("6m0s") == 360s);
  CHECK(parse_go_duration("1h2m3.5s") == 3'723'500ms);
  CHECK(parse_go_duration("0") == 0ns);
  CHECK(parse_go_duration("7.66µs") == 7660ns);
  for (const char* text :
       {"", "5", "-1s", "1", "s", "1s ", "1x", "nan", "inf", "1e9h", "1e300s", "1s2",
        "99999999999999999999h", "0x10s", "1..5s", "2026-01-01T00:00:00Z"}) {
    INFO(text);
    CHECK(parse_go_duration(text) == std::nullopt);
  }
}

TEST_CASE("a model that had to be loaded first is left out of the times to the first chunk") {
  fixture f;
  model_call call{f.endpoint, "chat", "llama"};
  f.telemetry.time().advance(5s);
  call.feed("{\"model\":\"llama\",\"message\":{\"content\":\"Hi\"},\"done\":false}\n");
  call.feed(
      "{\"model\":\"llama\",\"done\":true,\"done_reason\":\"stop\",\"load_duration\":4000000000,"
      "\"prompt_eval_count\":3,\"eval_count\":1}\n");
  CHECK(call.is_ended());
  call.finish();
  CHECK(call.usage() == token_usage{.input = 3, .output = 1});
  CHECK_THAT(f.counts("gen_ai.client.operation.time_to_first_chunk"), !Catch::Contains("count=1"));
}

TEST_CASE("a reason that stands in each chunk ends one answer") {
  fixture f;
  model_call call{f.endpoint, "chat", "mini"};
  for (const char* text : {"Hel", "lo"}) {
    call.feed(chunk(R"({"content":")" + std::string{text} + "\"}", "\"stop\""));
  }
  call.feed(R"(data: {"choices":[{"index":1,"delta":{},"finish_reason":"stop"}]})"
            "\n\n");
  call.feed(done);
  call.finish();
  CHECK_THAT(f.counts("querytap.gen_ai.answers"), Catch::EndsWith("querytap.result=stop value=2"));
}

TEST_CASE("tokens that come after the reason of the end, or in each chunk, are those of the last") {
  fixture f;
  model_call call{f.endpoint, "chat", "mini"};
  for (int i = 1; i <= 3; ++i) {
    call.feed(
        R"(data: {"choices":[{"index":0,"delta":{"content":"x"}}],"usage":{"prompt_tokens":7,)"
        R"("completion_tokens":)" +
        std::to_string(i) + "}}\n\n");
  }
  call.feed(chunk("{}", "\"stop\""));
  call.feed(R"(data: {"choices":[],"usage":{"prompt_tokens":7,"completion_tokens":4}})"
            "\n\n");
  call.finish();
  CHECK(call.usage() == token_usage{.input = 7, .output = 4});
  CHECK_FALSE(call.failure().failed());
}

TEST_CASE("the last of JSON lines may have no end, if it is whole") {
  const std::string first = "{\"message\":{\"content\":\"Hi\"},\"done\":false}\n";
  const std::string last =
      R"({"done":true,"done_reason":"stop","prompt_eval_count":3,"eval_count":1})";
  fixture f;
  model_call whole{f.endpoint, "chat", "llama"};
  whole.feed(first + last);
  whole.finish();
  CHECK_FALSE(whole.failure().failed());
  CHECK(whole.usage().output == 1u);
  model_call half{f.endpoint, "chat", "llama"};
  half.feed(first + last.substr(0, 40));
  half.finish();
  CHECK(half.failure().error_type() == "stream_cut");
}

TEST_CASE("an event that is too large to be read is a failure, not an answer with a hole") {
  fixture f;
  model_call call{f.endpoint, "chat", "mini"};
  call.feed("data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"");
  const std::string megabyte(std::size_t{1} << 20, 'x');
  for (int i = 0; i < 17; ++i) call.feed(megabyte);
  call.feed("\"}}]}\n\n");
  call.feed(chunk("{}", "\"stop\""));
  call.feed(done);
  call.finish();
  CHECK(call.failure().error_type() == "too_large");

  model_call large{f.endpoint, "chat", "mini"};
  large.feed("data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"");
  for (int i = 0; i < 8; ++i) large.feed(megabyte);
  std::size_t bytes = 0;
  large.feed("\"},\"finish_reason\":\"stop\"}]}\n\n",
             [&](const model_reply& message) { bytes += message.text.bytes; });
  large.finish();
  CHECK_FALSE(large.failure().failed());
  CHECK(bytes == 8 * megabyte.size());
}

TEST_CASE("embeddings are counted by their texts") {
  fixture f;
  model_call call{f.endpoint, "embeddings", "embed"};
  call.answer(
      R"({"model":"embed","data":[{"embedding":[1]},{"embedding":[2]}],"usage":{"prompt_tokens":9}})");
  call.finish();
  CHECK_THAT(f.counts("querytap.embedding.inputs"), Catch::StartsWith("count=1 sum=2"));
}

TEST_CASE("a reply that was retried counts only as the last one") {
  fixture f;
  model_call call{f.endpoint, "chat", "mini"};
  call.status(500);
  call.answer(R"({"error":{"type":"server_error"}})");
  call.retried();
  f.stream(call);
  call.finish();
  CHECK_FALSE(call.failure().failed());
  CHECK(call.usage().output == 20);
}

TEST_CASE("a service tier is remembered, and not where its name stood") {
  fixture f;
  model_call call{f.endpoint, "chat", "mini"};
  {
    const std::string name = "a tier with a name that is longer than a short string";
    call.service_tier(name);
  }
  f.stream(call);
  call.finish();
  CHECK_FALSE(call.failure().failed());
}

TEST_CASE("no word of a prompt, an answer or an error leaves") {
  fixture f{gen_ai_names::v1_41, prices_of_mini()};
  const std::string canary{prompt_canary};
  {
    request chat{f.telemetry.recorder(), "POST /chat"};
    model_call call{f.endpoint, "chat", "mini"};
    call.feed(text_chunk(canary));
    call.feed(chunk("{}", "\"" + canary + "\""));
    call.feed("data: {\"model\":\"" + canary + " in words\",\"error\":{\"type\":\"" + canary +
              " in words\",\"message\":\"" + canary + "\"}}\n\n");
    call.header(canary, canary);
    call.finish();
  }
  const snapshot all = f.telemetry.recorder().collect();
  std::string text;
  for (const auto& metric : all.metrics) {
    for (const point& p : metric->points) text += to_string(p.series->labels);
  }
  for (const auto& report : all.call_reports) text += report->statement->text;
  CHECK(text.find(canary) == std::string::npos);
  CHECK_FALSE(text.empty());
}

TEST_CASE("a disabled recorder still has the stream read for the caller") {
  recorder off{{.service_name = "test", .disabled = true}};
  const model_endpoint endpoint{off, {.server_address = "api.example"}};
  model_call call{endpoint, "chat", "mini"};
  std::string text;
  call.feed(text_chunk("Hello"), [&](const model_reply& message) { text += message.text.raw; });
  call.finish();
  CHECK(text == "Hello");
}

TEST_CASE(
    "whatever is exported of models differs in nothing from the conventions, of either version") {
  for (const gen_ai_names names : {gen_ai_names::v1_41, gen_ai_names::latest}) {
    fixture f{names, prices_of_mini()};
    {
      const request chat{f.telemetry.recorder(), "POST /chat"};
      model_call streamed{f.endpoint, "chat", "mini"};
      f.stream(streamed);
      streamed.finish();
      model_call embedded{f.endpoint, "embeddings", "embed"};
      embedded.answer(
          R"({"model":"embed","data":[{"embedding":[1]}],"usage":{"prompt_tokens":9}})");
      embedded.finish();
      model_call refused{f.endpoint, "chat", "mini"};
      refused.status(429);
      refused.answer(R"({"error":{"type":"rate_limit","code":"slow_down"}})");
      refused.finish();
    }
    CHECK(testing::conformance::deviations_from_conventions(f.telemetry.recorder().collect()) ==
          std::vector<std::string>{});
    int calls = 0;
    for (const span_record& span : to_spans(f.telemetry.last_request())) {
      if (span.kind != span_kind::client) continue;
      CHECK(testing::conformance::deviations_from_conventions(span) == std::vector<std::string>{});
      ++calls;
    }
    CHECK(calls == 3);
  }
}
