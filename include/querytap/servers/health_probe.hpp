#pragma once

#include <querytap/base/duration.hpp>
#include <querytap/snapshot/health_report.hpp>

#include <stdexcept>

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
///         if (!index.is_loaded()) throw probe_error{"the index is not loaded"};
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
};

}  // namespace querytap

#ifdef QUERYTAP_IMPLEMENTATION
#include <querytap/implementation/servers.hpp>
#endif
