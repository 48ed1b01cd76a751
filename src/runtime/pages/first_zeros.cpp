#include "first_zeros.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace querytap::detail {
namespace {

// A first scrape may come late, to a process whose calls of days are not those of one interval.
constexpr std::chrono::minutes longest_wait_for_first_scrape{5};

bool is_counting(instrument_kind kind) {
  return kind == instrument_kind::counter || kind == instrument_kind::histogram;
}

bool has_same_series(const std::vector<const series_identity*>& order, const metric& metric) {
  return std::ranges::equal(order, metric.points, {}, {},
                            [](const point& p) { return p.series.get(); });
}

void set_to_start(point& counting) {
  counting.number = counting.series->at_start;
  if (counting.histogram == nullptr) return;
  auto empty = std::make_shared<histogram_data>(*counting.histogram);
  empty->clear();
  counting.histogram = std::move(empty);
}

}  // namespace

void first_zeros::show_first(snapshot& scraped, const selection& is_selected) {
  for (auto& shown : scraped.metrics) {
    if (!is_counting(shown->instrument->kind) || !is_selected(*shown->instrument)) continue;
    family& known = families_[shown->instrument];
    if (has_same_series(known.order, *shown)) continue;
    const auto begins = [&](const series_identity& series) {
      return known.is_known || scraped.time - series.start < longest_wait_for_first_scrape;
    };
    auto changed = std::make_shared<metric>(*shown);
    family current;
    current.is_known = true;
    for (point& p : changed->points) {
      current.order.push_back(p.series.get());
      current.series.insert(p.series);
      if (!known.series.contains(p.series) && begins(*p.series)) set_to_start(p);
    }
    known = std::move(current);
    shown = std::move(changed);
  }
}

}  // namespace querytap::detail
