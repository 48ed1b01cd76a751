#pragma once

#include <querytap/base/smart_pointers.hpp>
#include <querytap/calls/models/call_cost.hpp>
#include <querytap/calls/models/money.hpp>
#include <querytap/calls/models/token_usage.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace querytap {

/// The price of a million tokens of each kind. What is not known is nothing: no price is made up for it.
struct token_prices {
  std::optional<money> input = {};
  std::optional<money> output = {};
  std::optional<money> cached = {};         ///< of input that was read from a cache
  std::optional<money> cache_written = {};  ///< of input that was put into a cache
  std::optional<money> reasoning = {};      ///< nothing: as other output

  friend bool operator==(const token_prices&, const token_prices&) = default;
};

/// Other prices of the same model: of all tokens of a call with a long input, say.
struct price_tier {
  std::uint64_t above_input_tokens = 0;
  /// Input and output without a price here have that of shorter calls; the others then have none.
  token_prices prices = {};
};

/// What a model costs from some day on.
struct model_price {
  std::string model = {};         ///< as the endpoint names it
  std::string service_tier = {};  ///< "batch", "flex", "priority"; empty: the usual one
  std::chrono::sys_days from = std::chrono::sys_days::min();
  token_prices prices = {};
  std::vector<price_tier> tiers = {};  ///< in any order
};

/// What a call is priced by.
struct priced_call {
  std::string_view model = {};        ///< that answered
  std::string_view asked_model = {};  ///< looked up where the other has no price
  std::string_view service_tier =
      {};  ///< as the endpoint reports it; empty, "default": the usual one
  token_usage usage = {};
  std::chrono::system_clock::time_point time = {};
};

/// The prices of models: from a file (runtime/prices/price_file.hpp), or given one by one. A model is looked
/// up by its name, then without the date at its end, then by its alias.
///
///     price_table prices;
///     prices.add({.model = "gpt-4o-mini", .prices = {.input = money{150'000'000}}});
///     prices.cost_of({.model = "gpt-4o-mini-2024-07-18", .usage = usage, .time = now});
///
/// A model without a price is unknown, and so is the cost of a call with cached tokens where no price of those
/// is known: nothing is guessed.
///
/// Units    prices of a million tokens.
/// Threads  any number may ask at once; nobody while prices are added.
/// Cost     cost_of(): one to six searches of a map; no allocation.
/// Errors   add() throws configuration_error for a price below 0 or without a model.
class price_table {
 public:
  price_table();
  price_table(price_table&& other) noexcept;
  price_table& operator=(price_table&& other) noexcept;
  ~price_table();

  /// A second price of the same model, service tier and day replaces the first.
  void add(model_price price);
  /// `name` costs what `model` costs.
  void add_alias(std::string_view name, std::string_view model);

  [[nodiscard]] call_cost cost_of(const priced_call& call) const noexcept;

  /// Models with a price, each once.
  [[nodiscard]] std::size_t size() const noexcept;
  /// When the prices were written; nothing where that is not known.
  [[nodiscard]] std::optional<std::chrono::system_clock::time_point> time() const noexcept {
    return time_;
  }
  void set_time(std::chrono::system_clock::time_point time) noexcept { time_ = time; }

 private:
  struct models;

  [[nodiscard]] const model_price* find(std::string_view model, std::string_view service_tier,
                                        std::chrono::sys_days day, bool& is_model_known) const;

  std::unique_ptr<models> models_;
  std::optional<std::chrono::system_clock::time_point> time_;
};

}  // namespace querytap
