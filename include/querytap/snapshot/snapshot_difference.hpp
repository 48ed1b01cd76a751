#pragma once

#include <querytap/snapshot/snapshot.hpp>

namespace querytap {

/// What was recorded between two snapshots of one recorder, as a snapshot: histograms and counters have
/// what was added in between, and those that did not change are left out; gauges and up-down counters
/// are as in the later snapshot. Reports, calls in flight and the sketch are left out.
///
///     const snapshot earlier = recorder.collect();
///     …
///     const snapshot spent = difference(recorder.collect(), earlier);
///
/// Exact over retirement: what a series had counted before it ended is not counted again where its
/// totals have gone. With an empty `earlier`, all that was ever recorded.
///
/// Threads  a pure function.
/// Cost     metrics that did not change in between cost one comparison each.
[[nodiscard]] snapshot difference(const snapshot& later, const snapshot& earlier);

}  // namespace querytap
