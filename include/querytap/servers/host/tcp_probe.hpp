#pragma once

#include <querytap/servers/health_probe.hpp>

#include <cstdint>
#include <string>

namespace querytap {

struct tcp_probe_options {
  std::string host = {};
  std::uint16_t port = 0;
  std::chrono::nanoseconds slow = std::chrono::seconds{1};  ///< from where on it is a warning
};

/// Whether something accepts TCP connections; nothing is sent.
///
///     tcp_probe search{{.host = "127.0.0.1", .port = 9200}};
///
/// Threads  as every probe.
/// Errors   configuration_error at construction; probe_error where there is no connection by the deadline.
///          Looking up a name has the time limit of the system's resolver.
/// Source   connect(2).
class tcp_probe final : public health_probe {
 public:
  explicit tcp_probe(tcp_probe_options options);

  [[nodiscard]] health_answer look(deadline until) override;

 private:
  tcp_probe_options options_;
};

}  // namespace querytap

#ifdef QUERYTAP_IMPLEMENTATION
#include <querytap/implementation/host.hpp>
#endif
