#pragma once

#include <querytap/servers/health_probe.hpp>

#include <string>
#include <vector>

namespace querytap {

/// Whether a program ends with 0 by the deadline.
///
///     command_probe backup{{"/usr/local/bin/check-backup", "--max-age", "1d"}};
///
/// No shell is involved. The program has no input, and its output goes nowhere, as it may have secrets. It has a
/// process group of its own: what is left of that when the program ends, or at the deadline, is killed.
///
/// Threads  as every probe.
/// Errors   configuration_error at construction without a program; probe_error where it cannot be started, takes
///          too long, or where the application ignores SIGCHLD and so cannot know how it ended.
/// Source   posix_spawn(3).
class command_probe final : public health_probe {
 public:
  /// A program without a slash is looked for in PATH.
  explicit command_probe(std::vector<std::string> command);

  [[nodiscard]] health_answer look(deadline until) override;

 private:
  std::vector<std::string> command_;
};

}  // namespace querytap

#ifdef QUERYTAP_IMPLEMENTATION
#include <querytap/implementation/host.hpp>
#endif
