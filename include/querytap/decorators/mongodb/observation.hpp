#pragma once

#include <querytap/base/duration.hpp>
#include <querytap/decorators/mongodb/topology.hpp>

#include <mongoc/mongoc.h>

#include <string>

namespace querytap {
class recorder;  // <querytap/querytap.hpp>
}

namespace querytap::mongodb {

namespace detail {
class watcher;
}

struct observation_options {
  /// As in backend_options.
  std::chrono::nanoseconds slow_threshold = std::chrono::milliseconds{100};
  double slow_multiple = 0;
};

/// Times the commands of a client or a pool that the application has and keeps.
///
///     const mongodb::observation watched{recorder, client};
///     mongoc_cursor_t* found = mongoc_collection_find_with_opts(users, filter, opts, nullptr);
///
/// It takes the place of command monitoring that the application has set on the client itself: libmongoc has one set
/// of callbacks for each client or pool.
///
/// Threads  those of libmongoc: one at a time for a client, any number for a pool. topology(): any.
/// Errors   configuration_error for options that cannot be used, for a client that a pool has lent, and for
///          a pool that has callbacks already: libmongoc takes those of the pool itself, once. Clients that
///          it had lent before stay unseen.
/// Lifetime the recorder outlives it. The client or pool may end before it or after it; no command may
///          run while it ends. One for each client or pool, once.
class observation {
 public:
  observation(recorder& telemetry, mongoc_client_t* client,
              const observation_options& options = {});
  observation(recorder& telemetry, mongoc_client_pool_t* pool,
              const observation_options& options = {});
  observation(const observation&) = delete;
  observation& operator=(const observation&) = delete;
  ~observation();

  /// What is known of the servers. Empty where the recorder is switched off.
  [[nodiscard]] mongodb::topology topology() const;

  /// This thread's last command, if it failed and libmongoc may have tried once more, is tried no more. A call's
  /// scope, the next command of the thread and a pool that takes its client back say so by themselves.
  void settle() const noexcept;

 private:
  friend class call;

  detail::watcher* const watcher_;  // null where nothing is recorded
};

/// Finds a server now, which opens a connection to it, rather than with the first command. The time is that
/// of the phase `connect`.
///
///     if (!mongodb::connect(recorder, client, &error)) return unreachable(error.message);
///
/// Errors   false, with libmongoc's own `error`, if no server is found within its time.
bool connect(recorder& telemetry, mongoc_client_t* client, bson_error_t* error = nullptr);

}  // namespace querytap::mongodb
