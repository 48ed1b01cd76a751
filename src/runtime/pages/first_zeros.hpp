#pragma once

#include <querytap/snapshot/snapshot.hpp>

#include <absl/container/flat_hash_map.h>
#include <absl/container/flat_hash_set.h>

#include <functional>
#include <memory>
#include <vector>

namespace querytap::detail {

/// Lets each series that counts begin with a zero. Prometheus' `increase()` and `rate()` see what
/// was counted between two samples, so that a series whose first sample is 3 has lost three calls.
/// A series that no scrape had before was zero at the scrape before, wherever one was made: it is
/// shown as zero once, and with its value from the next scrape on.
///
///     zeros.show_first(snapshot, [](const instrument&) { return true; });   // which the scrape has
///
/// Threads  one at a time.
/// Cost     one compare for each point while the series are those of the scrape before.
class first_zeros {
 public:
  using selection = std::function<bool(const instrument&)>;

  void show_first(snapshot& scraped, const selection& is_selected);

 private:
  struct family {
    std::vector<const series_identity*> order;  // of the points in the scrape before
    absl::flat_hash_set<std::shared_ptr<const series_identity>> series;
    bool is_known = false;
  };

  absl::flat_hash_map<const instrument*, family> families_;
};

}  // namespace querytap::detail
