// A cost is exact or it is unknown: nothing is guessed, and nothing unknown counts as free.

#include <querytap/base/error.hpp>
#include <querytap/calls/models/price_table.hpp>

#include <catch2/catch.hpp>

#include <chrono>
#include <limits>
#include <string>

using namespace querytap;
using namespace std::chrono_literals;

namespace {

constexpr std::chrono::sys_days may{std::chrono::year{2026} / 5 / 1};

constexpr money cents(std::int64_t count) { return {count * 10'000'000}; }

static_assert(money::dollars(20) == money{20'000'000'000});
static_assert(money::dollars(0.5) == cents(50));
static_assert(money::dollars(-0.29) == money{-290'000'000});
static_assert(money::dollars(1e300) == money::dollars(9e9));
static_assert(money::dollars(std::numeric_limits<double>::quiet_NaN()) == money{});

model_price mini() {
  return {.model = "mini",
          .prices = {.input = cents(15), .output = cents(60), .cached = money{75'000'000}}};
}

std::string cost(const price_table& prices, priced_call call) {
  call.time = may + 12h;
  const call_cost found = prices.cost_of(call);
  switch (found.status) {
    case cost_status::known: return std::to_string(found.amount.nanodollars);
    case cost_status::unknown_model: return "unknown model";
    case cost_status::unknown_price: return "unknown price";
    case cost_status::unknown_usage: break;
  }
  return "unknown usage";
}

}  // namespace

TEST_CASE("tokens cost what a million of them costs, exactly") {
  price_table prices;
  prices.add(mini());
  CHECK(cost(prices, {.model = "mini", .usage = {.input = 1'000'000, .output = 0}}) == "150000000");
  CHECK(cost(prices, {.model = "mini", .usage = {.input = 1117, .output = 400}}) == "407550");
  CHECK(cost(prices, {.model = "mini", .usage = {.input = 1}}) == "150");
  CHECK(cost(prices, {.model = "mini", .usage = {.input = 0, .output = 0}}) == "0");
}

TEST_CASE("cached and reasoning tokens are parts, not further ones") {
  price_table prices;
  model_price price = mini();
  prices.add(price);
  CHECK(cost(prices, {.model = "mini", .usage = {.input = 1000, .output = 0, .cached = 400}}) ==
        "120000");
  CHECK(cost(prices, {.model = "mini", .usage = {.input = 10, .output = 100, .reasoning = 40}}) ==
        "61500");
  price.prices.reasoning = cents(100);
  prices.add(price);
  CHECK(cost(prices, {.model = "mini", .usage = {.input = 10, .output = 100, .reasoning = 40}}) ==
        "77500");
  CHECK(cost(prices, {.model = "mini", .usage = {.input = 10, .output = 1, .reasoning = 40}}) ==
        "41500");
}

TEST_CASE("a missing price of cached tokens is not guessed") {
  price_table prices;
  model_price price = mini();
  price.prices.cached.reset();
  prices.add(price);
  CHECK(cost(prices, {.model = "mini", .usage = {.input = 1000, .cached = 400}}) ==
        "unknown price");
  CHECK(cost(prices, {.model = "mini", .usage = {.input = 1000, .cached = 0}}) == "150000");
  CHECK(cost(prices, {.model = "mini", .usage = {.input = 10, .cache_written = 4}}) ==
        "unknown price");
}

TEST_CASE("an unknown model is unknown, and so is a call without usage") {
  price_table prices;
  prices.add(mini());
  CHECK(cost(prices, {.model = "maxi", .usage = {.input = 1}}) == "unknown model");
  CHECK(cost(prices, {.usage = {.input = 1}}) == "unknown model");
  CHECK(cost(prices, {.model = "mini"}) == "unknown usage");
}

TEST_CASE(
    "a model is found with a date at its end, by the name that was asked for, and by an alias") {
  price_table prices;
  prices.add(mini());
  prices.add_alias("chat-default", "mini");
  const token_usage usage{.input = 1};
  CHECK(cost(prices, {.model = "mini-2024-07-18", .usage = usage}) == "150");
  CHECK(cost(prices, {.model = "mini-20240718", .usage = usage}) == "150");
  CHECK(cost(prices, {.model = "deployment", .asked_model = "mini", .usage = usage}) == "150");
  CHECK(cost(prices, {.model = "chat-default", .usage = usage}) == "150");
  for (const char* other : {"mini-2024-07", "mini-latest", "mini2024-07-18", "mini-2024-07-1x",
                            "-2024-07-18", "min", "mini-", "MINI"}) {
    CHECK(cost(prices, {.model = other, .usage = usage}) == "unknown model");
  }
}

TEST_CASE("the price of the day counts") {
  price_table prices;
  model_price price = mini();
  price.from = may + std::chrono::days{1};
  price.prices.input = cents(1);
  prices.add(price);
  CHECK(cost(prices, {.model = "mini", .usage = {.input = 100}}) == "unknown price");
  prices.add(mini());
  CHECK(cost(prices, {.model = "mini", .usage = {.input = 100}}) == "15000");
  price.from = may;
  price.prices.input = cents(30);
  prices.add(price);
  CHECK(cost(prices, {.model = "mini", .usage = {.input = 100}}) == "30000");
}

TEST_CASE("all of a call with a long input costs more") {
  price_table prices;
  model_price price = mini();
  price.tiers = {{.above_input_tokens = 200, .prices = {.input = cents(30), .output = cents(90)}},
                 {.above_input_tokens = 100, .prices = {.input = cents(20)}}};
  prices.add(price);
  CHECK(cost(prices, {.model = "mini", .usage = {.input = 100, .output = 10}}) == "21000");
  CHECK(cost(prices, {.model = "mini", .usage = {.input = 101, .output = 10}}) == "26200");
  CHECK(cost(prices, {.model = "mini", .usage = {.input = 201, .output = 10}}) == "69300");
  CHECK(cost(prices, {.model = "mini", .usage = {.input = 201, .cached = 5}}) == "unknown price");
}

TEST_CASE("a service tier has prices of its own or none") {
  price_table prices;
  prices.add(mini());
  model_price batch = mini();
  batch.service_tier = "batch";
  batch.prices = {.input = cents(7), .output = cents(30)};
  prices.add(batch);
  const token_usage usage{.input = 100};
  CHECK(cost(prices, {.model = "mini", .service_tier = "batch", .usage = usage}) == "7000");
  CHECK(cost(prices, {.model = "mini", .service_tier = "default", .usage = usage}) == "15000");
  CHECK(cost(prices, {.model = "mini", .service_tier = "priority", .usage = usage}) ==
        "unknown price");
}

TEST_CASE("huge counts end at the largest amount") {
  price_table prices;
  model_price price = mini();
  price.prices.input = money{std::numeric_limits<std::int64_t>::max()};
  prices.add(price);
  CHECK(cost(prices,
             {.model = "mini", .usage = {.input = std::numeric_limits<std::uint64_t>::max()}}) ==
        std::to_string(std::numeric_limits<std::int64_t>::max()));
}

TEST_CASE("a price that cannot be is refused") {
  price_table prices;
  CHECK_THROWS_AS(prices.add({.prices = {.input = cents(1)}}), configuration_error);
  model_price price = mini();
  price.prices.cached = money{-1};
  CHECK_THROWS_WITH(prices.add(price), Catch::Contains("cached price of mini"));
  price = mini();
  price.tiers = {{.above_input_tokens = 1, .prices = {.output = money{-1}}}};
  CHECK_THROWS_AS(prices.add(price), configuration_error);
}
