#include "nvml.hpp"

#include <dlfcn.h>

#include <initializer_list>
#include <utility>

namespace querytap::detail {
namespace {

/// The newest of the names that there is.
template <class Function>
void find_symbol(void* handle, Function& function, std::initializer_list<const char*> names) {
  for (const char* const name : names) {
    function = reinterpret_cast<Function>(dlsym(handle, name));
    if (function != nullptr) return;
  }
}

}  // namespace

std::string nvml::reason_of(result code) {
  switch (code) {
    case result::success: return {};
    case result::not_supported: return "the driver does not support it for this GPU";
    case result::no_permission: return "the driver gives this user no permission";
    case result::driver_not_loaded: return "the NVIDIA driver is not loaded";
    case result::insufficient_size:
    case result::function_not_found: return "the driver is too old for it";
    case result::gpu_is_lost: return "the GPU is lost: it has failed or was removed";
    case result::reset_required: return "the GPU needs a reset";
    case result::version_mismatch:
      return "the NVIDIA driver was changed, and its library does not fit it any more: a restart "
             "helps";
  }
  return "the driver answers with error " + std::to_string(static_cast<int>(code));
}

bool nvml_library::find_functions() {
  nvml::functions& found = functions_;
  find_symbol(handle_, found.init, {"nvmlInit_v2"});
  find_symbol(handle_, found.shut_down, {"nvmlShutdown"});
  find_symbol(handle_, found.driver_version, {"nvmlSystemGetDriverVersion"});
  find_symbol(handle_, found.count, {"nvmlDeviceGetCount_v2"});
  find_symbol(handle_, found.handle, {"nvmlDeviceGetHandleByIndex_v2"});
  find_symbol(handle_, found.name, {"nvmlDeviceGetName"});
  find_symbol(handle_, found.uuid, {"nvmlDeviceGetUUID"});
  find_symbol(handle_, found.utilization_rates, {"nvmlDeviceGetUtilizationRates"});
  find_symbol(handle_, found.encoder, {"nvmlDeviceGetEncoderUtilization"});
  find_symbol(handle_, found.decoder, {"nvmlDeviceGetDecoderUtilization"});
  find_symbol(handle_, found.memory_info, {"nvmlDeviceGetMemoryInfo"});
  find_symbol(handle_, found.power, {"nvmlDeviceGetPowerUsage"});
  find_symbol(handle_, found.power_limit, {"nvmlDeviceGetEnforcedPowerLimit"});
  find_symbol(handle_, found.energy, {"nvmlDeviceGetTotalEnergyConsumption"});
  find_symbol(handle_, found.temperature, {"nvmlDeviceGetTemperature"});
  find_symbol(handle_, found.temperature_limit, {"nvmlDeviceGetTemperatureThreshold"});
  find_symbol(handle_, found.clock, {"nvmlDeviceGetClockInfo"});
  find_symbol(
      handle_, found.slowdowns,
      {"nvmlDeviceGetCurrentClocksEventReasons", "nvmlDeviceGetCurrentClocksThrottleReasons"});
  find_symbol(handle_, found.errors, {"nvmlDeviceGetTotalEccErrors"});
  // Versions 2 and 3 have one layout, version 1 another.
  find_symbol(
      handle_, found.compute_processes,
      {"nvmlDeviceGetComputeRunningProcesses_v3", "nvmlDeviceGetComputeRunningProcesses_v2"});
  find_symbol(
      handle_, found.graphics_processes,
      {"nvmlDeviceGetGraphicsRunningProcesses_v3", "nvmlDeviceGetGraphicsRunningProcesses_v2"});
  return found.init != nullptr && found.shut_down != nullptr && found.count != nullptr &&
         found.handle != nullptr && found.uuid != nullptr;
}

std::optional<nvml_library> nvml_library::load(const std::string& file, std::string& reason) {
  void* const handle = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr) {
    reason =
        "there is no " + file + ": the NVIDIA driver is not installed, or not in the container";
    return std::nullopt;
  }
  nvml_library loaded{handle};
  if (!loaded.find_functions()) {
    reason = file + " lacks functions that are needed: the NVIDIA driver is too old";
    return std::nullopt;
  }
  const nvml::result code = loaded.functions_.init();
  if (code != nvml::result::success) {
    reason = nvml::reason_of(code);
    return std::nullopt;
  }
  loaded.is_initialised_ = true;
  return loaded;
}

nvml_library::nvml_library(nvml_library&& other) noexcept
    : handle_{std::exchange(other.handle_, nullptr)},
      is_initialised_{std::exchange(other.is_initialised_, false)},
      functions_{other.functions_} {}

nvml_library::~nvml_library() {
  if (is_initialised_) functions_.shut_down();
  if (handle_ != nullptr) dlclose(handle_);
}

}  // namespace querytap::detail
