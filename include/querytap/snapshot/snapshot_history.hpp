#pragma once

#include <querytap/base/duration.hpp>
#include <querytap/base/smart_pointers.hpp>
#include <querytap/snapshot/snapshot.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace querytap {

namespace detail {
class history_slot;
}

/// The durations of one statement's calls in one step of a history; null if it was not called.
struct statement_step {
  std::chrono::nanoseconds begin;  ///< before the snapshot: the larger, the longer ago
  std::chrono::nanoseconds end;
  std::shared_ptr<const histogram_data> durations = nullptr;
  std::uint64_t errors = 0;
};

/// What a recorder recorded in the last hour, as differences between snapshots: the newest minute in
/// steps of ten seconds, fifteen minutes in steps of one, the rest in steps of five.
///
///     for (const statement_row& row : statement_table(recent(recorder.collect(), 1min))) …
///
/// Every recorder has one, to which each collection adds what is new; every snapshot refers to it as it
/// was then.
///
/// Threads  a plain value; copies share the steps, which are immutable.
/// Cost     memory: some 100 bytes for each series and step in which it was recorded into; of 1,000
///          series that are always in use, 3 MiB. Past the byte limit the oldest step is forgotten,
///          and windows are shorter. Besides, the last snapshot's values.
///          add(): some 2 µs for each series that was recorded into, every ten seconds; else a
///          comparison.
class snapshot_history {
 public:
  /// The time between two snapshots that are taken in.
  static constexpr std::chrono::seconds step{10};

  explicit snapshot_history(std::size_t byte_limit) noexcept : byte_limit_{byte_limit} {}

  /// True if the last snapshot was taken in a step ago or longer.
  [[nodiscard]] bool is_due(const snapshot& current) const noexcept;
  /// Takes in what was recorded since the last snapshot that was taken in.
  void add(const snapshot& current);

  /// What was recorded in the last `window` before `current`, which is as new as this history or newer.
  [[nodiscard]] snapshot last(std::chrono::nanoseconds window, const snapshot& current) const;

  /// What was recorded in a `window` that ended so long before `current`, by whole steps: `span` is what it covers in
  /// truth, which may be a multiple of a short window. Empty, with a span of 0, where nothing is known of then.
  [[nodiscard]] snapshot before(std::chrono::nanoseconds window, std::chrono::nanoseconds ended,
                                const snapshot& current) const;
  /// The steps of one statement, the oldest first; the last one ends with `current`.
  ///
  /// `system` as in statement_row.
  [[nodiscard]] std::vector<statement_step> steps_of(std::string_view system,
                                                     std::uint64_t fingerprint,
                                                     const snapshot& current) const;

  /// The memory of the steps.
  [[nodiscard]] std::size_t bytes() const noexcept;

 private:
  using slot = std::shared_ptr<const detail::history_slot>;

  void merge_aged(std::chrono::nanoseconds at);
  void forget_oldest(std::chrono::nanoseconds at);

  std::size_t byte_limit_;
  std::vector<slot> slots_;  // the oldest first, each beginning where the last one ends
  std::shared_ptr<const snapshot> last_;  // null before the first
};

/// What was recorded in the last `window` before a snapshot of a recorder, as difference() has it.
///
/// Whole steps are counted, so that the result may begin earlier or later than the window, by half a
/// step: `span` is what it covers in truth. Less than the window, if the recorder is younger, if no
/// snapshot was taken near its begin, or if memory was short.
[[nodiscard]] snapshot recent(const snapshot& current, std::chrono::nanoseconds window);

/// What was recorded in a window that ended so long before a snapshot: see snapshot_history::before().
[[nodiscard]] snapshot recent_before(const snapshot& current, std::chrono::nanoseconds window,
                                     std::chrono::nanoseconds ended);

/// A window that pages and reports show beside what was recorded since the start.
struct recent_window {
  std::string_view name;  ///< "1 min", "5 min" or "60 min"
  std::chrono::nanoseconds length;
  snapshot recorded;
};

/// The last 1, 5 and 60 minutes before a snapshot, as far as they are known: a window of which less than
/// half is covered, though the recorder is older, is left out.
[[nodiscard]] std::vector<recent_window> recent_windows(const snapshot& current);

}  // namespace querytap
