#pragma once

#include <querytap/base/code_location.hpp>
#include <querytap/base/phase.hpp>
#include <querytap/calls/detail/ledger_phase.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>

namespace querytap {

class recorder;

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

  [[nodiscard]] const pool_options& options() const noexcept;
  [[nodiscard]] std::uint64_t ticks() const noexcept;

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
  struct state;
  std::unique_ptr<state> state_;
};

}  // namespace detail
}  // namespace querytap
