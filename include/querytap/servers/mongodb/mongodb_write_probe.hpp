#pragma once

#include <querytap/base/detail/pimpl.hpp>
#include <querytap/servers/health_probe.hpp>
#include <querytap/servers/mongodb/mongodb_address.hpp>

#include <string>

namespace querytap {

struct mongodb_write_probe_options {
  mongodb_address server = {};
  std::string database = "querytap";
  std::string collection = "probe";  ///< of its own
};

/// Whether a MongoDB takes a write and gives it back: a document in a collection of its own is written, read
/// and deleted.
///
///     mongodb_write_probe chat{{.server = {.host = "db"}}};
///     const health_answer answer = chat.look(std::chrono::steady_clock::now() + 1s);
///
/// The user needs `readWrite` on the collection. Without it the probe fails, and says with which error.
///
/// Threads  as health_probe.
/// Cost     three commands, of which two write.
/// Errors   probe_error: the server did not answer in time, or cannot be reached.
/// Source   tested with stand-ins for a server, and not with a mongod.
class mongodb_write_probe final : public health_probe {
 public:
  explicit mongodb_write_probe(const mongodb_write_probe_options& options);
  ~mongodb_write_probe() override;

  [[nodiscard]] health_answer look(deadline until) override;

 private:
  class state;
  detail::pimpl<state> state_;
};

}  // namespace querytap

#ifdef QUERYTAP_IMPLEMENTATION
#include <querytap/implementation/mongodb_server.hpp>
#endif
