#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace querytap::detail {

/// The part of NVML's C interface that is used here, by its public documentation.
namespace nvml {

enum class result : std::int32_t {
  success = 0,
  not_supported = 3,
  no_permission = 4,
  insufficient_size = 7,
  driver_not_loaded = 9,
  function_not_found = 13,
  gpu_is_lost = 15,
  reset_required = 16,
  version_mismatch = 18,
};

struct utilization {
  unsigned gpu = 0;  ///< percent of the last sample period
  unsigned memory = 0;
};
struct memory {
  unsigned long long total = 0;
  unsigned long long free = 0;
  unsigned long long used = 0;
};
struct process {
  unsigned pid = 0;
  unsigned long long used_memory = 0;
  unsigned gpu_instance = 0;
  unsigned compute_instance = 0;
};

using device = void*;

/// Functions of the library; those that it lacks are null.
struct functions {
  result (*init)() = nullptr;
  result (*shut_down)() = nullptr;
  result (*driver_version)(char*, unsigned) = nullptr;
  result (*count)(unsigned*) = nullptr;
  result (*handle)(unsigned, device*) = nullptr;
  result (*name)(device, char*, unsigned) = nullptr;
  result (*uuid)(device, char*, unsigned) = nullptr;
  result (*utilization_rates)(device, utilization*) = nullptr;
  result (*encoder)(device, unsigned*, unsigned*) = nullptr;
  result (*decoder)(device, unsigned*, unsigned*) = nullptr;
  result (*memory_info)(device, memory*) = nullptr;
  result (*power)(device, unsigned*) = nullptr;             ///< mW
  result (*power_limit)(device, unsigned*) = nullptr;       ///< mW
  result (*energy)(device, unsigned long long*) = nullptr;  ///< mJ since the driver was loaded
  result (*temperature)(device, int, unsigned*) = nullptr;  ///< °C
  result (*temperature_limit)(device, int, unsigned*) = nullptr;
  result (*clock)(device, int, unsigned*) = nullptr;           ///< MHz
  result (*slowdowns)(device, unsigned long long*) = nullptr;  ///< a bit for each reason
  result (*errors)(device, int, int, unsigned long long*) = nullptr;
  result (*compute_processes)(device, unsigned*, process*) = nullptr;
  result (*graphics_processes)(device, unsigned*, process*) = nullptr;
};

[[nodiscard]] std::string reason_of(result code);

}  // namespace nvml

/// NVML, loaded while it lives.
///
/// Threads  one at a time.
class nvml_library {
 public:
  /// Null, with the reason, where it cannot be loaded or the driver does not answer.
  [[nodiscard]] static std::optional<nvml_library> load(const std::string& file,
                                                        std::string& reason);
  nvml_library(nvml_library&& other) noexcept;
  nvml_library& operator=(nvml_library&&) = delete;
  ~nvml_library();

  [[nodiscard]] const nvml::functions& call() const noexcept { return functions_; }

 private:
  explicit nvml_library(void* handle) noexcept : handle_{handle} {}
  [[nodiscard]] bool find_functions();

  void* handle_;
  bool is_initialised_ = false;
  nvml::functions functions_ = {};
};

}  // namespace querytap::detail
