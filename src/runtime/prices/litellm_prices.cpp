#include "litellm_prices.hpp"

#include "../../base/numbers.hpp"
#include "price_number.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <iterator>
#include <limits>
#include <map>
#include <optional>
#include <string>

namespace querytap::detail {
namespace {

/// Counts the lines that a parser has read.
class counted_characters {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  counted_characters(const char* at, std::size_t* line) : at_{at}, line_{line} {}
  const char& operator*() const { return *at_; }
  counted_characters& operator++() {
    // The line of the last character read, which a line feed is itself of.
    if (ends_line_) ++*line_;
    ends_line_ = *at_ == '\n';
    ++at_;
    return *this;
  }
  friend bool operator==(const counted_characters& a, const counted_characters& b) {
    return a.at_ == b.at_;
  }

 private:
  const char* at_;
  std::size_t* line_;
  bool ends_line_ = false;
};

using price_member = std::optional<money> token_prices::*;

struct price_field {
  std::string_view name;
  price_member member;
};
constexpr std::array<price_field, 5> price_fields{
    {{"input_cost_per_token", &token_prices::input},
     {"output_cost_per_token", &token_prices::output},
     {"cache_read_input_token_cost", &token_prices::cached},
     {"cache_creation_input_token_cost", &token_prices::cache_written},
     {"output_cost_per_reasoning_token", &token_prices::reasoning}}};

struct tier_suffix {
  std::string_view suffix;
  std::string_view service_tier;
};
constexpr std::array<tier_suffix, 3> tier_suffixes{
    {{"_batches", "batch"}, {"_priority", "priority"}, {"_flex", "flex"}}};

/// What a key says: which price, of which tier, above how many tokens.
struct price_key {
  price_member member = nullptr;
  std::string_view service_tier = {};
  std::uint64_t above = 0;
};

// Removes `_above_200k_tokens` from the front.
std::optional<std::uint64_t> take_threshold(std::string_view& rest) {
  constexpr std::string_view begin = "_above_";
  constexpr std::string_view end = "k_tokens";
  if (!rest.starts_with(begin)) return std::nullopt;
  const std::size_t size = rest.find(end);
  if (size == std::string_view::npos) return std::nullopt;
  const auto thousands =
      whole_number<std::uint32_t>(rest.substr(begin.size(), size - begin.size()));
  if (!thousands) return std::nullopt;
  rest.remove_prefix(size + end.size());
  return std::uint64_t{*thousands} * 1000;
}

// Nothing for a field that is no price of tokens, or of tokens that nobody reports.
std::optional<price_key> read_price_key(std::string_view key) {
  const auto* const field = std::ranges::find_if(
      price_fields, [&](const price_field& known) { return key.starts_with(known.name); });
  if (field == price_fields.end()) return std::nullopt;
  price_key result{.member = field->member};
  std::string_view rest = key.substr(field->name.size());
  while (!rest.empty()) {
    if (const auto above = take_threshold(rest)) {
      result.above = *above;
      continue;
    }
    const auto* const tier = std::ranges::find_if(
        tier_suffixes, [&](const tier_suffix& known) { return rest.starts_with(known.suffix); });
    if (tier == tier_suffixes.end()) return std::nullopt;
    result.service_tier = tier->service_tier;
    rest.remove_prefix(tier->suffix.size());
  }
  return result;
}

/// Told by nlohmann-json what stands in the file.
class litellm_reader final : public nlohmann::json_sax<nlohmann::json> {
 public:
  litellm_reader(std::string_view file, const std::size_t& line) : file_{file}, line_{line} {}

  [[nodiscard]] price_table take() { return std::move(prices_); }

  bool null() override { return is_inside(); }
  bool boolean(bool value) override { return refuse_other(value ? "true" : "false"); }
  bool string(std::string& text) override { return refuse_other(text); }
  bool binary(binary_t& /*bytes*/) override { return is_inside(); }
  bool number_integer(number_integer_t number) override {
    return take_price(fmt::to_string(number));
  }
  bool number_unsigned(number_unsigned_t number) override {
    return take_price(fmt::to_string(number));
  }
  bool number_float(number_float_t /*number*/, const std::string& text) override {
    return take_price(text);
  }

  bool start_object(std::size_t /*size*/) override {
    if (depth_ == 1) tiers_.clear();
    if (depth_ == 2) (void)refuse_other("{");
    ++depth_;
    return true;
  }
  bool end_object() override {
    if (--depth_ == 1) add_model();
    return true;
  }
  bool start_array(std::size_t /*size*/) override {
    if (depth_ < 2) return refuse_other("[");
    if (depth_ == 2) (void)refuse_other("[");
    ++depth_;
    return true;
  }
  bool end_array() override {
    --depth_;
    return true;
  }
  bool key(std::string& name) override {
    if (depth_ == 1) model_ = name;
    if (depth_ == 2) key_ = name;
    return true;
  }
  bool parse_error(std::size_t /*position*/, const std::string& /*token*/,
                   const nlohmann::detail::exception& /*error*/) override {
    refuse_price_file({file_, line_, {}}, "", "expected JSON");
  }

 private:
  [[nodiscard]] price_place place() const {
    return {file_, line_, depth_ == 2 ? model_ + "." + key_ : model_};
  }

  // Outside of any model there are none but models.
  bool is_inside() const {
    if (depth_ < 2) refuse_price_file(place(), "", "expected an object with the prices of a model");
    return true;
  }

  bool refuse_other(std::string_view value) const {
    (void)is_inside();
    if (is_documentation() || depth_ != 2 || !read_price_key(key_)) return true;
    refuse_price_file(place(), value, "expected dollars for a token, as a number");
  }

  bool take_price(const std::string& text) {
    constexpr int of_a_million = 6;
    (void)is_inside();
    const auto key = depth_ == 2 && !is_documentation() ? read_price_key(key_) : std::nullopt;
    if (!key) return true;
    const auto price = parse_price(text, of_a_million);
    if (!price) refuse_price_file(place(), text, "expected dollars for a token, 0 or more");
    tiers_[key->service_tier][key->above].*(key->member) = price;
    return true;
  }

  // The first entry explains the others.
  [[nodiscard]] bool is_documentation() const { return model_ == "sample_spec"; }

  void add_model() {
    if (model_.empty()) refuse_price_file(place(), "", "expected the name of a model");
    for (const auto& [service_tier, by_threshold] : tiers_) {
      model_price price{.model = model_, .service_tier = std::string{service_tier}};
      for (const auto& [above, prices] : by_threshold) {
        if (above == 0) {
          price.prices = prices;
        } else {
          price.tiers.push_back({above, prices});
        }
      }
      prices_.add(std::move(price));
    }
    tiers_.clear();
  }

  const std::string_view file_;
  const std::size_t& line_;
  std::size_t depth_ = 0;
  std::string model_;
  std::string key_;
  // By service tier, and by the length of the input from which on they apply.
  std::map<std::string_view, std::map<std::uint64_t, token_prices>> tiers_;
  price_table prices_;
};

}  // namespace

price_table read_litellm_prices(std::string_view text, std::string_view file) {
  std::size_t line = 1;
  litellm_reader reader{file, line};
  const counted_characters begin{text.data(), &line};
  const counted_characters end{text.data() + text.size(), &line};
  nlohmann::json::sax_parse(begin, end, &reader);
  return reader.take();
}

}  // namespace querytap::detail
