#include <querytap/base/attribute.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace querytap {
namespace {

auto position_of_key(std::vector<attribute>& items, std::string_view key) {
  return std::lower_bound(items.begin(), items.end(), key,
                          [](const attribute& item, std::string_view k) { return item.key < k; });
}

}  // namespace

attribute::attribute(std::string_view k, const char* v) : key{k}, value{std::string{v}} {}
attribute::attribute(std::string_view k, std::string_view v) : key{k}, value{std::string{v}} {}
attribute::attribute(std::string_view k, std::string v) : key{k}, value{std::move(v)} {}
attribute::attribute(std::string_view k, bool v) : key{k}, value{v} {}
attribute::attribute(std::string_view k, int v) : key{k}, value{std::int64_t{v}} {}
attribute::attribute(std::string_view k, std::int64_t v) : key{k}, value{v} {}
attribute::attribute(std::string_view k, double v) : key{k}, value{v} {}
attribute::attribute(std::string_view k, attribute_value v) : key{k}, value{std::move(v)} {}

attribute::attribute(const attribute&) = default;
attribute::attribute(attribute&&) noexcept = default;
attribute& attribute::operator=(const attribute&) = default;
attribute& attribute::operator=(attribute&&) noexcept = default;
attribute::~attribute() = default;

bool operator==(const attribute& a, const attribute& b) {
  return a.key == b.key && a.value == b.value;
}

std::string to_string(const attribute_value& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return *text;
  return std::visit([](const auto& v) { return fmt::format("{}", v); }, value);
}

attributes::attributes(std::initializer_list<attribute> list) {
  items_.reserve(list.size());
  for (const attribute& item : list) set(item);
}

void attributes::set(attribute item) {
  const auto place = position_of_key(items_, item.key);
  if (place != items_.end() && place->key == item.key) {
    place->value = std::move(item.value);
  } else {
    items_.insert(place, std::move(item));
  }
}

const attribute_value* attributes::find(std::string_view key) const noexcept {
  const auto place = position_of_key(const_cast<std::vector<attribute>&>(items_), key);
  return place != items_.end() && place->key == key ? &place->value : nullptr;
}

std::string to_string(const attributes& set) {
  std::string text;
  for (const attribute& item : set) {
    if (!text.empty()) text += ' ';
    text += item.key + '=' + to_string(item.value);
  }
  return text;
}

}  // namespace querytap
