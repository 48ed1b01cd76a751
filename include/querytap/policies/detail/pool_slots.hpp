#pragma once

#include <querytap/base/code_location.hpp>
#include <querytap/calls/detail/ledger.hpp>
#include <querytap/recording/counter.hpp>
#include <querytap/recording/histogram.hpp>
#include <querytap/recording/recorder.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace querytap {

struct pool_options {
  /// `db.client.connection.pool.name`, without secrets. Pools of one name are counted as one: their connections,
  /// limits, waits and timeouts add up, and end with each of them. Give pools that differ names that do.
  std::string name;
  std::size_t minimum = 0;  ///< made with the pool
  std::size_t maximum = 10;
  std::chrono::milliseconds acquisition_timeout{5000};
  /// A lease that lasts longer is a finding, `connection_held`, once. 0: none is.
  std::chrono::milliseconds held_after{30000};
};

/// No object was given back to the pool within the acquisition timeout.
class pool_timeout : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

namespace detail {

class pool_leases;
class report_hub;

/// The part of a pool that does not depend on the type of its objects: which slots are taken, which
/// callers wait, and the metrics of the OpenTelemetry conventions. A slot is a place for one
/// object; a filled one has its object, an empty one has room for it.
///
/// Threads  any number at once. The thread that has taken a slot owns the object in it until the
///          slot is given back; the lock in between makes the object's state visible to the next
///          owner.
class pool_slots {
 public:
  pool_slots(recorder& recorder, pool_options options);
  pool_slots(const pool_slots&) = delete;
  pool_slots& operator=(const pool_slots&) = delete;
  ~pool_slots();

  [[nodiscard]] const pool_options& options() const noexcept { return options_; }
  [[nodiscard]] const clock& time() const noexcept { return time_; }
  [[nodiscard]] std::uint64_t ticks() const noexcept { return time_.ticks(); }

  /// The filled slot given back last, else an empty one, else the one that is given back after a
  /// wait.
  [[nodiscard]] std::size_t take(code_location site);
  /// An empty slot, while there certainly is one: for filling the pool up to its minimum.
  [[nodiscard]] std::size_t take_empty();
  /// The slot goes to the caller that has waited longest, if there is one.
  void give_back(std::size_t slot, bool filled) noexcept;

  /// Of the connection in a taken slot, on its server; 0: not known.
  void set_server_pid(std::size_t slot, std::uint32_t pid) noexcept;
  /// Time for the object of a slot: in the current request that of the backend that is called next.
  [[nodiscard]] ledger_phase time_in_request(phase phase) const noexcept;

  void created_since(std::uint64_t begin) noexcept;
  void used_since(std::uint64_t begin) noexcept;
  void destroyed() noexcept;

  [[nodiscard]] std::size_t idle() const;
  [[nodiscard]] std::size_t used() const;  ///< lent out, or about to be

 private:
  struct waiter;
  class fork_guard;

  // No thread takes its first lane under the lock: that may destroy a recorder that has ended, which
  // waits for a fork, which waits for the lock.
  void lease_lane() noexcept { used_count_.add(0); }

  /// A slot that was taken, which lease it is for, and since when.
  struct taken_slot {
    std::size_t slot;
    std::uint64_t lease;
    std::uint64_t ticks;
  };

  [[nodiscard]] taken_slot take_free(std::uint64_t begin);
  [[nodiscard]] taken_slot wait_for_slot(std::unique_lock<std::mutex>& lock, std::uint64_t begin);
  void show_waiting() noexcept;
  void waited(std::uint64_t begin, std::uint64_t end, bool failed) noexcept;
  [[nodiscard]] std::string_view request_name() const noexcept;
  [[nodiscard]] std::uint64_t since(std::uint64_t begin) const noexcept {
    return time_.nanoseconds_between(begin, ticks());
  }

  const pool_options options_;
  const clock& time_;
  const std::uint64_t recorder_id_;
  report_hub& hub_;
  const std::string_view shown_as_;  // "pool " and the name; alive as long as the recorder
  const std::unique_ptr<pool_leases> leases_;

  up_down_counter idle_count_;
  up_down_counter used_count_;
  up_down_counter idle_max_;
  up_down_counter idle_min_;
  up_down_counter max_;
  up_down_counter pending_requests_;
  counter timeouts_;
  histogram create_time_;
  histogram wait_time_;
  histogram use_time_;

  // While a slot is free no caller waits: give_back() serves the queue first.
  mutable std::mutex mutex_;
  std::vector<std::size_t> filled_;
  std::vector<std::size_t> empty_;
  std::deque<waiter*> queue_;
  std::size_t waiting_ = 0;  // in the queue, or just served
  std::uint64_t last_lease_ = 0;

  std::unique_ptr<fork_guard> fork_guard_;  // the last: a fork may call it at once
};

}  // namespace detail
}  // namespace querytap
