#include "process_metrics.hpp"

#include <querytap/base/version.hpp>

#include <fmt/format.h>

#include <sys/resource.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <sstream>
#include <string>

namespace querytap::detail {
namespace {

using optional_number = std::optional<std::int64_t>;

constexpr std::int64_t nanoseconds_per_second = 1'000'000'000;

/// What /proc/self/stat says.
struct process_state {
  std::int64_t threads = 0;
  std::int64_t start_in_ticks = 0;  // since the start of the system
  std::int64_t virtual_bytes = 0;
  std::int64_t resident_pages = 0;
};

std::optional<process_state> read_process_state() {
  std::ifstream file{"/proc/self/stat"};
  std::string line;
  if (!std::getline(file, line)) return std::nullopt;
  // The name of the program is in brackets and may itself have blanks and brackets.
  const std::size_t end_of_name = line.rfind(')');
  if (end_of_name == std::string::npos) return std::nullopt;
  std::istringstream fields{line.substr(end_of_name + 1)};
  std::array<std::string, 22> field;  // from the third field, the state, on
  for (std::string& word : field) fields >> word;
  if (fields.fail()) return std::nullopt;
  const auto value = [&](std::size_t counted_from_one) {
    return static_cast<std::int64_t>(
        std::strtoll(field[counted_from_one - 3].c_str(), nullptr, 10));
  };
  return process_state{value(20), value(22), value(23), value(24)};
}

std::int64_t nanoseconds_of_ticks(std::int64_t ticks) {
  return ticks * (nanoseconds_per_second / sysconf(_SC_CLK_TCK));
}

// In microseconds; the ticks of /proc are hundredths of a second.
optional_number processor_time() {
  rusage used{};
  if (getrusage(RUSAGE_SELF, &used) != 0) return std::nullopt;
  const auto nanoseconds = [](const timeval& time) {
    return std::int64_t{time.tv_sec} * nanoseconds_per_second + std::int64_t{time.tv_usec} * 1000;
  };
  return nanoseconds(used.ru_utime) + nanoseconds(used.ru_stime);
}

optional_number start_time(const process_state& process) {
  std::ifstream file{"/proc/stat"};
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with("btime ")) continue;
    const std::int64_t system_start = std::strtoll(line.c_str() + 6, nullptr, 10);
    return system_start * nanoseconds_per_second + nanoseconds_of_ticks(process.start_in_ticks);
  }
  return std::nullopt;
}

optional_number open_descriptors() {
  std::error_code unknown;
  const std::filesystem::directory_iterator all{"/proc/self/fd", unknown};
  if (unknown) return std::nullopt;
  return std::distance(begin(all), end(all)) - 1;  // without the iterator's own
}

optional_number limit_of(decltype(RLIMIT_NOFILE) resource) {
  rlimit limit{};
  if (getrlimit(resource, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return std::nullopt;
  return static_cast<std::int64_t>(limit.rlim_cur);
}

// In the order of process_values().
constexpr std::array process_instruments{
    instrument{"process.cpu", "s", instrument_kind::counter, "Processor time of the process."},
    instrument{"process.resident_memory", "By", instrument_kind::gauge,
               "Memory of the process that is in RAM."},
    instrument{"process.virtual_memory", "By", instrument_kind::gauge,
               "Address space of the process."},
    instrument{"process.open_fds", "{file_descriptor}", instrument_kind::gauge,
               "Open file descriptors."},
    instrument{"process.max_fds", "{file_descriptor}", instrument_kind::gauge,
               "Most file descriptors allowed."},
    instrument{"process.threads", "{thread}", instrument_kind::gauge, "Threads of the process."},
    instrument{"process.start_time", "s", instrument_kind::gauge,
               "When the process started, since 1970."},
    instrument{"querytap.build_info", "", instrument_kind::info,
               "The build of querytap that measures."}};

std::array<optional_number, process_instruments.size()> process_values() {
  std::array<optional_number, process_instruments.size()> found{};
  if (const auto process = read_process_state()) {
    found[1] = process->resident_pages * sysconf(_SC_PAGESIZE);
    found[2] = process->virtual_bytes;
    found[5] = process->threads;
    found[6] = start_time(*process);
  }
  found[0] = processor_time();
  found[3] = open_descriptors();
  found[4] = limit_of(RLIMIT_NOFILE);
  found[7] = 1;
  return found;
}

attributes build_labels() {
  return {{"version", version}, {"compiler", std::string_view{__VERSION__}}};
}

}  // namespace

process_metrics::process_metrics() {
  for (const querytap::instrument& instrument : process_instruments) {
    const bool is_build = &instrument == &process_instruments.back();
    series_.push_back(std::make_shared<const series_identity>(
        series_identity{&instrument, is_build ? build_labels() : attributes{}}));
  }
}

std::vector<std::shared_ptr<const metric>> process_metrics::collect() const {
  std::vector<std::shared_ptr<const metric>> metrics;
  const auto found = process_values();
  for (std::size_t i = 0; i < process_instruments.size(); ++i) {
    if (!found[i].has_value()) continue;
    metrics.push_back(std::make_shared<const metric>(
        metric{&process_instruments[i], {{series_[i], nullptr, nullptr, *found[i]}}}));
  }
  return metrics;
}

}  // namespace querytap::detail
