#pragma once

#include <querytap/base/detail/pimpl.hpp>
#include <querytap/servers/collector.hpp>

#include <string>

namespace querytap {

struct process_collector_options {
  std::chrono::nanoseconds interval = std::chrono::seconds{15};
  /// glibc's malloc goes through all that is free in it to count it, with its locks held: it is asked
  /// no more often than every 200 times as long as that takes.
  bool counts_malloc = true;
  std::string proc = "/proc";             ///< where procfs is mounted
  std::string cgroup = "/sys/fs/cgroup";  ///< where cgroups are mounted, of version 1 or 2
};

/// What Linux, malloc and the cgroup say of this process.
///
///     collectors sources{recorder, {.sources = {std::make_shared<process_collector>()}}};
///
/// `process.*` as OpenTelemetry names it: CPU time, memory, threads, descriptors, context switches, page faults,
/// storage, uptime; `process.malloc.*`; `process.cgroup.*`: limits, throttling, pressure. A limit is the lowest of
/// the cgroup's own and of those above it, as far as they can be seen. Where there is no limit, there is no
/// number.
///
/// Context switches, page faults and CPU time are of all threads, those included that have ended: the
/// ones of /proc/self/status are of the first thread alone.
///
/// Threads  as every collector.
/// Cost     some ten files of /proc and /sys; no process is started.
/// Errors   collect_error where there is no /proc.
/// Source   proc(5), getrusage(2), mallinfo(3); the kernel's cgroup-v1, cgroup-v2 and psi documents. No
///          privileges are needed.
class process_collector final : public collector {
 public:
  explicit process_collector(process_collector_options options = {});
  ~process_collector() override;

  [[nodiscard]] std::string name() const override { return "process"; }
  [[nodiscard]] std::chrono::nanoseconds interval() const override;
  void collect(collected& found, deadline until) override;

 private:
  struct state;
  detail::pimpl<state> state_;
};

}  // namespace querytap

#ifdef QUERYTAP_IMPLEMENTATION
#include <querytap/implementation/host.hpp>
#endif
