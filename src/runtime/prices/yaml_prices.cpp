#include "yaml_prices.hpp"

#include "../../base/numbers.hpp"
#include "price_number.hpp"

#include <querytap/base/error.hpp>

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace querytap::detail {
namespace {

struct yaml_price {
  std::string_view name;
  std::optional<money> token_prices::*member;
};
constexpr std::array<yaml_price, 5> yaml_price_names{
    {{"input", &token_prices::input},
     {"output", &token_prices::output},
     {"cached", &token_prices::cached},
     {"cache_written", &token_prices::cache_written},
     {"reasoning", &token_prices::reasoning}}};

std::optional<std::chrono::sys_days> parse_day(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
  const auto year = whole_number<int>(text.substr(0, 4));
  const auto month = whole_number<unsigned>(text.substr(5, 2));
  const auto day = whole_number<unsigned>(text.substr(8));
  if (!year || !month || !day) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year{*year}, std::chrono::month{*month},
                                         std::chrono::day{*day}};
  return date.ok() ? std::optional{std::chrono::sys_days{date}} : std::nullopt;
}

class yaml_price_reader {
 public:
  explicit yaml_price_reader(std::string_view file) : file_{file} {}

  [[nodiscard]] price_table read(const YAML::Node& root) {
    for_each_entry(root, "", [&](const std::string& key, const YAML::Node& value) {
      if (key == "models") return read_models(value);
      if (key == "currency") return check_currency(value);
      if (key == "aliases") return read_aliases(value);
      refuse(value, key, text_of(value), "expected models, aliases or currency");
    });
    for (const auto& [name, model, line] : aliases_) add_alias(name, model, line);
    return std::move(prices_);
  }

 private:
  struct noted_alias {
    std::string name;
    std::string model;
    std::size_t line;
  };

  [[nodiscard]] static std::size_t line_of(const YAML::Node& node) {
    return static_cast<std::size_t>(std::max(node.Mark().line, 0)) + 1;
  }
  [[nodiscard]] static std::string text_of(const YAML::Node& node) {
    return node.IsScalar() ? node.Scalar() : std::string{};
  }
  [[noreturn]] void refuse(const YAML::Node& node, const std::string& key, std::string_view value,
                           std::string_view reason) const {
    refuse_price_file({file_, line_of(node), key}, value, reason);
  }

  // `parent` ends in a point, or is empty.
  template <class Visit>
  void for_each_entry(const YAML::Node& node, const std::string& parent, Visit visit) const {
    if (!node.IsMap()) {
      refuse(node, parent.substr(0, parent.empty() ? 0 : parent.size() - 1), text_of(node),
             "expected keys with values");
    }
    std::set<std::string> seen;
    for (const auto& entry : node) {
      if (!entry.first.IsScalar()) refuse(entry.first, parent, "", "expected a key of one word");
      const std::string key = entry.first.Scalar();
      if (!seen.insert(key).second) {
        refuse(entry.first, parent + key, text_of(entry.second), "expected each key once");
      }
      visit(key, entry.second);
    }
  }

  void check_currency(const YAML::Node& value) const {
    if (text_of(value) != "USD") refuse(value, "currency", text_of(value), "expected USD");
  }

  void read_models(const YAML::Node& models) {
    for_each_entry(models, "models.", [this](const std::string& model, const YAML::Node& value) {
      if (model.empty()) refuse(value, "models", "", "expected the name of a model");
      const std::string key = "models." + model;
      if (!value.IsSequence()) return read_model(model, value, key + ".");
      for (std::size_t i = 0; i < value.size(); ++i) {
        read_model(model, value[i], fmt::format("{}[{}].", key, i));
      }
    });
  }

  void read_model(const std::string& model, const YAML::Node& node, const std::string& parent) {
    model_price price{.model = model};
    std::vector<model_price> others;
    for_each_entry(node, parent, [&](const std::string& key, const YAML::Node& value) {
      if (read_price(price.prices, key, value, parent)) return;
      if (key == "from") return read_day(price, value, parent);
      if (key == "above") return read_thresholds(price, value, parent + "above.");
      if (key == "tiers") return read_tiers(others, model, value, parent + "tiers.");
      refuse(value, parent + key, text_of(value),
             "expected input, output, cached, cache_written, reasoning, from, above or tiers");
    });
    for (model_price& other : others) {
      other.from = price.from;
      prices_.add(std::move(other));
    }
    prices_.add(std::move(price));
  }

  [[nodiscard]] bool read_price(token_prices& prices, const std::string& key,
                                const YAML::Node& value, const std::string& parent) const {
    const auto* const known = std::ranges::find(yaml_price_names, key, &yaml_price::name);
    if (known == yaml_price_names.end()) return false;
    const auto price = value.IsScalar() ? parse_price(value.Scalar()) : std::nullopt;
    if (!price) {
      refuse(value, parent + key, text_of(value),
             "expected dollars for a million tokens, 0 or more");
    }
    prices.*(known->member) = price;
    return true;
  }

  void read_prices(token_prices& prices, const YAML::Node& node, const std::string& parent) const {
    for_each_entry(node, parent, [&](const std::string& key, const YAML::Node& value) {
      if (read_price(prices, key, value, parent)) return;
      refuse(value, parent + key, text_of(value),
             "expected input, output, cached, cache_written or reasoning");
    });
  }

  void read_day(model_price& price, const YAML::Node& value, const std::string& parent) const {
    const auto day = parse_day(text_of(value));
    if (!day) refuse(value, parent + "from", text_of(value), "expected a day, as 2026-05-01");
    price.from = *day;
  }

  void read_thresholds(model_price& price, const YAML::Node& node,
                       const std::string& parent) const {
    for_each_entry(node, parent, [&](const std::string& key, const YAML::Node& value) {
      const auto tokens = whole_number<std::uint64_t>(key);
      if (!tokens) refuse(value, parent + key, key, "expected a number of tokens");
      price_tier tier{.above_input_tokens = *tokens};
      read_prices(tier.prices, value, parent + key + ".");
      price.tiers.push_back(tier);
    });
  }

  void read_tiers(std::vector<model_price>& others, const std::string& model,
                  const YAML::Node& node, const std::string& parent) const {
    for_each_entry(node, parent, [&](const std::string& tier, const YAML::Node& value) {
      model_price price{.model = model, .service_tier = tier};
      read_prices(price.prices, value, parent + tier + ".");
      others.push_back(std::move(price));
    });
  }

  void read_aliases(const YAML::Node& node) {
    for_each_entry(node, "aliases.", [this](const std::string& name, const YAML::Node& value) {
      aliases_.push_back({name, text_of(value), line_of(value)});
    });
  }

  void add_alias(const std::string& name, const std::string& model, std::size_t line) {
    const priced_call probe{.model = model, .usage = {.input = 0}};
    if (prices_.cost_of(probe).status == cost_status::unknown_model) {
      refuse_price_file({file_, line, "aliases." + name}, model, "expected a model with a price");
    }
    prices_.add_alias(name, model);
  }

  const std::string_view file_;
  std::vector<noted_alias> aliases_;
  price_table prices_;
};

}  // namespace

price_table read_yaml_prices(std::string_view text, std::string_view file) {
  try {
    return yaml_price_reader{file}.read(YAML::Load(std::string{text}));
  } catch (const YAML::Exception& error) {
    refuse_price_file({file, static_cast<std::size_t>(std::max(error.mark.line, 0)) + 1, {}}, "",
                      "expected YAML: " + error.msg);
  }
}

}  // namespace querytap::detail
