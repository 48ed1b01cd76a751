#pragma once

#include <querytap/base/detail/pimpl.hpp>
#include <querytap/servers/health_probe.hpp>
#include <querytap/servers/mongodb/mongodb_address.hpp>

#include <cstdint>
#include <string>

namespace querytap {

enum class mongodb_role : std::uint8_t { any, primary, secondary };

struct mongodb_probe_options {
  mongodb_address server = {};
  mongodb_role role = mongodb_role::any;  ///< what it is needed as; another role fails
  std::string replica_set = {};           ///< another name, or none, fails; empty: any will do
  std::chrono::seconds most_lag{
      10};  ///< of a secondary: more is a warning, six times as much a failure
};

/// How one member of a MongoDB is: its role, the topology that it knows of, connections, queues and cache.
///
///     mongodb_probe chat{{.server = {.host = "db"}, .role = mongodb_role::primary}};
///     const health_answer answer = chat.look(std::chrono::steady_clock::now() + 1s);
///
/// It fails when the member has another role than is needed, is neither primary nor secondary, or is late; a replica
/// set without a primary is a failure for those who write, and a warning for others.
///
/// The user needs no right for the role and topology, and `clusterMonitor` for the rest: what the right is
/// missing for is not judged.
///
/// Threads  as health_probe.
/// Cost     one connection that stays open, and three commands.
/// Errors   probe_error: the server did not answer in time, refuses, or cannot be reached.
/// Source   mongodb.com/docs/manual/reference/command/hello, serverStatus, replSetGetStatus. Tested with replies that
///          stand-ins for a server send, and not with a mongod.
class mongodb_probe final : public health_probe {
 public:
  explicit mongodb_probe(const mongodb_probe_options& options);
  ~mongodb_probe() override;

  [[nodiscard]] health_answer look(deadline until) override;

 private:
  class state;
  detail::pimpl<state> state_;
};

}  // namespace querytap

#ifdef QUERYTAP_IMPLEMENTATION
#include <querytap/implementation/mongodb_server.hpp>
#endif
