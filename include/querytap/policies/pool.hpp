#pragma once

#include <querytap/base/code_location.hpp>
#include <querytap/base/phase.hpp>
#include <querytap/calls/detail/ledger_phase.hpp>
#include <querytap/policies/detail/pool_slots.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <stdexcept>
#include <utility>
#include <vector>

namespace querytap {

class recorder;  // <querytap/querytap.hpp>

/// Lends objects that are expensive to make, such as connections, and measures what that costs.
///
///     pool<postgres::connection> connections{recorder, {.name = "documents"}, connect};
///     auto db = connections.acquire();           // waits if all ten are lent out
///     postgres::work tx{*db};                    // back in the pool when db goes out of scope
///
/// Each snapshot says who has what (snapshot::pools): the line of acquire(), the request, how long, and
/// the session on the server if the object has a server_pid() or backendpid(). Findings: an object that
/// is lent for longer than `held_after`, and callers that wait for a second or in vain.
///
/// Units    wait time is the time until a slot is free; making the object is create time,
///          and neither is part of use time.
/// Threads  any number at once; a lease may end on another thread than it began. Idle objects are
///          lent last in, first out, so that surplus ones of a busy hour can age; callers that wait
///          are served first come, first served. Objects are made, validated and destroyed on the
///          calling thread, outside the lock.
/// Errors   configuration_error at construction; pool_timeout when no object is given back in time.
///          An exception of `create` passes through, and the place is free again. If `validate`
///          returns false or throws, the object is replaced.
/// Lifetime the pool outlives its leases and the callers that wait; the recorder outlives the pool.
///          The child of a fork has the pool as it was: what the parent's other threads had borrowed
///          stays lent, and what is idle, such as a connection, belongs to the parent as well.
/// Source   OpenTelemetry `db.client.connection.*`.
template <class T>
class pool {
 public:
  class lease;

  pool(recorder& recorder, pool_options options, std::function<std::unique_ptr<T>()> create,
       std::function<bool(T&)> validate = {})
      : slots_{recorder, std::move(options)},
        objects_(slots_.options().maximum),
        create_{std::move(create)},
        validate_{std::move(validate)} {
    for (std::size_t made = 0; made < slots_.options().minimum; ++made) {
      const std::size_t slot = slots_.take_empty();
      fill(slot);
      slots_.give_back(slot, true);
    }
  }

  [[nodiscard]] lease acquire(code_location site = code_location::current()) {
    const std::size_t slot = slots_.take(site);
    try {
      if (objects_[slot] && !usable(*objects_[slot])) empty(slot);
      if (!objects_[slot]) fill(slot);
      slots_.set_server_pid(slot, server_pid_of(*objects_[slot]));
    } catch (...) {
      slots_.give_back(slot, false);
      throw;
    }
    return lease{*this, slot};
  }

  [[nodiscard]] std::size_t idle() const { return slots_.idle(); }
  [[nodiscard]] std::size_t used() const { return slots_.used(); }

 private:
  bool usable(T& object) {
    const detail::ledger_phase in_request = slots_.time_in_request(phase::validate);
    try {
      return !validate_ || validate_(object);
    } catch (...) {
      return false;
    }
  }

  void fill(std::size_t slot) {
    const detail::ledger_phase in_request = slots_.time_in_request(phase::connect);
    const std::uint64_t begin = slots_.ticks();
    objects_[slot] = create_();
    if (!objects_[slot]) throw std::logic_error{"querytap: a pool's create() returned nothing"};
    slots_.created_since(begin);
  }

  [[nodiscard]] static std::uint32_t server_pid_of(T& object) {
    if constexpr (requires { object.server_pid(); }) {
      return static_cast<std::uint32_t>(object.server_pid());
    } else if constexpr (requires { object.backendpid(); }) {
      return static_cast<std::uint32_t>(object.backendpid());
    } else {
      return 0;
    }
  }

  void empty(std::size_t slot) noexcept {
    objects_[slot].reset();
    slots_.destroyed();
  }

  detail::pool_slots slots_;
  std::vector<std::unique_ptr<T>> objects_;
  std::function<std::unique_ptr<T>()> create_;
  std::function<bool(T&)> validate_;
};

/// The right to use one object of the pool, until the end of its scope.
template <class T>
class pool<T>::lease {
 public:
  lease(lease&& other) noexcept
      : owner_{std::exchange(other.owner_, nullptr)}, slot_{other.slot_}, begin_{other.begin_} {}
  lease& operator=(lease&& other) noexcept {
    lease former{std::move(*this)};
    owner_ = std::exchange(other.owner_, nullptr);
    slot_ = other.slot_;
    begin_ = other.begin_;
    return *this;
  }
  ~lease() { end(true); }

  [[nodiscard]] T& operator*() const noexcept { return *owner_->objects_[slot_]; }
  [[nodiscard]] T* operator->() const noexcept { return owner_->objects_[slot_].get(); }

  /// Ends the lease and destroys the object: for an object known to be broken.
  void discard() noexcept { end(false); }

 private:
  friend class pool;
  lease(pool& owner, std::size_t slot) noexcept
      : owner_{&owner}, slot_{slot}, begin_{owner.slots_.ticks()} {}

  void end(bool reusable) noexcept {
    pool* const owner = std::exchange(owner_, nullptr);
    if (owner == nullptr) return;
    owner->slots_.used_since(begin_);
    if (!reusable) owner->empty(slot_);
    owner->slots_.give_back(slot_, reusable);
  }

  pool* owner_;
  std::size_t slot_;
  std::uint64_t begin_;
};

}  // namespace querytap
