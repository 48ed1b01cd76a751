#include <querytap/calls/models/price_table.hpp>

#include "../../base/ascii.hpp"

#include <querytap/base/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <limits>
#include <map>
#include <utility>

namespace querytap {
namespace {

__extension__ using wide_amount = __int128;

void check_price(const std::optional<money>& price, std::string_view kind, std::string_view model) {
  if (price && price->nanodollars < 0) {
    throw configuration_error{fmt::format("{} price of {}", kind, model),
                              fmt::format("{}", price->in_dollars()), "expected 0 or more"};
  }
}

void check_prices(const token_prices& prices, std::string_view model) {
  check_price(prices.input, "input", model);
  check_price(prices.output, "output", model);
  check_price(prices.cached, "cached", model);
  check_price(prices.cache_written, "cache_written", model);
  check_price(prices.reasoning, "reasoning", model);
}

bool are_digits(std::string_view text) { return std::ranges::all_of(text, detail::is_ascii_digit); }

// "gpt-4o-mini" of "gpt-4o-mini-2024-07-18" and of "gpt-4o-mini-20240718"; empty where there is no date.
std::string_view without_date(std::string_view model) {
  if (model.size() > 9 && model[model.size() - 9] == '-' &&
      are_digits(model.substr(model.size() - 8))) {
    return model.substr(0, model.size() - 9);
  }
  if (model.size() < 12) return {};
  const std::string_view date = model.substr(model.size() - 11);
  const bool is_date = date[0] == '-' && are_digits(date.substr(1, 4)) && date[5] == '-' &&
                       are_digits(date.substr(6, 2)) && date[8] == '-' &&
                       are_digits(date.substr(9));
  return is_date ? model.substr(0, model.size() - 11) : std::string_view{};
}

std::string_view usual_as_empty(std::string_view tier) {
  return tier == "default" || tier == "auto" || tier == "standard" ? std::string_view{} : tier;
}

// Of a longer input where there are such prices.
token_prices prices_for(const model_price& price, std::uint64_t input_tokens) {
  const price_tier* highest = nullptr;
  for (const price_tier& tier : price.tiers) {
    const bool applies = input_tokens > tier.above_input_tokens;
    if (applies && (highest == nullptr || tier.above_input_tokens > highest->above_input_tokens)) {
      highest = &tier;
    }
  }
  if (highest == nullptr) return price.prices;
  token_prices result = highest->prices;
  if (!result.input) result.input = price.prices.input;
  if (!result.output) result.output = price.prices.output;
  return result;
}

/// A sum of tokens times prices, in billionths of a dollar times a million.
class cost_sum {
 public:
  void add(std::uint64_t tokens, const std::optional<money>& of_a_million) noexcept {
    if (tokens == 0) return;
    if (!of_a_million) {
      is_known_ = false;
    } else {
      sum_ += wide_amount{tokens} * of_a_million->nanodollars;
    }
  }

  [[nodiscard]] call_cost result() const noexcept {
    if (!is_known_) return {.status = cost_status::unknown_price};
    constexpr wide_amount million = 1'000'000;
    const wide_amount rounded = (sum_ + million / 2) / million;
    constexpr wide_amount most = std::numeric_limits<std::int64_t>::max();
    return {{static_cast<std::int64_t>(std::min(rounded, most))}, cost_status::known};
  }

 private:
  wide_amount sum_ = 0;
  bool is_known_ = true;
};

// What is a part of the tokens is priced apart from the rest; an endpoint may report larger parts than there
// are tokens.
call_cost cost_at(const token_prices& prices, const token_usage& usage) noexcept {
  const auto rest = [](std::uint64_t all, std::uint64_t part) { return all - std::min(all, part); };
  const std::uint64_t cached = usage.cached.value_or(0);
  const std::uint64_t written = usage.cache_written.value_or(0);
  const std::uint64_t reasoning = usage.reasoning.value_or(0);
  cost_sum sum;
  sum.add(rest(rest(usage.input.value_or(0), cached), written), prices.input);
  sum.add(cached, prices.cached);
  sum.add(written, prices.cache_written);
  sum.add(rest(usage.output.value_or(0), reasoning), prices.output);
  sum.add(reasoning, prices.reasoning ? prices.reasoning : prices.output);
  return sum.result();
}

}  // namespace

struct price_table::models {
  std::map<std::string, std::vector<model_price>, std::less<>> by_name;  // the newest price first
  std::map<std::string, std::string, std::less<>> aliases;
};

price_table::price_table() : models_{std::make_unique<models>()} {}
price_table::price_table(price_table&& other) noexcept = default;
price_table& price_table::operator=(price_table&& other) noexcept = default;
price_table::~price_table() = default;

void price_table::add(model_price price) {
  if (price.model.empty()) throw configuration_error{"model", "", "expected the name of a model"};
  check_prices(price.prices, price.model);
  for (const price_tier& tier : price.tiers) check_prices(tier.prices, price.model);
  price.service_tier = usual_as_empty(price.service_tier);
  std::vector<model_price>& known = models_->by_name[price.model];
  const auto same = std::ranges::find_if(known, [&](const model_price& other) {
    return other.from == price.from && other.service_tier == price.service_tier;
  });
  if (same != known.end()) {
    *same = std::move(price);
    return;
  }
  const auto place = std::ranges::find_if(
      known, [&](const model_price& other) { return other.from < price.from; });
  known.insert(place, std::move(price));
}

void price_table::add_alias(std::string_view name, std::string_view model) {
  models_->aliases.insert_or_assign(std::string{name}, std::string{model});
}

call_cost price_table::cost_of(const priced_call& call) const noexcept {
  if (!call.usage.is_reported()) return {.status = cost_status::unknown_usage};
  const auto day = std::chrono::floor<std::chrono::days>(call.time);
  const std::string_view tier = usual_as_empty(call.service_tier);
  bool is_model_known = false;
  const model_price* price = nullptr;
  for (const std::string_view name : {call.model, call.asked_model}) {
    if (price != nullptr || name.empty()) continue;
    price = find(name, tier, day, is_model_known);
    if (price == nullptr) price = find(without_date(name), tier, day, is_model_known);
    const auto alias = models_->aliases.find(name);
    if (price != nullptr || alias == models_->aliases.end()) continue;
    price = find(alias->second, tier, day, is_model_known);
  }
  if (price == nullptr) {
    return {.status = is_model_known ? cost_status::unknown_price : cost_status::unknown_model};
  }
  return cost_at(prices_for(*price, call.usage.input.value_or(0)), call.usage);
}

const model_price* price_table::find(std::string_view model, std::string_view service_tier,
                                     std::chrono::sys_days day, bool& is_model_known) const {
  const auto known = models_->by_name.find(model);
  if (known == models_->by_name.end()) return nullptr;
  is_model_known = true;
  for (const model_price& price : known->second) {
    if (price.from <= day && price.service_tier == service_tier) return &price;
  }
  return nullptr;
}

std::size_t price_table::size() const noexcept { return models_->by_name.size(); }

}  // namespace querytap
