#pragma once

#include <querytap/base/detail/pimpl.hpp>
#include <querytap/servers/collector.hpp>

#include <cstddef>
#include <string>

namespace querytap {

struct host_collector_options {
  std::chrono::nanoseconds interval = std::chrono::seconds{15};
  std::size_t most_cpus = 16;         ///< with series of their own; the rest is one, `_OTHER`
  std::size_t most_devices = 16;      ///< disks, and network interfaces
  std::size_t most_filesystems = 16;  ///< the largest
  std::string proc = "/proc";         ///< where procfs is mounted
};

/// What Linux says of the host: CPU, load, memory, swap, disks, filesystems, network, pressure.
///
///     collectors sources{recorder, {.sources = {std::make_shared<host_collector>()}}};
///
/// `system.*` as OpenTelemetry names it. In a container most of it is that of the machine; network
/// interfaces and filesystems are those that the container has.
///
/// Filesystems are those of storage of the host: on a network, in memory and in user space there are
/// some that may never answer, and they are not asked. One that is mounted twice is there once. What the kernel
/// lets fall now and then though it only counts up (`idle`, `iowait`) is held at its highest.
///
/// Threads  as every collector.
/// Cost     some ten files of /proc, one statvfs() for each filesystem; no process is started.
/// Errors   collect_error where there is no /proc.
/// Source   proc(5), the kernel's iostats and psi documents. No privileges are needed.
class host_collector final : public collector {
 public:
  explicit host_collector(host_collector_options options = {});
  ~host_collector() override;

  [[nodiscard]] std::string name() const override { return "host"; }
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
