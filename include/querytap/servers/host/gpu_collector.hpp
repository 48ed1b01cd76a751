#pragma once

#include <querytap/base/detail/pimpl.hpp>
#include <querytap/servers/collector.hpp>

#include <cstddef>
#include <string>

namespace querytap {

struct gpu_collector_options {
  std::chrono::nanoseconds interval = std::chrono::seconds{15};
  std::size_t most_gpus = 16;
  std::string library = "libnvidia-ml.so.1";  ///< the driver's own; loaded when it is first needed
};

/// What NVIDIA's driver says of the GPUs: use, memory, power, energy, temperature, clocks, errors.
///
///     collectors sources{recorder, {.sources = {std::make_shared<gpu_collector>()}}};
///
/// `hw.*` as OpenTelemetry names it, each with `hw.id`, the UUID of the GPU. Of processes there are their number
/// and the memory of this one alone. On a host without GPU, driver or library there are no numbers, and
/// the reason why.
///
/// Threads  as every collector. A driver whose GPU has failed may never answer: the collection is then given
///          up, and its thread is the driver's.
/// Cost     nothing is linked: the library is loaded at run time. Some 20 calls of it for each GPU.
/// Errors   none.
/// Source   NVIDIA's NVML API reference. No privileges are needed; in a container the driver must be mounted.
class gpu_collector final : public collector {
 public:
  explicit gpu_collector(gpu_collector_options options = {});
  ~gpu_collector() override;

  [[nodiscard]] std::string name() const override { return "gpu"; }
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
