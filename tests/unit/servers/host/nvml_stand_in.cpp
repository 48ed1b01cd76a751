// NVML's C interface with two GPUs that say what a test wants; built as the library of an old driver too.

#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <map>
#include <string>

// NOLINTBEGIN(readability-identifier-naming): the names are NVIDIA's.
namespace {

struct answers {
  std::map<std::string, int> codes;  // by function; 0 where there is none
  int started = 0;
};
answers& wanted() {
  static answers all;
  return all;
}

int code_of(const char* function) {
  const auto found = wanted().codes.find(function);
  return found == wanted().codes.end() ? 0 : found->second;
}

template <class Number>
int say(const char* function, Number value, Number* into) {
  const int code = code_of(function);
  if (code == 0) *into = value;
  return code;
}

unsigned index_of(const void* device) {
  return static_cast<unsigned>(reinterpret_cast<std::uintptr_t>(device)) - 1;
}

struct utilization {
  unsigned gpu, memory;
};
struct memory {
  unsigned long long total, free, used;
};
struct process {
  unsigned pid;
  unsigned long long used;
  unsigned gpu_instance, compute_instance;
};

}  // namespace

extern "C" {

// For the test.
void stand_in_answers(const char* function, int code) { wanted().codes[function] = code; }
int stand_in_started() { return wanted().started; }

int nvmlShutdown() {
  --wanted().started;
  return 0;
}
int nvmlDeviceGetCount_v2(unsigned* count) { return say("count", 2U, count); }
int nvmlDeviceGetHandleByIndex_v2(unsigned index, void** device) {
  return say("handle", reinterpret_cast<void*>(std::uintptr_t{index} + 1), device);
}
int nvmlDeviceGetUUID(void* device, char* text, unsigned size) {
  std::snprintf(text, size, "GPU-0000000%u", index_of(device));
  return 0;
}
int nvmlDeviceGetName(void* /*device*/, char* text, unsigned size) {
  std::snprintf(text, size, "NVIDIA Stand-In");
  return 0;
}

#ifndef OF_OLD_DRIVER
int nvmlInit_v2() {
  const int code = code_of("init");
  if (code == 0) ++wanted().started;
  return code;
}
int nvmlSystemGetDriverVersion(char* text, unsigned size) {
  std::snprintf(text, size, "570.1");
  return 0;
}
int nvmlDeviceGetUtilizationRates(void* device, utilization* into) {
  return say("utilization", utilization{37U + index_of(device), 12U}, into);
}
int nvmlDeviceGetEncoderUtilization(void* /*device*/, unsigned* percent, unsigned* period) {
  *period = 100000;
  return say("encoder", 5U, percent);
}
int nvmlDeviceGetMemoryInfo(void* /*device*/, memory* into) {
  return say("memory", memory{4000, 3000, 1000}, into);
}
int nvmlDeviceGetPowerUsage(void* /*device*/, unsigned* into) {
  return say("power", 150500U, into);
}
int nvmlDeviceGetEnforcedPowerLimit(void* /*device*/, unsigned* into) {
  return say("power_limit", 700000U, into);
}
int nvmlDeviceGetTotalEnergyConsumption(void* /*device*/, unsigned long long* into) {
  return say("energy", 1234567ULL, into);
}
int nvmlDeviceGetTemperature(void* /*device*/, int sensor, unsigned* into) {
  return sensor == 0 ? say("temperature", 45U, into) : 2;
}
int nvmlDeviceGetTemperatureThreshold(void* /*device*/, int threshold, unsigned* into) {
  return threshold == 1 ? say("temperature_limit", 87U, into) : 2;
}
int nvmlDeviceGetClockInfo(void* /*device*/, int clock, unsigned* into) {
  return say("clock", clock == 2 ? 2619U : 1980U, into);
}
int nvmlDeviceGetCurrentClocksThrottleReasons(void* /*device*/, unsigned long long* into) {
  return say("slowdowns", 0x45ULL, into);  // idle, power limit, hardware thermal
}
int nvmlDeviceGetTotalEccErrors(void* /*device*/, int type, int counter, unsigned long long* into) {
  return counter == 0 ? say("errors", type == 0 ? 3ULL : 1ULL, into) : 2;
}
int nvmlDeviceGetComputeRunningProcesses_v3(void* device, unsigned* count, process* into) {
  const int code = code_of("processes");
  if (code != 0) return code;
  if (*count < 2) {
    *count = 2;
    return 7;  // the size is not sufficient
  }
  *count = 2;
  into[0] = {1, 100, ~0U, ~0U};
  // The second GPU is used by others alone.
  into[1] = {index_of(device) == 0 ? static_cast<unsigned>(getpid()) : 2U, 900, ~0U, ~0U};
  return 0;
}
#endif
}
// NOLINTEND(readability-identifier-naming)
