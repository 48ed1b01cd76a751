#pragma once

#include <querytap/servers/health_probe.hpp>

#include <cstdint>
#include <string>

namespace querytap {

class recorder;

struct pool_probe_options {
  std::string pool = {};                                                ///< its name
  double warn_share = 0.90;                                             ///< lent, of the maximum
  std::chrono::nanoseconds warn_wait = std::chrono::milliseconds{100};  ///< of a caller that waits
  std::chrono::nanoseconds fail_wait = std::chrono::seconds{1};
};

/// Whether a pool has objects left for its callers.
///
///     pool_probe connections{recorder, {.pool = "documents"}};
///
/// A pool that is wholly lent is a warning; callers that wait for long, or that have given up since the last look,
/// are a failure.
///
/// Threads  as every probe.
/// Cost     a collection of the recorder.
/// Errors   probe_error where no pool has this name, as before it is made and after it has ended.
/// Lifetime the recorder outlives it.
class pool_probe final : public health_probe {
 public:
  pool_probe(recorder& telemetry, pool_probe_options options);

  [[nodiscard]] health_answer look(deadline until) override;

 private:
  recorder& recorder_;
  pool_probe_options options_;
  std::uint64_t timeouts_ = 0;  // as of the last look
  bool is_first_ = true;
};

}  // namespace querytap

#ifdef QUERYTAP_IMPLEMENTATION
#include <querytap/implementation/host.hpp>
#endif
