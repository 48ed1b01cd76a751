#include "collector.hpp"

#include <querytap/snapshot/catalog.hpp>

#include <algorithm>
#include <atomic>
#include <functional>
#include <utility>

namespace querytap::detail {
namespace {

constexpr auto acquire = std::memory_order_acquire;

// Of thousands of series, none is at hand when its turn comes: what leads from one to its counts is
// asked for so many series in advance, step by step. Half the time of a collection of 10,000.
constexpr std::size_t series_ahead = 12;
constexpr std::size_t cells_ahead = 8;
constexpr std::size_t pages_ahead = 4;
constexpr std::size_t counts_ahead = 2;
// So many fit into the cache, where asking in advance is in vain.
constexpr std::size_t few_series = 2000;

std::int64_t total(const series& of, std::span<lane* const> lanes) {
  if (of.identity->instrument->kind == instrument_kind::gauge) {
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

// True if these are all the holders, who are ours: what they hold may be written to.
template <class Held>
bool has_no_holders_but(long ours, const std::shared_ptr<Held>& of) {
  // ORDER counting one holder more reads what the last other holder wrote when it let go, and the
  //       fence makes that an acquire: its reading is over before we write.
  const std::shared_ptr<Held> probe = of;
  if (of.use_count() != ours + 1) return false;
  std::atomic_thread_fence(acquire);
  return true;
}

bool has_records(const point& of) {
  return of.histogram == nullptr ? of.number != 0 : of.histogram->count() != 0;
}

}  // namespace

bool is_operation(const series& of) noexcept {
  return of.identity != nullptr &&
         of.identity->instrument->name == catalog::operation_duration.name;
}

active_call active_call_in(const in_flight_slot& slot, const series& series, std::uint64_t age) {
  return {series.identity,
          series.statement,
          std::chrono::nanoseconds{static_cast<std::int64_t>(age)},
          {slot.file.load(std::memory_order_relaxed), slot.line.load(std::memory_order_relaxed)}};
}

std::vector<active_call> find_active(std::span<lane* const> lanes, const clock& time) {
  std::vector<active_call> found;
  const std::uint64_t now = time.ticks();
  for_each_in_flight(lanes, [&](const series& series, const in_flight_slot& slot) {
    if (!is_operation(series)) return;
    const std::uint64_t begin = slot.begin.load(std::memory_order_relaxed);
    found.push_back(active_call_in(slot, series, time.nanoseconds_between(begin, now)));
  });
  std::ranges::sort(found, std::greater{}, &active_call::age);
  return found;
}

std::shared_ptr<const metric> collector::collect(const instrument& what,
                                                 std::span<series* const> all,
                                                 std::span<lane* const> lanes, std::uint64_t now) {
  instrument_state& state = instruments_[&what];
  changed_.clear();
  const bool many = all.size() > few_series;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (many) prefetch_version(all.subspan(i), lanes);
    if (has_changed(*all[i], lanes)) changed_.push_back(all[i]);
  }
  const bool same_series = state.last != nullptr && std::ranges::equal(state.order, all);
  if (same_series && changed_.empty()) return state.last;
  // New memory, and a look at what each point refers to, would cost half of what a collection takes.
  const bool in_place = same_series && has_no_holders_but(1, state.last);
  // Out of the state meanwhile: should memory run out, the next collection makes a new one.
  std::shared_ptr<metric> last = std::exchange(state.last, nullptr);
  if (!in_place) last = nullptr;
  for (std::size_t i = 0; i < changed_.size(); ++i) {
    if (many) prefetch_content(std::span{changed_}.subspan(i), lanes);
    look_at(*changed_[i], lanes, now, in_place);
  }
  if (!in_place || !update(*last)) {
    state.order.assign(all.begin(), all.end());
    last = metric_of(what, state);
  }
  state.last = std::move(last);
  return state.last;
}

void collector::prefetch_version(std::span<series* const> next,
                                 std::span<lane* const> lanes) const {
  if (next.size() <= series_ahead) return;
  __builtin_prefetch(next[series_ahead]);
  const series& of = *next[cells_ahead];
  if (has_seen(of)) __builtin_prefetch(&seen_[of.index]);
  for (const lane* in : lanes) {
    if (const cell* from = in->find_cell(of.position, acquire)) __builtin_prefetch(from);
  }
}

void collector::prefetch_content(std::span<const series* const> next,
                                 std::span<lane* const> lanes) const {
  if (next.size() <= series_ahead) return;
  __builtin_prefetch(next[series_ahead]);
  __builtin_prefetch(&next[series_ahead]->statement);
  for (const lane* in : lanes) {
    const cell* from = in->find_cell(next[cells_ahead]->position, acquire);
    if (from != nullptr) from->prefetch();
    from = in->find_cell(next[pages_ahead]->position, acquire);
    if (from != nullptr) from->prefetch_pages();
  }
  const auto last_of = [this](const series& of) -> const histogram_data* {
    return has_seen(of) ? seen_[of.index].last.histogram.get() : nullptr;
  };
  __builtin_prefetch(last_of(*next[pages_ahead]));
  if (const histogram_data* last = last_of(*next[counts_ahead])) last->prefetch();
}

bool collector::has_changed(const series& of, std::span<lane* const> lanes) const {
  return !has_seen(of) || !is_collected(of, lanes);
}

// `in_place`: nobody else holds the metric that the point may be in.
void collector::look_at(const series& of, std::span<lane* const> lanes, std::uint64_t now,
                        bool in_place) {
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
  const long ours = in_place && here.place != nowhere ? 2 : 1;
  if (here.last.histogram == nullptr || !has_no_holders_but(ours, here.last.histogram)) {
    here.last.histogram = std::make_shared<histogram_data>(of.shared_layout);
  }
  // Nobody reads it but us.
  auto& sum = const_cast<histogram_data&>(*here.last.histogram);
  sum.clear();
  merge(of, lanes, sum);
}

void collector::merge(const series& of, std::span<lane* const> lanes, histogram_data& to) {
  image_->layout = of.layout;
  for (const lane* in : lanes) {
    const cell* from = in->find_cell(of.position, acquire);
    if (from == nullptr) continue;
    from->read(*image_);
    to.add_pages(image_->octaves, std::span{image_->counts}.first(image_->size));
    to.add_range(image_->sum, image_->min, image_->max);
    if (const exemplar_reservoir* ref_counted = in->find_exemplars(of.position))
      ref_counted->read(to);
  }
}

// Brings the points of what has changed up to date; false if there are more of them by now.
bool collector::update(metric& last) const {
  for (const series* of : changed_) {
    const seen& here = seen_[of->index];
    if (here.place == nowhere) {
      if (has_records(here.last)) return false;
      continue;
    }
    point& shown = last.points[here.place];
    shown.number = here.last.number;
    if (shown.histogram != here.last.histogram) shown.histogram = here.last.histogram;
  }
  return true;
}

std::shared_ptr<metric> collector::metric_of(const instrument& what,
                                             const instrument_state& state) {
  auto fresh = std::make_shared<metric>(metric{&what});
  fresh->points.reserve(state.order.size() + state.remainders.size());
  for (const series* of : state.order) {
    seen& here = seen_[of->index];
    here.place = nowhere;
    if (of->overflow == nullptr && !has_records(here.last)) continue;
    here.place = static_cast<std::uint32_t>(fresh->points.size());
    fresh->points.push_back(here.last);
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
  instrument_state& state = instruments_[gone.identity->instrument];
  add(std::exchange(seen_[gone.index], {}).last, state.remainders, into);
  state.last = nullptr;
}

void collector::move_remainder(const std::shared_ptr<const series_identity>& from,
                               const std::shared_ptr<const series_identity>& into) {
  instrument_state& state = instruments_[from->instrument];
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
