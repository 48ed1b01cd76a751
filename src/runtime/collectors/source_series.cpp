#include "source_series.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace querytap::detail {
namespace {

// Unlike the text of any other labels.
std::string key_of(const attributes& labels) {
  std::string key;
  for (const attribute& label : labels) {
    const std::string value = to_string(label.value);
    key += fmt::format("{}={}:{};", label.key, value.size(), value);
  }
  return key;
}

metric& metric_of(std::vector<metric>& metrics, const instrument& wanted) {
  const auto known = std::ranges::find(metrics, &wanted, &metric::instrument);
  return known != metrics.end() ? *known : metrics.emplace_back(metric{&wanted});
}

}  // namespace

std::vector<std::shared_ptr<const metric>> source_series::update(
    const std::vector<collected::number>& numbers, std::chrono::system_clock::time_point time) {
  ++collections_;
  std::vector<metric> metrics;
  for (const collected::number& number : numbers) {
    known_series& known = known_[number.instrument][key_of(number.labels)];
    if (known.seen == collections_) continue;  // a series has one value
    const bool fell =
        number.instrument->kind == instrument_kind::counter && number.value < known.last;
    if (known.identity == nullptr || fell) {
      const bool is_counter = number.instrument->kind == instrument_kind::counter;
      known.identity = std::make_shared<const series_identity>(series_identity{
          number.instrument, number.labels, time, is_counter && !fell ? number.value : 0});
    }
    known.last = number.value;
    known.seen = collections_;
    metric_of(metrics, *number.instrument)
        .points.push_back({known.identity, nullptr, nullptr, number.value});
  }
  for (auto& [instrument, all] : known_) {
    std::erase_if(all, [&](const auto& item) { return item.second.seen != collections_; });
  }
  std::vector<std::shared_ptr<const metric>> result;
  for (metric& found : metrics) result.push_back(std::make_shared<const metric>(std::move(found)));
  return result;
}

}  // namespace querytap::detail
