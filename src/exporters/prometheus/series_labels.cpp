#include "series_labels.hpp"

#include <querytap/exporters/prometheus/prometheus_name.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

namespace querytap::detail {
namespace {

// Without a memory of the last number, the next free one is searched for from 2 on.
constexpr std::size_t most_remembered = 4096;

// To Prometheus, a label with an empty value is none. The lengths distinguish what reads the same
// when joined.
std::string comparable_text(const label_list& labels) {
  std::string text;
  for (const auto& [name, value] : labels) {
    if (!value.empty()) text += fmt::format("{}:{}={}:{}|", name.size(), name, value.size(), value);
  }
  return text;
}

label_list with_duplicate_number(label_list labels, unsigned number) {
  constexpr std::string_view name = "querytap_duplicate";
  const auto known = std::ranges::find(labels, name, &label_list::value_type::first);
  if (known != labels.end()) {
    known->second += fmt::format(";{}", number);
  } else {
    labels.emplace_back(name, std::to_string(number));
  }
  return labels;
}

}  // namespace

series_labels label_sets::take(const attributes& attributes) {
  series_labels own = take_labels(prometheus_labels(attributes));
  own.is_renamed = own.is_renamed || own.labels.size() != attributes.size();
  return own;
}

series_labels label_sets::take_labels(label_list wanted) {
  series_labels own{.labels = wanted};
  std::optional<distinct_texts::holder> holder;
  if (last_duplicate_.size() > most_remembered) last_duplicate_.clear();
  while (!(holder = taken_.take(std::array{comparable_text(own.labels)}))) {
    unsigned& number = last_duplicate_[distinct_texts::hash_of(comparable_text(wanted))];
    number = std::max(number + 1, 2U);
    own.labels = with_duplicate_number(wanted, number);
    own.is_renamed = true;
  }
  own.holder = std::move(*holder);
  return own;
}

}  // namespace querytap::detail
