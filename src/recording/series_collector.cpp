#include "series_collector.hpp"

#include "../base/saturating.hpp"

#include <absl/cleanup/cleanup.h>

#include <algorithm>
#include <atomic>
#include <utility>

namespace querytap::detail {
namespace {

constexpr auto acquire_order = std::memory_order_acquire;

// Of thousands of series, none is in the cache when it is collected: each step from a series to its
// counts is prefetched so many series in advance. Saves half the time of a collection of 10,000.
constexpr std::size_t series_ahead = 12;
constexpr std::size_t cells_ahead = 8;
constexpr std::size_t pages_ahead = 4;
constexpr std::size_t counts_ahead = 2;
// So many fit into the cache, where a prefetch gains nothing.
constexpr std::size_t few_series = 2000;

constexpr std::int64_t largest_number = std::numeric_limits<std::int64_t>::max();

bool is_counter(const series& series) noexcept {
  return series.identity->instrument->kind == instrument_kind::counter;
}

// Of an up-down counter, lanes hold negative numbers as two's complement does.
std::int64_t total_of_lanes(const series& series, std::span<lane* const> lanes) {
  const std::int64_t state = series.state.load(std::memory_order_relaxed);
  if (series.identity->instrument->kind == instrument_kind::gauge) return state;
  const bool only_grows = is_counter(series);
  auto sum = static_cast<std::uint64_t>(state);
  for (const lane* lane : lanes) {
    const auto* count = lane->find_counter(series.position, acquire_order);
    if (count == nullptr) continue;
    const std::uint64_t of_lane = count->load(std::memory_order_relaxed);
    sum = only_grows ? saturating_sum(sum, of_lane) : sum + of_lane;
  }
  if (only_grows) sum = std::min(sum, static_cast<std::uint64_t>(largest_number));
  return static_cast<std::int64_t>(sum);
}

__extension__ using wide_sum = unsigned __int128;

// The least that the recorded values can add up to. No bucket is wider than its lower edge, so that a
// sum which is not below that least is the true one.
wide_sum least_sum(const cell_image& image) {
  const bucket_layout& layout = *image.layout;
  wide_sum least = 0;
  const std::uint64_t* next = image.counts.data();
  for (std::uint64_t left = image.octaves; left != 0; left &= left - 1) {
    const auto octave = static_cast<std::size_t>(std::countr_zero(left));
    const std::size_t first = octave * bucket_layout::buckets_per_octave;
    for (std::size_t i = 0; i < layout.buckets_in_octave()[octave]; ++i) {
      const std::size_t flat = first + i;
      const std::uint64_t lowest = flat == 0 ? 0 : layout.upper_edge(flat - 1) + 1;
      least += wide_sum{*next++} * lowest;
    }
  }
  return least;
}

std::uint64_t sum_of_cell(const cell_image& image, std::uint64_t count) {
  const bool has_room = (wide_sum{count} * image.max >> 64U) == 0;
  return has_room || image.sum >= least_sum(image) ? image.sum
                                                   : std::numeric_limits<std::uint64_t>::max();
}

// What a sum cannot count any further.
bool is_saturated(const point& point) {
  return point.histogram == nullptr
             ? point.number == largest_number
             : point.histogram->sum() == std::numeric_limits<std::uint64_t>::max();
}

// visit(cell, lane), where a shared cell has no lane. The own cells first: what is evicted meanwhile, of a lane that is newer than `lanes`, is then seen at
// least once.
template <class Visit>
void for_each_cell(const series& series, std::span<lane* const> lanes, Visit visit) {
  for (const lane* lane : lanes) {
    const cell* const own = lane->find_cell(series.position, acquire_order);
    if (own != nullptr) visit(static_cast<const own_cell&>(*own), lane);
  }
  const shared_cell* const shared = series.shared.load(acquire_order);
  if (shared != nullptr) visit(*shared, static_cast<const detail::lane*>(nullptr));
}

// Two numbers of records, between which is what the cells and the pending words hold: as many by both
// only where nothing was recorded in between. A record that moves from a pending word into its cell
// meanwhile is in neither for the one, and in both for the other; one of an evicted cell is in the
// shared cell then.
std::uint64_t fewest_records(const series& series, std::span<lane* const> lanes) {
  std::uint64_t records = 0;
  for_each_cell(series, lanes, [&](const cell& counted, const lane* owner) {
    records += counted.version() / 2;  // before the pending word
    if (owner != nullptr && owner->has_pending(series)) ++records;
  });
  return records;
}

std::uint64_t most_records(const series& series, std::span<lane* const> lanes) {
  std::uint64_t records = 0;
  for_each_cell(series, lanes, [&](const cell& counted, const lane* owner) {
    if (owner != nullptr && owner->has_pending(series)) ++records;
    records += (counted.version() + 1) / 2;  // after the pending word
  });
  return records;
}

// True if the pointer has no owners except the caller's `own_references`: the caller may write the
// value.
template <class Value>
bool has_no_other_owner(long own_references, const std::shared_ptr<Value>& pointer) {
  // ORDER the copy increments the reference count, which reads the decrement of the last other
  //       owner; the fence makes that an acquire: the other owner's reads come before the caller's
  //       writes.
  const std::shared_ptr<Value> copy = pointer;
  if (pointer.use_count() != own_references + 1) return false;
  std::atomic_thread_fence(acquire_order);
  return true;
}

void add(const point& part, point& sum) {
  sum.number = saturating_sum(sum.number, part.number);
  if (part.histogram == nullptr) return;
  auto merged = std::make_shared<histogram_data>(*part.histogram);
  if (sum.histogram != nullptr) merged->merge(*sum.histogram);
  sum.histogram = std::move(merged);
}

bool point_has_records(const point& point) {
  return point.histogram == nullptr ? point.number != 0 : point.histogram->count() != 0;
}

}  // namespace

std::shared_ptr<const metric> series_collector::collect(const instrument& instrument,
                                                        std::span<series* const> all,
                                                        std::span<lane* const> lanes,
                                                        std::uint64_t ticks) {
  instrument_state& state = instruments_[&instrument];
  changed_.clear();
  const bool many = all.size() > few_series;
  const bool some_are_totals = has_totals(instrument);
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (many) prefetch_version(all.subspan(i), lanes);
    if (has_changed(*all[i], lanes) || (some_are_totals && has_new_parts(*all[i])))
      changed_.push_back(all[i]);
  }
  const bool same_series = state.last != nullptr && std::ranges::equal(state.order, all);
  if (same_series && changed_.empty()) return state.last;
  // Allocating a new metric, and copying the pointers of each point, would be half of a collection.
  const bool in_place = same_series && has_no_other_owner(1, state.last);
  // Not in the state meanwhile: if memory runs out, the next collection makes a new metric.
  std::shared_ptr<metric> last = std::exchange(state.last, nullptr);
  if (!in_place) last = nullptr;
  for (std::size_t i = 0; i < changed_.size(); ++i) {
    if (many) prefetch_content(std::span{changed_}.subspan(i), lanes);
    look_at(*changed_[i], lanes, ticks, in_place);
  }
  if (!in_place || !update(*last)) {
    state.order.assign(all.begin(), all.end());
    last = metric_of(instrument, state);
  }
  state.last = std::move(last);
  return state.last;
}

void series_collector::prefetch_version(std::span<series* const> next,
                                        std::span<lane* const> lanes) const {
  if (next.size() <= series_ahead) return;
  __builtin_prefetch(next[series_ahead]);
  const series& series = *next[cells_ahead];
  if (has_seen(series)) __builtin_prefetch(&seen_[series.index]);
  for_each_cell(series, lanes,
                [](const cell& counted, const lane*) { __builtin_prefetch(&counted); });
}

void series_collector::prefetch_content(std::span<const series* const> next,
                                        std::span<lane* const> lanes) const {
  if (next.size() <= series_ahead) return;
  __builtin_prefetch(next[series_ahead]);
  __builtin_prefetch(&next[series_ahead]->statement);
  for_each_cell(*next[cells_ahead], lanes,
                [](const cell& counted, const lane*) { counted.prefetch(); });
  for_each_cell(*next[pages_ahead], lanes,
                [](const cell& counted, const lane*) { counted.prefetch_pages(); });
  const auto last_of = [this](const series& series) -> const histogram_data* {
    return has_seen(series) ? seen_[series.index].last.histogram.get() : nullptr;
  };
  __builtin_prefetch(last_of(*next[pages_ahead]));
  if (const histogram_data* last = last_of(*next[counts_ahead])) last->prefetch();
}

bool series_collector::has_changed(const series& series, std::span<lane* const> lanes) const {
  return !has_seen(series) || !is_collected(series, lanes);
}

bool series_collector::has_totals(const instrument& instrument) const {
  return std::ranges::any_of(
      totals_, [&](const auto& total) { return total.first->identity->instrument == &instrument; });
}

bool series_collector::has_new_parts(const series& series) const {
  const auto known = totals_.find(&series);
  return known != totals_.end() && known->second.is_new;
}

// `in_place`: the collector is the only owner of the metric that the point may be in.
void series_collector::look_at(const series& series, std::span<lane* const> lanes,
                               std::uint64_t ticks, bool in_place) {
  if (seen_.size() <= series.index) seen_.resize(series.index + 1);
  seen& entry = seen_[series.index];
  entry.changed = ticks;
  entry.last.series = series.identity;
  entry.last.statement = series.statement;
  const bool was_saturated = is_saturated(entry.last);
  if (series.layout == nullptr) {
    count_lanes(series, lanes, entry.last);
    if (!was_saturated && is_counter(series) && is_saturated(entry.last)) ++saturated_;
    return;
  }
  const long own_references = in_place && entry.place != nowhere ? 2 : 1;
  if (entry.last.histogram == nullptr ||
      !has_no_other_owner(own_references, entry.last.histogram)) {
    entry.last.histogram = std::make_shared<histogram_data>(series.shared_layout);
  }
  merge_lanes(series, lanes, entry);
  if (!was_saturated && is_saturated(entry.last)) ++saturated_;
}

// A sum that is less than it was has wrapped.
void series_collector::count_lanes(const series& series, std::span<lane* const> lanes,
                                   point& last) {
  const std::int64_t total = total_of_lanes(series, lanes);
  const bool has_wrapped = is_counter(series) && total < last.number;
  last.number = has_wrapped ? largest_number : total;
}

// The collector is the only owner of the histogram. Without memory half-way, all is done again next
// time.
void series_collector::merge_lanes(const series& series, std::span<lane* const> lanes,
                                   seen& entry) {
  parts_of_total* const total = total_of(series);
  const std::uint64_t records = fewest_records(series, lanes);
  absl::Cleanup start_anew = [&entry] { entry.last.histogram = nullptr; };
  auto& sum = const_cast<histogram_data&>(*entry.last.histogram);
  if (total != nullptr) total->sum.subtract_counts(sum);
  sum.clear();
  merge(series, lanes, sum);
  add_parts(series, sum);
  if (total != nullptr) {
    total->sum.add_counts(sum);
    total->is_new = true;
  }
  entry.records = records;
  std::move(start_anew).Cancel();
}

void series_collector::add_parts(const series& series, histogram_data& sum) {
  const auto known = totals_.find(&series);
  if (known == totals_.end()) return;
  sum.add_counts(known->second.sum);
  known->second.is_new = false;
}

series_collector::parts_of_total* series_collector::total_of(const series& series) {
  if (series.total == nullptr) return nullptr;
  return &totals_
              .try_emplace(series.total,
                           parts_of_total{histogram_data{series.total->shared_layout}})
              .first->second;
}

void series_collector::merge(const series& series, std::span<lane* const> lanes,
                             histogram_data& sum) {
  image_->layout = series.layout;
  image_->series = series.index;
  for_each_cell(series, lanes, [&](const sampled_cell& counted, const lane* owner) {
    image_->pending = owner == nullptr ? nullptr : &owner->pending.word;
    add_cell(counted, sum);
  });
}

void series_collector::add_cell(const sampled_cell& counted, histogram_data& sum) {
  counted.read(*image_);
  const std::uint64_t before = sum.count();
  sum.add_pages(image_->octaves, std::span{image_->counts}.first(image_->size));
  sum.add_range(sum_of_cell(*image_, sum.count() - before), image_->min, image_->max);
  if (const exemplar_reservoir* exemplars = counted.exemplars.load(acquire_order))
    exemplars->read(sum);
}

// Updates the points of the changed series; false if a series has its first record and needs a new
// point.
bool series_collector::update(metric& last) const {
  for (const series* series : changed_) {
    const seen& entry = seen_[series->index];
    if (entry.place == nowhere) {
      if (point_has_records(entry.last)) return false;
      continue;
    }
    point& shown = last.points[entry.place];
    shown.number = entry.last.number;
    if (shown.histogram != entry.last.histogram) shown.histogram = entry.last.histogram;
  }
  return true;
}

std::shared_ptr<metric> series_collector::metric_of(const instrument& instrument,
                                                    const instrument_state& state) {
  auto fresh = std::make_shared<metric>(metric{&instrument});
  fresh->points.reserve(state.order.size() + state.remainders.size());
  for (const series* series : state.order) {
    seen& entry = seen_[series->index];
    entry.place = nowhere;
    if (series->overflow == nullptr && !point_has_records(entry.last)) continue;
    entry.place = static_cast<std::uint32_t>(fresh->points.size());
    fresh->points.push_back(entry.last);
  }
  fresh->points.insert(fresh->points.end(), state.remainders.begin(), state.remainders.end());
  return fresh;
}

bool series_collector::has_seen(const series& series) const noexcept {
  return series.index < seen_.size() && seen_[series.index].last.series != nullptr;
}

bool series_collector::is_collected(const series& series, std::span<lane* const> lanes) const {
  const seen& entry = seen_[series.index];
  return series.layout == nullptr ? entry.last.number == total_of_lanes(series, lanes)
                                  : entry.records == most_records(series, lanes);
}

void series_collector::fold(const series& retired) {
  instrument_state& state = instruments_[retired.identity->instrument];
  const auto known = std::ranges::find(state.remainders, retired.identity, &point::series);
  point& sum =
      known != state.remainders.end()
          ? *known
          : state.remainders.emplace_back(point{.series = retired.identity, .is_of_retired = true});
  add(std::exchange(seen_[retired.index], {}).last, sum);
  state.last = nullptr;
}

void series_collector::end(const series& retired) {
  instrument_state& state = instruments_[retired.identity->instrument];
  if (state.retired.series == nullptr) {
    state.retired.series = std::make_shared<const series_identity>(
        series_identity{.instrument = retired.identity->instrument, .labels = {}});
  }
  add(std::exchange(seen_[retired.index], {}).last, state.retired);
  const auto remainder = std::ranges::find(state.remainders, retired.identity, &point::series);
  if (remainder != state.remainders.end()) {
    add(*remainder, state.retired);
    state.remainders.erase(remainder);
  }
  state.last = nullptr;
}

std::vector<point> series_collector::retired() const {
  std::vector<point> points;
  for (const auto& [instrument, state] : instruments_) {
    if (state.retired.series != nullptr) points.push_back(state.retired);
  }
  return points;
}

}  // namespace querytap::detail
