#pragma once

#include <querytap/base/duration.hpp>
#include <querytap/base/smart_pointers.hpp>
#include <querytap/snapshot/health_report.hpp>

#include <stdexcept>
#include <utility>

namespace querytap {

/// Why a component did not answer. Quotes neither a connection string nor a reply.
class probe_error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Asks one component how it is, on a connection of its own.
///
///     class own_probe final : public health_probe {
///       health_answer look(deadline until) override {
///         if (!passages.are_loaded()) throw probe_error{"the passages are not loaded"};
///         return {};  // all is well
///       }
///     };
///
/// Threads  one call at a time, from a thread of the health object. The thread may change.
/// Errors   any exception means that the component has failed, for the reason that its text names.
///          Health treats a call that is not back by the deadline as failed at the deadline.
class health_probe {
 public:
  using deadline = std::chrono::steady_clock::time_point;

  virtual ~health_probe() = default;

  [[nodiscard]] virtual health_answer look(deadline until) = 0;
  /// Whether it asks nobody but this process, so that a restart may mend what it finds. A check of the role liveness
  /// takes no other probe: an outage of a database would restart everything that depends on it.
  [[nodiscard]] virtual bool looks_at_process_alone() const noexcept { return false; }
};

/// A probe that is a function: it returns a health_answer, or throws. It counts as looking at the process alone: one
/// that asks a server is for other roles than liveness.
///
///     health_check worker{.component = "worker", .probe = make_probe([&](health_probe::deadline) {
///                           if (worker_is_stuck()) throw probe_error{"no job was done for a minute"};
///                           return health_answer{};
///                         })};
template <class Look>
[[nodiscard]] std::shared_ptr<health_probe> make_probe(Look look) {
  class function_probe final : public health_probe {
   public:
    explicit function_probe(Look called) : look_{std::move(called)} {}
    [[nodiscard]] health_answer look(deadline until) override { return look_(until); }
    [[nodiscard]] bool looks_at_process_alone() const noexcept override { return true; }

   private:
    Look look_;
  };
  return std::make_shared<function_probe>(std::move(look));
}

}  // namespace querytap

#ifdef QUERYTAP_IMPLEMENTATION
#include <querytap/implementation/servers.hpp>
#endif
