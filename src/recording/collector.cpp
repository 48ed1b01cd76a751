#include "collector.hpp"

#include <querytap/snapshot/catalog.hpp>

#include <algorithm>
#include <functional>
#include <utility>

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

// Versions only grow, so their sum changes whenever one of them does.
std::uint64_t version_of(const series& of, std::span<lane* const> lanes) {
  std::uint64_t version = 0;
  for (const lane* in : lanes) {
    const cell* from = in->find_cell(of.position, acquire);
    if (from != nullptr) version += from->version();
  }
  return version;
}

}  // namespace

std::vector<active_operation> find_active(std::span<lane* const> lanes, const clock& time) {
  std::vector<active_operation> found;
  const std::uint64_t now = time.ticks();
  for (const lane* in : lanes) {
    for (const in_flight_slot& slot : in->in_flight) {
      const series* of = slot.what.load(acquire);
      // Requests are there too, but only so that their series stay.
      if (of == nullptr || of->identity->what->name != catalog::operation_duration.name) continue;
      const std::uint64_t age =
          time.nanoseconds_between(slot.begin.load(std::memory_order_relaxed), now);
      found.push_back(
          {of->identity, of->statement, std::chrono::nanoseconds{static_cast<std::int64_t>(age)}});
    }
  }
  std::ranges::sort(found, std::greater{}, &active_operation::age);
  return found;
}

std::shared_ptr<const metric> collector::collect(const instrument& what,
                                                 std::span<series* const> all,
                                                 std::span<lane* const> lanes, std::uint64_t now) {
  instrument_state& state = instruments_[&what];
  bool changed = state.last == nullptr || !std::ranges::equal(state.order, all);
  for (const series* of : all) {
    if (!look_at(*of, lanes)) continue;
    seen_[of->index].changed = now;
    changed = true;
  }
  if (!changed) return state.last;
  state.order.assign(all.begin(), all.end());
  auto fresh = std::make_shared<metric>(metric{&what});
  fresh->points.reserve(all.size());
  for (const series* of : all) {
    const point& last = seen_[of->index].last;
    const bool has_records =
        last.histogram == nullptr ? last.number != 0 : last.histogram->count() != 0;
    if (of->overflow != nullptr || has_records) fresh->points.push_back(last);
  }
  fresh->points.insert(fresh->points.end(), state.remainders.begin(), state.remainders.end());
  state.last = std::move(fresh);
  return state.last;
}

bool collector::look_at(const series& of, std::span<lane* const> lanes) {
  if (seen_.size() <= of.index) seen_.resize(of.index + 1);
  seen& here = seen_[of.index];
  const bool is_new = here.last.series == nullptr;
  if (is_new) here.last = {of.identity, of.statement, nullptr, 0};
  if (of.layout == nullptr) {
    const std::int64_t number = total(of, lanes);
    return std::exchange(here.last.number, number) != number || is_new;
  }
  const std::uint64_t version = version_of(of, lanes);
  if (!is_new && version == here.version) return false;
  here.version = version;
  here.last.histogram = merge(of, lanes);
  return true;
}

std::shared_ptr<const histogram_data> collector::merge(const series& of,
                                                       std::span<lane* const> lanes) {
  auto sum = std::make_shared<histogram_data>(of.shared_layout);
  image_->wanted = of.layout->buckets_in_octave();
  for (const lane* in : lanes) {
    const cell* from = in->find_cell(of.position, acquire);
    if (from == nullptr) continue;
    from->read(*image_);
    sum->add_pages(image_->octaves, image_->counts);
    sum->add_range(image_->sum, image_->min, image_->max);
    if (const exemplar_reservoir* kept = in->find_exemplars(of.position)) kept->read(*sum);
  }
  return sum;
}

bool collector::has_seen(const series& one) const noexcept {
  return one.index < seen_.size() && seen_[one.index].last.series != nullptr;
}

bool collector::is_collected(const series& of, std::span<lane* const> lanes) const {
  const seen& here = seen_[of.index];
  return of.layout == nullptr ? here.last.number == total(of, lanes)
                              : here.version == version_of(of, lanes);
}

void collector::fold(const series& gone, const std::shared_ptr<const series_identity>& into) {
  instrument_state& state = instruments_[gone.identity->what];
  add(std::exchange(seen_[gone.index], {}).last, state.remainders, into);
  state.last = nullptr;
}

void collector::move_remainder(const std::shared_ptr<const series_identity>& from,
                               const std::shared_ptr<const series_identity>& into) {
  instrument_state& state = instruments_[from->what];
  const auto place = std::ranges::find(state.remainders, from, &point::series);
  if (place == state.remainders.end()) return;
  const point part = std::move(*place);
  state.remainders.erase(place);
  add(part, state.remainders, into);
  state.last = nullptr;
}

void collector::add(const point& part, std::vector<point>& remainders,
                    const std::shared_ptr<const series_identity>& into) {
  const auto known = std::ranges::find(remainders, into, &point::series);
  point& sum = known != remainders.end() ? *known : remainders.emplace_back(point{.series = into});
  sum.number += part.number;
  if (part.histogram == nullptr) return;
  auto merged = std::make_shared<histogram_data>(*part.histogram);
  if (sum.histogram != nullptr) merged->merge(*sum.histogram);
  sum.histogram = std::move(merged);
}

}  // namespace querytap::detail
