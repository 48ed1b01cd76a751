#pragma once

#include <querytap/base/code_location.hpp>
#include <querytap/base/duration.hpp>
#include <querytap/base/error.hpp>
#include <querytap/base/function.hpp>
#include <querytap/base/smart_pointers.hpp>
#include <querytap/policies/detail/pool_slots.hpp>
#include <querytap/policies/pool_options.hpp>

#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <utility>

namespace querytap {

class pool_keeper;  // <querytap/runtime/pools/pool_keeper.hpp>
class recorder;     // <querytap/querytap.hpp>

/// Lends objects that are expensive to make, such as connections, and measures what that costs.
///
///     pool<postgres::connection> connections{recorder, {.name = "documents"}, connect};
///     auto db = connections.acquire();           // waits if all ten are lent out
///     postgres::work tx{*db};                    // back in the pool when db goes out of scope
///
/// Each snapshot says who has what (snapshot::pools): the line of acquire(), the request, how long, and
/// the session on the server if the object has a server_pid() or backendpid(). Findings: an object that
/// is lent for longer than `held_after`, callers that wait for a second or in vain, and a maximum that does
/// not fit the load.
///
/// Units    wait time is the time until a slot is free, 0 for who finds one; making the object is create
///          time, and neither is part of use time. `querytap.pool.phase.duration` splits what callers spent
///          in acquire(), other than finding an idle object: queueing, connecting, validating.
/// Threads  any number at once; a lease may end on another thread than it began. Idle objects are
///          lent last in, first out, so that surplus ones of a busy hour can age. Callers that wait
///          are served first come, first served. One that does not wait yet may overtake them until the
///          first of them has waited for a millisecond, and its thread has run: it would cost a change of
///          threads for each lease otherwise. Objects are made, validated, reset and destroyed on the calling thread,
///          outside all locks; with a pool_keeper, what is due without a caller on its thread.
/// Cost     an idle object is lent and taken back by one locked instruction each, two clock reads and two
///          records; bench/policies/pool_bench.cpp. No lock, no allocation.
/// Errors   configuration_error at construction; pool_timeout when no object is given back in time,
///          pool_closed once the pool drains. An exception of `create` passes through, and the place is free
///          again; from the third in a row on, the pool tries again only after a pause of 100 ms, doubled each time
///          up to 10 s, with jitter. If `validate` returns false or throws, the object is replaced; if `reset`
///          does, it is destroyed. What a destructor throws is swallowed.
/// Lifetime the recorder outlives the pool and its leases. A lease may outlive the pool: its object is then
///          destroyed when the lease ends, and none of the functions is called any more: the pool's end waits
///          for those that run. Callers that wait when the pool ends leave with pool_closed.
///          The child of a fork has the pool as it was: what the parent's other threads had borrowed
///          is left alone, and others are made in its place; what is idle, such as a connection,
///          belongs to the parent as well.
/// Source   OpenTelemetry `db.client.connection.*`.
template <class T>
class pool {
 public:
  class lease;

  using create_function = std::function<std::unique_ptr<T>()>;
  using validate_function = std::function<bool(T&)>;
  /// Puts an object that comes back into the state of a new one.
  using reset_function = std::function<void(T&)>;

  pool(recorder& recorder, pool_options options, create_function create,
       validate_function validate = {}, reset_function reset = {})
      : slots_{detail::pool_slots::make(
            recorder, std::move(options),
            std::make_unique<functions>(std::move(create), std::move(validate),
                                        std::move(reset)))} {}

  [[nodiscard]] lease acquire(code_location site = code_location::current()) {
    return lease{*slots_, slots_->take(site)};
  }

  /// Other limits from now on. What is idle beyond the maximum is destroyed at once, what is lent beyond it
  /// when it comes back. configuration_error as at construction.
  void resize(std::size_t minimum, std::size_t maximum) { slots_->resize(minimum, maximum); }

  /// Lends nothing any more, for good, and waits for the leases that there are: true once all have ended.
  bool drain(std::chrono::milliseconds within) { return slots_->drain(within); }

  /// What is due without a caller: destroys what is too old or was idle for too long, makes what is missing
  /// to the minimum, and lets callers that wait try again to connect. Returns when it is due again. A
  /// pool_keeper calls it; without one, give_back() destroys what is too old, now and then.
  std::chrono::nanoseconds maintain() { return slots_->maintain(); }

  [[nodiscard]] std::size_t idle() const { return slots_->idle(); }
  [[nodiscard]] std::size_t used() const { return slots_->used(); }

 private:
  friend class pool_keeper;

  static constexpr bool has_server_pid_function = requires(T & object) {
    static_cast<std::uint32_t>(object.server_pid());
  };
  static constexpr bool has_backendpid_function = requires(T & object) {
    static_cast<std::uint32_t>(object.backendpid());
  };

  [[nodiscard]] static std::uint32_t server_pid_of([[maybe_unused]] T& object) {
    if constexpr (has_server_pid_function) {
      return static_cast<std::uint32_t>(object.server_pid());
    } else if constexpr (has_backendpid_function) {
      return static_cast<std::uint32_t>(object.backendpid());
    } else {
      return 0;
    }
  }

  class functions final : public detail::pool_objects {
   public:
    functions(create_function create, validate_function validate, reset_function reset)
        : pool_objects{static_cast<bool>(validate), static_cast<bool>(reset),
                       has_server_pid_function || has_backendpid_function},
          create_{std::move(create)},
          validate_{std::move(validate)},
          reset_{std::move(reset)} {
      if (!create_) throw configuration_error{"create", "", "a pool needs what makes its objects"};
    }

    [[nodiscard]] void* make() override {
      std::unique_ptr<T> made = create_();
      if (!made) throw std::logic_error{"querytap: a pool's create() returned nothing"};
      return made.release();
    }
    [[nodiscard]] bool is_valid(void* object) noexcept override {
      try {
        return validate_(*static_cast<T*>(object));
      } catch (...) {
        return false;
      }
    }
    [[nodiscard]] bool reset(void* object) noexcept override {
      try {
        reset_(*static_cast<T*>(object));
        return true;
      } catch (...) {
        return false;
      }
    }
    void destroy(void* object) noexcept override {
      try {
        delete static_cast<T*>(object);  // the memory is freed also if the destructor throws
      } catch (...) {
        return;
      }
    }
    [[nodiscard]] std::uint32_t server_pid(void* object) const noexcept override {
      try {
        return server_pid_of(*static_cast<T*>(object));
      } catch (...) {
        return 0;
      }
    }

   private:
    create_function create_;
    validate_function validate_;
    reset_function reset_;
  };

  struct closing {
    void operator()(detail::pool_slots* slots) const noexcept { slots->close_and_release(); }
  };

  std::unique_ptr<detail::pool_slots, closing> slots_;
};

/// The right to use one object of the pool, until the end of its scope.
template <class T>
class pool<T>::lease {
 public:
  lease(lease&& other) noexcept
      : owner_{std::exchange(other.owner_, nullptr)}, lent_{other.lent_} {}
  lease& operator=(lease&& other) noexcept {
    lease taken{std::move(other)};  // ends, with what was here before; also if other is *this
    std::swap(owner_, taken.owner_);
    std::swap(lent_, taken.lent_);
    return *this;
  }
  ~lease() { end(true); }

  [[nodiscard]] T& operator*() const noexcept { return *static_cast<T*>(lent_.object); }
  [[nodiscard]] T* operator->() const noexcept { return static_cast<T*>(lent_.object); }

  /// Ends the lease and destroys the object: for an object known to be broken.
  void discard() noexcept { end(false); }

 private:
  friend class pool;
  lease(detail::pool_slots& owner, detail::pool_slots::lent lent) noexcept
      : owner_{&owner}, lent_{lent} {}

  void end(bool is_reusable) noexcept {
    detail::pool_slots* const owner = std::exchange(owner_, nullptr);
    if (owner != nullptr) owner->give_back(*lent_.slot, is_reusable);
  }

  detail::pool_slots* owner_;
  detail::pool_slots::lent lent_;
};

}  // namespace querytap
