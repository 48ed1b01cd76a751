#pragma once

#include "lane.hpp"

#include <querytap/base/clock.hpp>
#include <querytap/recording/detail/series.hpp>
#include <querytap/snapshot/snapshot.hpp>

#include <absl/container/flat_hash_map.h>

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace querytap::detail {

/// A call, and not a request, which is shown only so that its series stays.
[[nodiscard]] bool is_operation(const series& of) noexcept;

/// The call in a slot, for its readers.
[[nodiscard]] active_call active_call_in(const in_flight_slot& slot, const series& series,
                                         std::uint64_t age);

/// The calls that these lanes show as begun and not ended, the oldest first.
[[nodiscard]] std::vector<active_call> find_active(std::span<lane* const> lanes, const clock& time);

/// Merges the lanes of each series into one value, and remembers it: a series that no thread has
/// touched since costs one look at each of its cells.
///
/// Threads  one at a time; writers go on writing.
class collector {
 public:
  /// The points of one instrument, in the order of `all`; its overflow series only once it holds
  /// something. The same metric as last time if nothing has changed.
  [[nodiscard]] std::shared_ptr<const metric> collect(const instrument& what,
                                                      std::span<series* const> all,
                                                      std::span<lane* const> lanes,
                                                      std::uint64_t now);

  /// When a change of the series was last seen, in ticks.
  [[nodiscard]] std::uint64_t last_change(const series& of) const {
    return seen_[of.index].changed;
  }
  [[nodiscard]] bool has_seen(const series& one) const noexcept;
  /// True if nothing has been recorded since the series was last collected.
  [[nodiscard]] bool is_collected(const series& of, std::span<lane* const> lanes) const;
  /// What was collected of the series becomes part of the remainder of an exported series, and its
  /// index is free.
  void fold(const series& gone, const std::shared_ptr<const series_identity>& into);
  /// The remainder of one exported series becomes part of another's.
  void move_remainder(const std::shared_ptr<const series_identity>& from,
                      const std::shared_ptr<const series_identity>& into);

 private:
  static constexpr std::uint32_t nowhere = UINT32_MAX;

  // What was last seen of a series.
  struct seen {
    std::uint64_t version = 0;      // sum of the versions of the cells that `last` was merged from
    std::uint64_t changed = 0;      // ticks
    std::uint32_t place = nowhere;  // among the points of the metric, if it is there
    point last;
  };
  struct instrument_state {
    std::vector<const series*> order;
    std::vector<point> remainders;  // of retired series
    std::shared_ptr<metric> last;   // null once it is out of date
  };

  [[nodiscard]] bool has_changed(const series& of, std::span<lane* const> lanes) const;
  void prefetch_version(std::span<series* const> next, std::span<lane* const> lanes) const;
  void prefetch_content(std::span<const series* const> next, std::span<lane* const> lanes) const;
  void look_at(const series& of, std::span<lane* const> lanes, std::uint64_t now, bool in_place);
  [[nodiscard]] bool update(metric& last) const;
  static void add(const point& part, std::vector<point>& remainders,
                  const std::shared_ptr<const series_identity>& into);
  void merge(const series& of, std::span<lane* const> lanes, histogram_data& to);
  [[nodiscard]] std::shared_ptr<metric> metric_of(const instrument& what,
                                                  const instrument_state& state);

  std::vector<seen> seen_;  // by the index of the series
  absl::flat_hash_map<const instrument*, instrument_state> instruments_;
  std::vector<const series*> changed_;  // of one instrument, during a collection
  std::unique_ptr<cell_image> image_ = std::make_unique<cell_image>();
};

}  // namespace querytap::detail
