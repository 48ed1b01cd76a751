#pragma once

#include "lane.hpp"

#include <querytap/base/clock.hpp>
#include <querytap/recording/detail/series.hpp>
#include <querytap/snapshot/snapshot.hpp>

#include <absl/container/flat_hash_map.h>

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

namespace querytap::detail {

/// Merges the own cells and the shared cell of each series into one value, and caches it: a series
/// without new records costs one load for each of its cells.
///
/// A sum that would exceed its 64 bits stays at the largest number. The writers' sums wrap, so that
/// a record needs no check: the collector finds out by the counts of the buckets, each of which
/// stands for at least so much.
///
/// Threads  one at a time, while it holds the evictions of the lanes; writers are not blocked.
class series_collector {
 public:
  /// The points of one instrument, in the order of `all`; the overflow series only if it has
  /// records. The metric of the last collection if no series has changed.
  [[nodiscard]] std::shared_ptr<const metric> collect(const instrument& instrument,
                                                      std::span<series* const> all,
                                                      std::span<lane* const> lanes,
                                                      std::uint64_t ticks);

  /// When a change of the series was last seen, in ticks.
  [[nodiscard]] std::uint64_t last_change(const series& series) const {
    return seen_[series.index].changed;
  }
  [[nodiscard]] bool has_seen(const series& series) const noexcept;
  /// True if the series has no records that are newer than its last collection.
  [[nodiscard]] bool is_collected(const series& series, std::span<lane* const> lanes) const;
  /// How many sums have reached their limit.
  [[nodiscard]] std::uint64_t saturated() const noexcept { return saturated_; }
  /// Adds the last value of a retired series to the remainder of its exported series, which others
  /// still share. The index of the series is free afterwards.
  void fold(const series& retired);
  /// Ends the exported series of a retired one, the last that it had: what both counted is in
  /// retired() from now on. The index of the series is free afterwards.
  void end(const series& retired);
  /// What exported series that have ended had counted: a point without labels for each instrument.
  [[nodiscard]] std::vector<point> retired() const;

 private:
  static constexpr std::uint32_t nowhere = UINT32_MAX;

  // The state of a series at its last collection.
  struct seen {
    std::uint64_t records = 0;      // the fewest that are in `last`, if it is a histogram
    std::uint64_t changed = 0;      // ticks
    std::uint32_t place = nowhere;  // index of its point in the metric, if it has one
    point last;
  };
  struct instrument_state {
    std::vector<const series*> order;
    std::vector<point> remainders;  // of retired series whose exported series others share
    point retired;                  // of exported series that have ended
    std::shared_ptr<metric> last;   // null if it is out of date
  };

  // What the parts of a total have recorded, those that were retired included.
  struct parts_of_total {
    histogram_data sum;
    bool is_new = true;  // not yet in the total's own value
  };

  [[nodiscard]] bool has_changed(const series& series, std::span<lane* const> lanes) const;
  [[nodiscard]] bool has_new_parts(const series& series) const;
  [[nodiscard]] bool has_totals(const instrument& instrument) const;
  void prefetch_version(std::span<series* const> next, std::span<lane* const> lanes) const;
  void prefetch_content(std::span<const series* const> next, std::span<lane* const> lanes) const;
  void look_at(const series& series, std::span<lane* const> lanes, std::uint64_t ticks,
               bool in_place);
  void count_lanes(const series& series, std::span<lane* const> lanes, point& last);
  void merge_lanes(const series& series, std::span<lane* const> lanes, seen& entry);
  [[nodiscard]] bool update(metric& last) const;
  void merge(const series& series, std::span<lane* const> lanes, histogram_data& sum);
  void add_cell(const sampled_cell& counted, histogram_data& sum);
  void add_parts(const series& series, histogram_data& sum);
  [[nodiscard]] parts_of_total* total_of(const series& series);
  [[nodiscard]] std::shared_ptr<metric> metric_of(const instrument& instrument,
                                                  const instrument_state& state);

  std::vector<seen> seen_;  // by the index of the series
  absl::flat_hash_map<const instrument*, instrument_state> instruments_;
  absl::flat_hash_map<const series*, parts_of_total> totals_;
  std::vector<const series*> changed_;  // of one instrument, during a collection
  std::uint64_t saturated_ = 0;
  std::unique_ptr<cell_image> image_ = std::make_unique<cell_image>();
};

}  // namespace querytap::detail
