#pragma once

#include <querytap/base/detail/pimpl.hpp>
#include <querytap/servers/health_probe.hpp>
#include <querytap/servers/redis/redis_address.hpp>

#include <string>

namespace querytap {

struct redis_write_probe_options {
  redis_address server = {};
  /// The key of its own, with a number of this probe behind it. Nothing else may use it.
  std::string key = "querytap:probe";
};

/// Whether a Redis server takes a write and gives it back: SET of a key of its own that expires, GET, DEL.
///
///     redis_write_probe cache{{.server = {.host = "cache"}}};
///     const health_answer answer = cache.look(std::chrono::steady_clock::now() + 1s);
///
/// It finds what INFO does not show: a server that is read-only, out of memory, without the right to write,
/// or that has lost what was just written. The key expires after a minute, should the probe end in between.
///
/// The user needs `~querytap:probe* +set +get +del`. Without them the probe fails, and says with which error.
///
/// Threads  as health_probe.
/// Cost     three commands.
/// Errors   probe_error: the server did not answer in time, refuses, or cannot be reached.
class redis_write_probe final : public health_probe {
 public:
  explicit redis_write_probe(redis_write_probe_options options);
  ~redis_write_probe() override;

  [[nodiscard]] health_answer look(deadline until) override;

 private:
  class state;
  detail::pimpl<state> state_;
};

}  // namespace querytap

#ifdef QUERYTAP_IMPLEMENTATION
#include <querytap/implementation/redis_server.hpp>
#endif
