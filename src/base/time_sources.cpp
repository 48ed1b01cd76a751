#include "time_sources.hpp"

#include <querytap/base/detail/features.hpp>

#include <time.h>

#include <fstream>

namespace querytap::detail {
namespace {

class machine_time_sources final : public time_sources {
 public:
  [[nodiscard]] std::uint64_t counter() const noexcept override {
#if QUERYTAP_HAS_TSC
    return __builtin_ia32_rdtsc();
#else
    return 0;
#endif
  }

  [[nodiscard]] std::uint64_t monotonic() const noexcept override {
    return monotonic_nanoseconds();
  }

  // The kernel measures the TSC against other timers and drops it as a clock source when they
  // disagree, so its choice is the best evidence that the counters of all cores run as one.
  [[nodiscard]] std::string kernel_choice() const override {
    std::string chosen;
    std::ifstream{"/sys/devices/system/clocksource/clocksource0/current_clocksource"} >> chosen;
    return chosen;
  }

  void pause(std::chrono::nanoseconds length) override {
    const timespec pause{length.count() / 1'000'000'000, length.count() % 1'000'000'000};
    nanosleep(&pause, nullptr);
  }
};

}  // namespace

std::uint64_t monotonic_nanoseconds() noexcept {
  timespec time{};
  clock_gettime(CLOCK_MONOTONIC, &time);
  return static_cast<std::uint64_t>(time.tv_sec) * 1'000'000'000U +
         static_cast<std::uint64_t>(time.tv_nsec);
}

time_sources& time_sources::machine() noexcept {
  static constinit machine_time_sources machine;
  return machine;
}

}  // namespace querytap::detail
