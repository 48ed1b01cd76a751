#pragma once

#include "fork_guard.hpp"
#include "lane.hpp"
#include "series_collector.hpp"
#include "shared_cells.hpp"

#include <querytap/base/attribute.hpp>
#include <querytap/base/clock.hpp>
#include <querytap/recording/detail/recorder_part.hpp>
#include <querytap/recording/detail/series.hpp>
#include <querytap/recording/detail/slow_call_in_flight.hpp>
#include <querytap/recording/histogram.hpp>
#include <querytap/recording/recorder_options.hpp>
#include <querytap/snapshot/snapshot_history.hpp>

#include <absl/container/flat_hash_map.h>

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace querytap::detail {

/// All series and lanes of one recorder. Owned by the recorder and by every thread that leases a
/// lane of the registry.
///
/// Threads  any number at once.
/// LOCK     std::mutex rather than absl::Mutex: Abseil comes compiled without instrumentation, so
///          ThreadSanitizer would not see its locks.
class registry final : public std::enable_shared_from_this<registry> {
 public:
  /// `copy`: an address in the copy of the library that makes the recorder.
  registry(const recorder_options& options, const void* copy);
  ~registry();
  registry(const registry&) = delete;
  registry& operator=(const registry&) = delete;

  /// Call it once the registry has an owner: the histogram that it binds refers to the registry.
  void bind_self_metrics();
  /// With a `total`, the series is a part of it.
  [[nodiscard]] series& bind(const instrument& instrument, const attributes& labels,
                             const std::shared_ptr<const statement_identity>& statement,
                             const series* total = nullptr);

  /// A lane that no other thread writes until return_lane(). Null if there is no memory.
  [[nodiscard]] lane* lease_lane() noexcept;
  void return_lane(lane& lane) noexcept;
  /// For threads whose thread-local storage is destroyed: they share one lane, and a lock.
  void record_without_lane(series& series, std::uint64_t value) noexcept;
  void add_without_lane(series& series, std::uint64_t amount) noexcept;
  void count_dropped() noexcept { dropped_.fetch_add(1, std::memory_order_relaxed); }
  void count_clamped() noexcept { clamped_.fetch_add(1, std::memory_order_relaxed); }
  void count_not_shown() noexcept { not_shown_.fetch_add(1, std::memory_order_relaxed); }

  [[nodiscard]] snapshot collect();
  /// True if nobody has collected for so long that the windows of the history would have gaps.
  [[nodiscard]] bool needs_collection();
  /// Corrects the clock, and warns if it had to.
  void check_clock();
  /// `unlimited_after` nanoseconds, for calls that were shown with never_slow.
  [[nodiscard]] std::vector<slow_call_in_flight> slow_calls_in_flight(
      std::uint64_t unlimited_after);
  /// The number of the next collection.
  [[nodiscard]] std::uint64_t next_collection() const noexcept {
    return collections_.load(std::memory_order_relaxed);
  }

  void release(series& bound) noexcept;
  [[nodiscard]] std::mutex& parts_mutex() noexcept { return parts_mutex_; }

  /// Around fork(): see fork_guard.
  void lock_all();
  void unlock_all() noexcept;
  /// In the child, with everything locked: the lanes of the parent stay in memory, but are no
  /// longer collected.
  void start_from_zero() noexcept;

  /// Warns once if another copy of the library, such as a plugin's own, uses the recorder: the calls that it
  /// makes count for no request of this one.
  void expect_this_copy(const void* copy) noexcept;
  [[nodiscard]] recorder_part* find_part(std::string_view type, std::string_view key);
  [[nodiscard]] recorder_part& add_part(std::string_view type, std::string_view key,
                                        std::unique_ptr<recorder_part> part);
  void close() noexcept;
  [[nodiscard]] bool closed() const noexcept { return closed_.load(std::memory_order_acquire); }

  [[nodiscard]] std::uint64_t id() const noexcept { return id_; }
  [[nodiscard]] bool enabled() const noexcept { return !options_.disabled; }
  [[nodiscard]] const clock& time() const noexcept { return *time_; }
  [[nodiscard]] const recorder_options& options() const noexcept { return options_; }

 private:
  struct instrument_state {
    const querytap::instrument* instrument = nullptr;
    std::shared_ptr<const bucket_layout> layout;  // of the overflow; null except for histograms
    series* overflow = nullptr;                   // made with the instrument_state
    std::vector<series*> bound = {};              // named series, without the overflow
    bool has_totals = false;          // of series of other instruments, which are collected before
    std::int64_t refused = 0;         // binds past a limit
    std::int64_t not_yet_blamed = 0;  // of these, since the last collection
    // The others, by the attribute that had the most values when they were refused.
    std::map<std::string, std::int64_t> refused_by = {};
    std::pair<const std::string, std::int64_t>* at_fault = nullptr;  // the current one of them
    std::int64_t refused_at_last_look = 0;
  };
  // An exported series, which the series of several statements may share.
  struct identity_state {
    std::shared_ptr<const series_identity> identity;
    std::shared_ptr<const bucket_layout> layout;  // with the bounds of the first who bound it
    std::size_t bound = 0;
  };
  // The series of one instrument during a collection, the overflow last.
  struct bound_series {
    const querytap::instrument* instrument;
    bool has_totals;
    std::vector<series*> all;
  };
  class usage;

  // The caller of these functions holds mutex_.
  [[nodiscard]] instrument_state& state_of(const instrument& instrument);
  [[nodiscard]] std::shared_ptr<const bucket_layout> layout_of(const instrument& instrument);
  void expect_total_of(const instrument& parts, const series& total);
  [[nodiscard]] series& add_series(std::shared_ptr<const bucket_layout> layout,
                                   std::shared_ptr<const series_identity> identity,
                                   std::shared_ptr<const statement_identity> statement);
  [[nodiscard]] static std::string key_of(const instrument& instrument, const attributes& labels);
  [[nodiscard]] identity_state& intern(const instrument& instrument, const attributes& labels);
  [[nodiscard]] series& new_series();
  [[nodiscard]] std::vector<lane*> all_lanes() const;
  void renew_identities();
  void retire(series& retired);
  [[nodiscard]] bool has_room_for_series() const noexcept;
  void retire_released(std::uint64_t ticks);
  void register_system(const series_identity& bound);
  [[nodiscard]] std::vector<metric> self_metrics();
  static void blame_refused(instrument_state& state);
  [[nodiscard]] metric active_operations(const std::vector<active_call>& active);

  void collect_into(snapshot& result, const std::vector<bound_series>& bound,
                    std::span<lane* const> lanes, std::uint64_t ticks);
  void keep_history(snapshot& collected);
  void carry_state(series& series) const noexcept;
  void abandon_requests() const noexcept;
  [[nodiscard]] std::vector<recorder_part*> all_parts();
  [[nodiscard]] std::uint64_t time_between_retirements() const noexcept;
  void retire_idle(std::uint64_t ticks);
  [[nodiscard]] in_flight_view view_in_flight();

  const std::uint64_t id_;
  const void* const copy_;
  std::function<void(std::string_view)>
      warn_;  // empty once closed: what it has captured may be gone
  const recorder_options options_;
  const clock* const time_;
  const attributes resource_;

  lane_directory::cell_chunk no_cells_{};

  std::mutex mutex_;  // guards everything down to part_by_key_
  std::chrono::system_clock::time_point start_;
  std::uint64_t start_ticks_;
  bool has_identities_of_parent_ = false;  // whose start times are the parent's
  absl::flat_hash_map<std::string_view, series*> series_by_key_;  // the keys belong to the series
  absl::flat_hash_map<std::string, identity_state> identities_;
  absl::flat_hash_map<std::string, std::size_t> instrument_by_name_;
  std::deque<instrument_state> instruments_;
  // Each with an instrument that has its bounds.
  std::vector<std::pair<const instrument*, std::shared_ptr<const bucket_layout>>> layouts_;
  std::set<std::string> systems_;     // kinds of backends that operations have been bound for
  std::deque<series> all_series_;     // a deque: handles point to its elements
  std::vector<series*> free_series_;  // retired
  std::vector<series*> released_;     // to be retired once they have been collected
  std::unique_ptr<shared_cells> shared_cells_;  // of lanes_; made with the first of them
  std::vector<std::unique_ptr<lane>> lanes_;
  std::vector<lane*> free_lanes_;
  // From before a fork.
  std::vector<std::unique_ptr<lane>> lanes_of_parent_;
  std::vector<std::unique_ptr<shared_cells>> shared_cells_of_parent_;
  std::vector<std::unique_ptr<recorder_part>> parts_;  // in the order of their making
  absl::flat_hash_map<std::string, recorder_part*> part_by_key_;

  std::mutex shared_lane_mutex_;  // serialises the threads that share the lane
  lane* shared_lane_ = nullptr;

  std::mutex parts_mutex_;  // guards the tables of parts; taken before mutex_

  std::mutex collect_mutex_;
  series_collector collector_;
  std::shared_ptr<const snapshot_history> history_;  // null: nothing is in it
  std::uint64_t last_collection_;                    // ticks
  histogram collect_duration_;
  std::uint64_t last_retirement_ = 0;     // ticks
  std::uint64_t longest_collection_ = 0;  // ticks
  // ORDER relaxed: a thread that reads an old number only stores one exemplar less.
  std::atomic<std::uint64_t> collections_{1};

  // ORDER relaxed: numbers for self-metrics; nothing is published with them.
  std::atomic<std::size_t> bytes_{0};
  std::atomic<std::uint64_t> dropped_{0};
  std::atomic<std::uint64_t> clamped_{0};    // amounts that are larger than a counter takes
  std::atomic<std::uint64_t> not_shown_{0};  // calls for which no in-flight slot was free
  // ORDER relaxed: it only says who warns.
  std::atomic<bool> has_warned_of_copy_{false};
  // ORDER acquire and release: the recorder's last use of the registry comes before a thread sees
  //       it closed.
  std::atomic<bool> closed_{false};

  fork_guard fork_guard_{*this};  // the last: a fork may call it at once
};

}  // namespace querytap::detail
