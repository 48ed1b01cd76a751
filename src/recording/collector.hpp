#pragma once

#include "lane.hpp"

#include <querytap/base/clock.hpp>
#include <querytap/recording/series.hpp>
#include <querytap/snapshot/snapshot.hpp>

#include <memory>
#include <span>
#include <vector>

namespace querytap::detail {

/// The calls that these lanes show as begun and not ended, the oldest first.
[[nodiscard]] std::vector<active_operation> find_active(std::span<lane* const> lanes,
                                                        const clock& time);

/// Merges the lanes of each series into one value, and remembers it: a series that no thread has
/// touched since costs one look at each of its cells.
///
/// Threads  one at a time; writers go on writing.
class collector {
 public:
  /// The points of `all`, in the same order; overflow series only once they hold something.
  void collect(std::span<series* const> all, std::span<lane* const> lanes, std::vector<point>& to);

 private:
  struct merged {
    std::uint64_t version = 0;  // sum of the versions of the cells it was merged from
    std::shared_ptr<const histogram_data> data;
  };

  [[nodiscard]] std::shared_ptr<const histogram_data> merge(const series& of,
                                                            std::span<lane* const> lanes);

  std::vector<merged> merged_;  // by the index of the series
  std::unique_ptr<cell_image> image_ = std::make_unique<cell_image>();
};

}  // namespace querytap::detail
