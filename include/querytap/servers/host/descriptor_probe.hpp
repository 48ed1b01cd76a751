#pragma once

#include <querytap/servers/health_probe.hpp>

namespace querytap {

struct descriptor_probe_options {
  double warn_share = 0.80;  ///< used, of the limit
  double fail_share = 0.95;
};

/// Whether the process has file descriptors left.
///
///     descriptor_probe descriptors;
///
/// Threads  as every probe.
/// Errors   probe_error where /proc cannot be read.
/// Source   proc(5), getrlimit(2).
class descriptor_probe final : public health_probe {
 public:
  explicit descriptor_probe(descriptor_probe_options options = {});

  [[nodiscard]] health_answer look(deadline until) override;
  [[nodiscard]] bool looks_at_process_alone() const noexcept override { return true; }

 private:
  descriptor_probe_options options_;
};

}  // namespace querytap

#ifdef QUERYTAP_IMPLEMENTATION
#include <querytap/implementation/host.hpp>
#endif
