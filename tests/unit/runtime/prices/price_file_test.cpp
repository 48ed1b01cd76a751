// A file of prices is read exactly, and one that is wrong says where and why.

#include <querytap/base/error.hpp>
#include <querytap/runtime/prices/price_file.hpp>
#include <querytap/testing/capture.hpp>

#include <runtime/prices/price_number.hpp>

#include <catch2/catch.hpp>

#include <fcntl.h>
#include <sys/stat.h>

#include <cstdio>
#include <fstream>
#include <string>

using namespace querytap;

namespace {

constexpr std::chrono::sys_days day{std::chrono::year{2026} / 5 / 1};

std::string cost(const price_table& prices, priced_call call, std::chrono::sys_days when = day) {
  call.time = when;
  const call_cost found = prices.cost_of(call);
  return found.status == cost_status::known ? std::to_string(found.amount.nanodollars) : "unknown";
}

std::string error_of(std::string_view text) {
  try {
    (void)parse_prices(text, "prices");
    return "none";
  } catch (const configuration_error& error) {
    return error.what();
  }
}

constexpr std::string_view own_file = R"(currency: USD
models:
  gpt-4o-mini:
    input: 0.15
    output: 0.60
    cached: 0.075
    above: {200000: {input: 0.30}}
    tiers: {batch: {input: 0.075, output: 0.30}}
  gpt-4o:
    - {from: 2024-05-13, input: 5, output: 15}
    - {from: 2024-10-02, input: 2.5, output: 10, cached: 1.25}
  "meta-llama/Llama:free": {input: 0, output: 0}
aliases: {chat-default: gpt-4o-mini}
)";

constexpr std::string_view litellm_file = R"({
  "sample_spec": {"input_cost_per_token": "documentation", "mode": "one of: chat"},
  "gpt-4o-mini": {
    "input_cost_per_token": 1.5e-07, "output_cost_per_token": 6e-07,
    "cache_read_input_token_cost": 7.5e-08,
    "input_cost_per_token_batches": 7.5e-08, "output_cost_per_token_batches": 3e-07,
    "input_cost_per_token_above_200k_tokens": 3e-07,
    "cache_creation_input_token_cost_above_1hr": 1,
    "litellm_provider": "openai", "mode": "chat", "supports_vision": true,
    "search_context_cost_per_query": {"search_context_size_low": 0.03},
    "tiered_pricing": [{"input_cost_per_token": 1, "range": [0, 128000.0]}],
    "max_tokens": 16384, "deprecation_date": null
  },
  "dall-e": {"mode": "image_generation", "output_cost_per_image": 0.04}
}
)";

}  // namespace

TEST_CASE("a file of our own is read") {
  const price_table prices = parse_prices(own_file, "prices.yaml");
  CHECK(prices.size() == 3);
  CHECK(cost(prices, {.model = "gpt-4o-mini",
                      .usage = {.input = 1000, .output = 100, .cached = 200}}) == "195000");
  CHECK(cost(prices, {.model = "chat-default", .usage = {.input = 1000}}) == "150000");
  CHECK(cost(prices, {.model = "gpt-4o-mini", .usage = {.input = 200'001}}) == "60000300");
  CHECK(cost(prices, {.model = "gpt-4o-mini", .service_tier = "batch", .usage = {.input = 1000}}) ==
        "75000");
  CHECK(cost(prices, {.model = "meta-llama/Llama:free", .usage = {.input = 1000}}) == "0");
  const priced_call call{.model = "gpt-4o", .usage = {.input = 1}};
  using namespace std::chrono;
  CHECK(cost(prices, call, sys_days{year{2024} / 5 / 12}) == "unknown");
  CHECK(cost(prices, call, sys_days{year{2024} / 10 / 1}) == "5000");
  CHECK(cost(prices, call, sys_days{year{2024} / 10 / 2}) == "2500");
}

TEST_CASE("litellm's file is read") {
  const price_table prices = parse_prices(litellm_file, "prices.json");
  CHECK(prices.size() == 1);
  CHECK(cost(prices, {.model = "gpt-4o-mini",
                      .usage = {.input = 1000, .output = 100, .cached = 200}}) == "195000");
  CHECK(cost(prices, {.model = "gpt-4o-mini", .usage = {.input = 200'001}}) == "60000300");
  CHECK(
      cost(prices, {.model = "gpt-4o-mini", .service_tier = "batch", .usage = {.output = 1000}}) ==
      "300000");
  CHECK(cost(prices, {.model = "dall-e", .usage = {.input = 1}}) == "unknown");
}

TEST_CASE("prices are exact decimals") {
  using detail::parse_price;
  CHECK(parse_price("0.15") == money{150'000'000});
  CHECK(parse_price("1.25e-08", 6) == money{12'500'000});
  CHECK(parse_price("1e-15", 6) == money{1});
  CHECK(parse_price("4e-16", 6) == money{0});
  CHECK(parse_price("5e-16", 6) == money{1});
  CHECK(parse_price("3") == money::dollars(3));
  CHECK(parse_price("010") == money::dollars(10));
  CHECK(parse_price(".5") == money{500'000'000});
  CHECK(parse_price("0.1500000000000000000000000000000001") == money{150'000'000});
  CHECK(parse_price("0e999") == money{0});
  for (const char* text : {"", ".", "-1", "+1", "1.2.3", "1e", "e5", "1e5x", "0x10", "nan", "inf",
                           "1,5", " 1", "9300000000", "1e300", "1e99999999999"}) {
    INFO(text);
    CHECK(parse_price(text) == std::nullopt);
  }
}

TEST_CASE("what is wrong in a file of our own is told with its line and key") {
  CHECK(
      error_of("models:\n  m:\n    input: cheap\n") ==
      "querytap: option 'prices, line 3: models.m.input' = 'cheap': expected dollars for a million "
      "tokens, 0 or more");
  CHECK_THAT(error_of("models:\n  m: {input: -1}\n"),
             Catch::Contains("line 2: models.m.input' = '-1'"));
  CHECK_THAT(error_of("models:\n  m: {input: }\n"), Catch::Contains("line 2: models.m.input"));
  CHECK_THAT(
      error_of("models:\n  m: {inputs: 1}\n"),
      Catch::Contains("line 2: models.m.inputs") && Catch::Contains("expected input, output"));
  CHECK_THAT(error_of("models:\n  m: {input: 1}\n  m: {input: 2}\n"),
             Catch::Contains("line 3: models.m") && Catch::Contains("each key once"));
  CHECK_THAT(error_of("models:\n  m:\n    input: 1\n    input: 2\n"),
             Catch::Contains("line 4: models.m.input"));
  CHECK_THAT(error_of("models:\n  m: 7\n"), Catch::Contains("line 2: models.m'"));
  CHECK_THAT(error_of("models:\n  m:\n    - {input: 1}\n    - {from: 2026-13-01}\n"),
             Catch::Contains("line 4: models.m[1].from' = '2026-13-01'"));
  CHECK_THAT(error_of("models:\n  m: {above: {many: {input: 1}}}\n"),
             Catch::Contains("models.m.above.many"));
  CHECK_THAT(error_of("models:\n  m: {tiers: {batch: {input: x}}}\n"),
             Catch::Contains("models.m.tiers.batch.input' = 'x'"));
  CHECK_THAT(error_of("currency: EUR\n"),
             Catch::Contains("line 1: currency' = 'EUR': expected USD"));
  CHECK_THAT(error_of("prices: {}\n"), Catch::Contains("line 1: prices"));
  CHECK_THAT(error_of("models: {m: {input: 1}}\naliases: {a: b}\n"),
             Catch::Contains("line 2: aliases.a' = 'b': expected a model with a price"));
  CHECK_THAT(error_of("models:\n  m: [\n"), Catch::Contains("expected YAML"));
  CHECK_THAT(error_of(""), Catch::Contains("expected prices"));
  CHECK_THAT(error_of("just words\n"), Catch::Contains("line 1"));
  CHECK_THAT(error_of("- 1\n"), Catch::Contains("expected keys with values"));
}

TEST_CASE("what is wrong in litellm's file is told with its line and key") {
  CHECK(
      error_of("{\n\"m\": {\n\"input_cost_per_token\": \"cheap\"\n}}") ==
      "querytap: option 'prices, line 3: m.input_cost_per_token' = 'cheap': expected dollars for a "
      "token, as a number");
  CHECK_THAT(error_of("{\n\"m\": {\"mode\": \"chat\",\n\"output_cost_per_token\": -1e-6\n}}"),
             Catch::Contains("line 3: m.output_cost_per_token' = '-1e-6'"));
  CHECK_THAT(error_of("{\"m\": {\"input_cost_per_token\": {}}}"),
             Catch::Contains("line 1: m.input_cost"));
  CHECK_THAT(error_of("{\"m\": {\"input_cost_per_token\": [1]}}"), Catch::Contains("m.input_cost"));
  CHECK_THAT(error_of("{\"m\": {\"input_cost_per_token\": true}}"), Catch::Contains("= 'true'"));
  CHECK_THAT(error_of("{\"m\":\n 7}"), Catch::Contains("line 2: m'"));
  CHECK_THAT(error_of("{\"m\": [1]}"), Catch::Contains("line 1: m'"));
  CHECK_THAT(error_of("{\"\": {\"input_cost_per_token\": 1}}"), Catch::Contains("name of a model"));
  CHECK_THAT(error_of("{\n\n\"m\": {\"input_cost_per_token\": 1,}}"),
             Catch::Contains("line 3") && Catch::Contains("expected JSON"));
  CHECK_THAT(error_of("{\"m\": {\"input_cost_per_token\": 1e999}}"),
             Catch::Contains("expected JSON"));
  CHECK_THAT(error_of("{\"m\": {"), Catch::Contains("expected JSON"));
  CHECK_THAT(error_of("{\"m\": {}} x"), Catch::Contains("expected JSON"));
}

TEST_CASE("depth is no danger to either format") {
  const std::string brackets(100'000, '[');
  CHECK_THAT(error_of(brackets), Catch::Contains("line 1"));
  CHECK_THAT(error_of("{\"m\": {\"x\": " + brackets), Catch::Contains("expected JSON"));
}

TEST_CASE("a file says how old it is") {
  const std::string path = "price_file_test.yaml";
  std::ofstream{path} << own_file;
  const timespec times[2] = {{1'700'000'000, 0}, {1'700'000'000, 0}};
  REQUIRE(::utimensat(AT_FDCWD, path.c_str(), times, 0) == 0);
  capture telemetry;
  const price_table prices = load_prices(telemetry.recorder(), path);
  CHECK(prices.size() == 3);
  CHECK(telemetry.text("querytap.price_file.timestamp") == "value=1700000000000000000");
  std::remove(path.c_str());
  CHECK_THROWS_WITH(load_prices(path), Catch::Contains("expected a file"));
  CHECK_THROWS_WITH(load_prices("/"), Catch::Contains("expected a file"));
}
