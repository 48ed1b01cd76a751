#include <querytap/base/clock.hpp>

#include "counter_clock.hpp"

#include <fstream>
#include <optional>
#include <string>

namespace querytap {
namespace {

constexpr std::uint64_t one_tick_per_nanosecond = std::uint64_t{1} << 32;

class monotonic_clock final : public clock {
 public:
  constexpr monotonic_clock() noexcept : clock{source::monotonic, one_tick_per_nanosecond} {}
};

bool cpu_has_invariant_tsc() {
  std::ifstream cpuinfo{"/proc/cpuinfo"};
  for (std::string line; std::getline(cpuinfo, line);) {
    if (!line.starts_with("flags")) continue;
    line += ' ';
    return line.find(" constant_tsc ") != std::string::npos &&
           line.find(" nonstop_tsc ") != std::string::npos;
  }
  return false;
}

const clock& choose_clock() {
  detail::time_sources& machine = detail::time_sources::machine();
  const bool is_trusted =
      QUERYTAP_HAS_TSC && machine.kernel_choice() == detail::tsc_choice && cpu_has_invariant_tsc();
  if (!is_trusted) return clock::monotonic();
  static const std::optional<detail::calibration> found = detail::calibrate(machine);
  if (!found.has_value()) return clock::monotonic();
  static const detail::counter_clock instance{machine, *found, true};
  return instance;
}

}  // namespace

const clock& clock::process() {
  static const clock& chosen = choose_clock();
  return chosen;
}

const clock& clock::monotonic() {
  static const monotonic_clock instance;
  return instance;
}

std::string clock::check() const { return {}; }

std::uint64_t clock::ticks_slow() const noexcept {
  return kind() == source::manual ? manual_nanoseconds_.load(std::memory_order_relaxed)
                                  : detail::monotonic_nanoseconds();
}

std::chrono::system_clock::time_point clock::wall() const noexcept {
  if (kind() != source::manual) return std::chrono::system_clock::now();
  const std::chrono::nanoseconds since_epoch{
      static_cast<std::int64_t>(manual_nanoseconds_.load(std::memory_order_relaxed))};
  return std::chrono::system_clock::time_point{
      std::chrono::duration_cast<std::chrono::system_clock::duration>(since_epoch)};
}

std::string_view to_string(clock::source kind) noexcept {
  switch (kind) {
    case clock::source::tsc: return "tsc";
    case clock::source::monotonic: return "monotonic";
    case clock::source::manual: return "manual";
  }
  return "unknown";
}

}  // namespace querytap
