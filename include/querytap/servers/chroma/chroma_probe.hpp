#pragma once

#include <querytap/base/detail/pimpl.hpp>
#include <querytap/servers/health_probe.hpp>

#include <string>

namespace querytap {

struct chroma_probe_options {
  std::string url = "http://127.0.0.1:8000";
  std::string token = {};  ///< header `x-chroma-token`; empty: none
  std::chrono::nanoseconds slow = std::chrono::seconds{1};  ///< from where on it is a warning
};

/// Whether a Chroma server answers, and says that it is ready.
///
///     chroma_probe vectors{{.url = "http://127.0.0.1:8000"}};
///
/// That its collections can be searched is not shown by this: chroma_search_probe looks.
///
/// Threads  as every probe.
/// Cost     two requests that read no collection. They enter no statistics of the application.
/// Errors   configuration_error for a URL that is none; probe_error where there is no answer by the deadline.
/// Source   Chroma's OpenAPI document: heartbeat, healthcheck. No privileges are needed.
class chroma_probe final : public health_probe {
 public:
  explicit chroma_probe(chroma_probe_options options = {});
  ~chroma_probe() override;

  [[nodiscard]] health_answer look(deadline until) override;

 private:
  struct state;
  detail::pimpl<state> state_;
};

}  // namespace querytap

#ifdef QUERYTAP_IMPLEMENTATION
#include <querytap/implementation/chroma_server.hpp>
#endif
