#include "collector.hpp"

#include <algorithm>
#include <functional>

namespace querytap::detail {
namespace {

constexpr auto acquire = std::memory_order_acquire;

std::int64_t total(const series& of, std::span<lane* const> lanes) {
  if (of.identity->what->kind == instrument_kind::gauge) {
    return of.gauge.load(std::memory_order_relaxed);
  }
  std::uint64_t sum = 0;
  for (const lane* in : lanes) {
    const auto* count = in->find_counter(of.position, acquire);
    if (count != nullptr) sum += count->load(std::memory_order_relaxed);
  }
  return static_cast<std::int64_t>(sum);
}

}  // namespace

std::vector<active_operation> find_active(std::span<lane* const> lanes, const clock& time) {
  std::vector<active_operation> found;
  const std::uint64_t now = time.ticks();
  for (const lane* in : lanes) {
    for (const in_flight_slot& slot : in->in_flight) {
      const series* of = slot.what.load(acquire);
      if (of == nullptr) continue;
      const std::uint64_t age =
          time.nanoseconds_between(slot.begin.load(std::memory_order_relaxed), now);
      found.push_back(
          {of->identity, of->statement, std::chrono::nanoseconds{static_cast<std::int64_t>(age)}});
    }
  }
  std::ranges::sort(found, std::greater{}, &active_operation::age);
  return found;
}

void collector::collect(std::span<series* const> all, std::span<lane* const> lanes,
                        std::vector<point>& to) {
  to.reserve(to.size() + all.size());
  for (const series* of : all) {
    point& p = to.emplace_back(point{of->identity, of->statement, nullptr, 0});
    if (of->layout == nullptr) {
      p.number = total(*of, lanes);
    } else {
      p.histogram = merge(*of, lanes);
    }
    const bool has_records = p.histogram == nullptr ? p.number != 0 : p.histogram->count() != 0;
    if (of->overflow == nullptr && !has_records) to.pop_back();
  }
}

// Versions only grow, so their sum changes whenever one of them does.
std::shared_ptr<const histogram_data> collector::merge(const series& of,
                                                       std::span<lane* const> lanes) {
  if (merged_.size() <= of.index) merged_.resize(of.index + 1);
  merged& last = merged_[of.index];
  std::uint64_t version = 0;
  for (const lane* in : lanes) {
    const cell* from = in->find_cell(of.position, acquire);
    if (from != nullptr) version += from->version();
  }
  if (last.data != nullptr && last.version == version) return last.data;

  auto sum = std::make_shared<histogram_data>(of.shared_layout);
  for (const lane* in : lanes) {
    const cell* from = in->find_cell(of.position, acquire);
    if (from == nullptr) continue;
    from->read(*image_);
    sum->add_pages(image_->octaves, image_->counts);
    sum->add_range(image_->sum, image_->min, image_->max);
  }
  last = {version, std::move(sum)};
  return last.data;
}

}  // namespace querytap::detail
