#include "collector.hpp"

#include <querytap/snapshot/catalog.hpp>

#include <algorithm>
#include <atomic>
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

// Null if a snapshot still holds it. New memory for each histogram that changed would cost a third of
// the time that a collection takes.
std::shared_ptr<histogram_data> empty_again(std::shared_ptr<const histogram_data> used) {
  // ORDER counting one holder more reads what the last snapshot wrote when it let go, and the fence
  //       makes that an acquire: its reading is over before we write.
  const std::shared_ptr<const histogram_data> probe = used;
  if (used == nullptr || used.use_count() != 2) return nullptr;
  std::atomic_thread_fence(acquire);
  auto again = std::const_pointer_cast<histogram_data>(std::move(used));
  again->clear();
  return again;
}

}  // namespace

bool is_operation(const series& of) noexcept {
  return of.identity != nullptr && of.identity->what->name == catalog::operation_duration.name;
}

std::vector<active_operation> find_active(std::span<lane* const> lanes, const clock& time) {
  std::vector<active_operation> found;
  const std::uint64_t now = time.ticks();
  for_each_in_flight(lanes, [&](const series& of, const in_flight_slot& slot) {
    if (!is_operation(of)) return;
    const std::uint64_t begin = slot.begin.load(std::memory_order_relaxed);
    const auto age = static_cast<std::int64_t>(time.nanoseconds_between(begin, now));
    found.push_back(
        {of.identity,
         of.statement,
         std::chrono::nanoseconds{age},
         {slot.file.load(std::memory_order_relaxed), slot.line.load(std::memory_order_relaxed)}});
  });
  std::ranges::sort(found, std::greater{}, &active_operation::age);
  return found;
}

std::shared_ptr<const metric> collector::collect(const instrument& what,
                                                 std::span<series* const> all,
                                                 std::span<lane* const> lanes, std::uint64_t now) {
  instrument_state& state = instruments_[&what];
  changed_.clear();
  for (const series* of : all) {
    if (has_changed(*of, lanes)) changed_.push_back(of);
  }
  const bool is_same =
      state.last != nullptr && changed_.empty() && std::ranges::equal(state.order, all);
  if (is_same) return state.last;
  state.last = nullptr;  // so that the histograms in it can be filled anew, if nobody else has it
  for (const series* of : changed_) look_at(*of, lanes, now);
  state.order.assign(all.begin(), all.end());
  state.last = metric_of(what, state);
  return state.last;
}

bool collector::has_changed(const series& of, std::span<lane* const> lanes) const {
  return !has_seen(of) || !is_collected(of, lanes);
}

void collector::look_at(const series& of, std::span<lane* const> lanes, std::uint64_t now) {
  if (seen_.size() <= of.index) seen_.resize(of.index + 1);
  seen& here = seen_[of.index];
  here.changed = now;
  here.last.series = of.identity;
  here.last.statement = of.statement;
  if (of.layout == nullptr) {
    here.last.number = total(of, lanes);
    return;
  }
  here.version = version_of(of, lanes);
  std::shared_ptr<histogram_data> sum = empty_again(std::move(here.last.histogram));
  if (sum == nullptr) sum = std::make_shared<histogram_data>(of.shared_layout);
  merge(of, lanes, *sum);
  here.last.histogram = std::move(sum);
}

void collector::merge(const series& of, std::span<lane* const> lanes, histogram_data& to) {
  image_->layout = of.layout;
  for (const lane* in : lanes) {
    const cell* from = in->find_cell(of.position, acquire);
    if (from == nullptr) continue;
    from->read(*image_);
    to.add_pages(image_->octaves, std::span{image_->counts}.first(image_->size));
    to.add_range(image_->sum, image_->min, image_->max);
    if (const exemplar_reservoir* kept = in->find_exemplars(of.position)) kept->read(to);
  }
}

std::shared_ptr<const metric> collector::metric_of(const instrument& what,
                                                   const instrument_state& state) const {
  auto fresh = std::make_shared<metric>(metric{&what});
  fresh->points.reserve(state.order.size() + state.remainders.size());
  for (const series* of : state.order) {
    const point& last = seen_[of->index].last;
    const bool has_records =
        last.histogram == nullptr ? last.number != 0 : last.histogram->count() != 0;
    if (of->overflow != nullptr || has_records) fresh->points.push_back(last);
  }
  fresh->points.insert(fresh->points.end(), state.remainders.begin(), state.remainders.end());
  return fresh;
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
