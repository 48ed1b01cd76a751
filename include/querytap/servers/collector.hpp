#pragma once

#include <querytap/base/attribute.hpp>
#include <querytap/base/duration.hpp>
#include <querytap/servers/collected.hpp>

#include <stdexcept>
#include <string>

namespace querytap {

/// Why a source has no values. Quotes neither a connection string nor a reply.
class collect_error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// A source of numbers other than the application's own calls: a server, the host, the process.
///
///     class queue_collector final : public collector {
///       std::string name() const override { return "queue"; }
///       void collect(collected& found, deadline) override { found.add(queue_length, queue.size()); }
///     };
///     collectors sources{recorder, {.sources = {std::make_shared<queue_collector>()}}};
///
/// The numbers are in every snapshot of the recorder, and so in each scrape and export, which never
/// waits for a collector: what was collected last is shown.
///
/// Threads  one call at a time, from a thread of the collectors. The thread may change.
/// Errors   any exception: there are no new values, for the reason that its text names.
class collector {
 public:
  using deadline = std::chrono::steady_clock::time_point;

  virtual ~collector() = default;

  /// Unlike the names of all others, such as `postgresql db:5432`.
  [[nodiscard]] virtual std::string name() const = 0;
  [[nodiscard]] virtual std::chrono::nanoseconds interval() const {
    return std::chrono::seconds{15};
  }
  /// A collection that takes longer is given up; its thread may go on.
  [[nodiscard]] virtual std::chrono::nanoseconds time_limit() const {
    return std::chrono::seconds{5};
  }
  /// Which of the application's calls go to this server: the labels of their series that must be equal, such as
  /// `db.system.name` and `server.address`. With an address and no
  /// `server.port`, calls of the default port, which are those without. The server's statements are joined with
  /// those calls. Empty: none are.
  [[nodiscard]] virtual attributes calls_to_join() const { return {}; }

  virtual void collect(collected& found, deadline until) = 0;
};

}  // namespace querytap

#ifdef QUERYTAP_IMPLEMENTATION
#include <querytap/implementation/servers.hpp>
#endif
