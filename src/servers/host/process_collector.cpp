#include <querytap/servers/host/process_collector.hpp>

#include "descriptors.hpp"
#include "host_files.hpp"
#include "host_instruments.hpp"
#include "own_cgroup.hpp"

#include <malloc.h>
#include <sys/resource.h>

#include <algorithm>
#include <ctime>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

namespace querytap {
namespace detail {

struct malloc_numbers {
  std::int64_t allocated = 0;
  std::int64_t free = 0;
  std::int64_t mapped = 0;
};

}  // namespace detail
namespace {

using detail::malloc_numbers;

#if defined(__GLIBC__) && (__GLIBC__ > 2 || (__GLIBC__ == 2 && __GLIBC_MINOR__ >= 33))
/// Nothing where another allocator than glibc's serves the process.
std::optional<malloc_numbers> counted_malloc() {
  const struct mallinfo2 counted = mallinfo2();
  if (counted.uordblks == 0 && counted.hblkhd == 0) return std::nullopt;
  return malloc_numbers{static_cast<std::int64_t>(counted.uordblks),
                        static_cast<std::int64_t>(counted.fordblks),
                        static_cast<std::int64_t>(counted.hblkhd)};
}
constexpr std::string_view no_malloc_reason =
    "the process has another allocator than the C library's";
#else
std::optional<malloc_numbers> counted_malloc() { return std::nullopt; }
constexpr std::string_view no_malloc_reason = "needs glibc 2.33";
#endif

std::int64_t nanoseconds_of(const timeval& time) {
  return std::int64_t{time.tv_sec} * 1'000'000'000 + std::int64_t{time.tv_usec} * 1000;
}

void add_usage(collected& found) {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const std::chrono::nanoseconds user{nanoseconds_of(usage.ru_utime)};
  const std::chrono::nanoseconds system{nanoseconds_of(usage.ru_stime)};
  found.add(catalog::host::process_cpu_time, std::chrono::duration<double>{user}.count(),
            {{"cpu.mode", "user"}});
  found.add(catalog::host::process_cpu_time, std::chrono::duration<double>{system}.count(),
            {{"cpu.mode", "system"}});
  found.add(catalog::host::process_context_switches, usage.ru_nvcsw,
            {{"process.context_switch.type", "voluntary"}});
  found.add(catalog::host::process_context_switches, usage.ru_nivcsw,
            {{"process.context_switch.type", "involuntary"}});
  found.add(catalog::host::process_paging_faults, usage.ru_minflt,
            {{"system.paging.fault.type", "minor"}});
  found.add(catalog::host::process_paging_faults, usage.ru_majflt,
            {{"system.paging.fault.type", "major"}});
}

std::optional<std::int64_t> bytes_of_kibibytes(std::optional<std::int64_t> kibibytes) {
  if (kibibytes) *kibibytes *= 1024;
  return kibibytes;
}

void add_status(collected& found, const std::string& proc) {
  const auto text = detail::file_text(proc + "/self/status");
  if (!text) throw collect_error{"there is no status of the process in /proc"};
  const auto status = detail::keyed_numbers(*text);
  const auto bytes = [&](std::string_view key) {
    return bytes_of_kibibytes(detail::found_in(status, key));
  };
  found.add(catalog::host::process_memory_usage, bytes("VmRSS"));
  found.add(catalog::host::process_memory_virtual, bytes("VmSize"));
  found.add(catalog::host::process_memory_anonymous, bytes("RssAnon"));
  found.add(catalog::host::process_memory_peak, bytes("VmHWM"));
  found.add(catalog::host::process_memory_swapped, bytes("VmSwap"));
  found.add(catalog::host::process_thread_count, detail::found_in(status, "Threads"));
}

void add_descriptors(collected& found, const std::string& proc) {
  const auto count = detail::open_descriptors(proc);
  found.add(catalog::host::process_descriptor_count, count);
  if (!count) {
    found.lacks("process.unix.file_descriptor.count", "/proc/self/fd cannot be read");
  }
  const auto limit = detail::descriptor_limit();
  found.add(catalog::host::process_descriptor_limit, limit);
  if (!limit) found.lacks("process.unix.file_descriptor.limit", "there is no limit");
}

void add_storage(collected& found, const std::string& proc) {
  const auto text = detail::file_text(proc + "/self/io");
  if (!text) {
    found.lacks("process.disk",
                "/proc/self/io cannot be read: the kernel does not count it, or the process has "
                "changed its user");
    return;
  }
  const auto counted = detail::keyed_numbers(*text);
  const attributes reads{{"disk.io.direction", "read"}};
  const attributes writes{{"disk.io.direction", "write"}};
  found.add(catalog::host::process_disk_io, detail::found_in(counted, "read_bytes"), reads);
  found.add(catalog::host::process_disk_io, detail::found_in(counted, "write_bytes"), writes);
  found.add(catalog::host::process_disk_operations, detail::found_in(counted, "syscr"), reads);
  found.add(catalog::host::process_disk_operations, detail::found_in(counted, "syscw"), writes);
}

/// The fields of /proc/self/stat behind the program's name, which may have blanks and brackets of its own.
void add_uptime(collected& found, const std::string& proc) {
  const auto text = detail::file_text(proc + "/self/stat");
  constexpr std::size_t start_time = 22 - 3;
  const auto fields = detail::words_of(text && text->rfind(')') != text->npos
                                           ? std::string_view{*text}.substr(text->rfind(')') + 1)
                                           : std::string_view{});
  const auto ticks =
      fields.size() > start_time ? detail::number_of(fields[start_time]) : std::nullopt;
  timespec since_boot{};
  if (!ticks || clock_gettime(CLOCK_BOOTTIME, &since_boot) != 0) {
    found.lacks("process.uptime", "/proc/self/stat has no start time");
    return;
  }
  const std::int64_t nanoseconds = std::int64_t{since_boot.tv_sec} * 1'000'000'000 +
                                   since_boot.tv_nsec - detail::nanoseconds_of_ticks(*ticks);
  found.add(catalog::host::process_uptime,
            static_cast<double>(std::max<std::int64_t>(nanoseconds, 0)) / 1e9);
}

void add_cgroup_cpu(collected& found, const detail::cgroup_numbers& numbers) {
  if (!numbers.has_cpu) {
    found.lacks("process.cgroup.cpu", "the cgroup has no controller of CPU time");
    return;
  }
  found.add(catalog::host::cgroup_cpu_limit, numbers.cpus);
  if (!numbers.cpus) found.lacks("process.cgroup.cpu.limit", "there is no limit");
  const auto add_seconds = [&](const instrument& instrument, std::optional<std::int64_t> time,
                               const attributes& labels) {
    if (time) found.add(instrument, static_cast<double>(*time) / 1e9, labels);
  };
  if (numbers.user_time && numbers.system_time) {
    add_seconds(catalog::host::cgroup_cpu_time, numbers.user_time, {{"cpu.mode", "user"}});
    add_seconds(catalog::host::cgroup_cpu_time, numbers.system_time, {{"cpu.mode", "system"}});
  } else {
    found.lacks("process.cgroup.cpu.time", "the kernel does not count it by mode");
  }
  found.add(catalog::host::cgroup_cpu_periods, numbers.periods);
  found.add(catalog::host::cgroup_throttled_periods, numbers.throttled_periods);
  add_seconds(catalog::host::cgroup_throttled_time, numbers.throttled_time, {});
  if (!numbers.periods) {
    found.lacks("process.cgroup.cpu.throttled_time",
                "the kernel does not count it for this cgroup");
  }
}

void add_cgroup_memory(collected& found, const detail::cgroup_numbers& numbers) {
  if (!numbers.has_memory) {
    found.lacks("process.cgroup.memory", "the cgroup has no controller of memory");
    return;
  }
  found.add(catalog::host::cgroup_memory_usage, numbers.memory);
  found.add(catalog::host::cgroup_memory_limit, numbers.memory_limit);
  if (!numbers.memory_limit) found.lacks("process.cgroup.memory.limit", "there is no limit");
  for (const auto& event : numbers.memory_events) {
    found.add(catalog::host::cgroup_memory_events, event.count,
              {{"process.cgroup.memory.event", event.name}});
  }
}

void add_cgroup_tasks(collected& found, const detail::cgroup_numbers& numbers) {
  if (!numbers.has_tasks) {
    found.lacks("process.cgroup.task", "the cgroup has no controller of tasks");
    return;
  }
  found.add(catalog::host::cgroup_task_count, numbers.tasks);
  found.add(catalog::host::cgroup_task_limit, numbers.task_limit);
  if (!numbers.task_limit) found.lacks("process.cgroup.task.limit", "there is no limit");
}

void add_cgroup_pressure(collected& found, const detail::cgroup_numbers& numbers) {
  bool is_any = false;
  for (const std::string_view resource : {"cpu", "io", "memory"}) {
    if (numbers.pressure_folder.empty()) break;
    const auto text =
        detail::file_text(numbers.pressure_folder + '/' + std::string{resource} + ".pressure");
    if (!text) continue;
    is_any = true;
    const auto times = detail::pressure_of(*text);
    const auto add = [&](std::optional<std::int64_t> time, std::string_view stall) {
      if (!time) return;
      found.add(catalog::host::cgroup_pressure, static_cast<double>(*time) / 1e9,
                {{"system.pressure.resource", resource}, {"system.pressure.stall", stall}});
    };
    add(times.some, "some");
    if (resource != "cpu" || !numbers.is_at_top) add(times.full, "full");
  }
  if (is_any) return;
  found.lacks("process.cgroup.pressure.time",
              numbers.pressure_folder.empty()
                  ? "needs cgroups of version 2"
                  : "the kernel keeps no pressure of this cgroup: the one at the top has none");
}

void add_cgroup(collected& found, const process_collector_options& options) {
  const auto numbers = detail::own_cgroup(options.proc, options.cgroup);
  if (!numbers) {
    found.lacks("process.cgroup", "no cgroups are mounted where they are looked for");
    return;
  }
  add_cgroup_cpu(found, *numbers);
  add_cgroup_memory(found, *numbers);
  add_cgroup_tasks(found, *numbers);
  add_cgroup_pressure(found, *numbers);
}

}  // namespace

struct process_collector::state {
  void add_malloc(collected& found) {
    if (!options.counts_malloc) {
      found.lacks("process.malloc.memory", "counts_malloc is off");
      return;
    }
    const auto start = std::chrono::steady_clock::now();
    if (start >= next_malloc) {
      counted = counted_malloc();
      const auto took = std::chrono::steady_clock::now() - start;
      constexpr int times_as_long = 200;
      next_malloc = start + times_as_long * took;
    }
    if (!counted) {
      found.lacks("process.malloc.memory", std::string{no_malloc_reason});
      return;
    }
    const auto add = [&](std::int64_t bytes, std::string_view kind) {
      found.add(catalog::host::process_malloc_memory, bytes, {{"process.malloc.state", kind}});
    };
    add(counted->allocated, "allocated");
    add(counted->free, "free");
    add(counted->mapped, "mapped");
  }

  const process_collector_options options;
  std::optional<malloc_numbers> counted = {};
  std::chrono::steady_clock::time_point next_malloc = {};
};

process_collector::process_collector(process_collector_options options)
    : state_{new state{.options = std::move(options)}} {}
process_collector::~process_collector() = default;

std::chrono::nanoseconds process_collector::interval() const { return state_->options.interval; }

void process_collector::collect(collected& found, deadline /*until*/) {
  const std::string& proc = state_->options.proc;
  add_status(found, proc);
  add_usage(found);
  add_descriptors(found, proc);
  add_storage(found, proc);
  add_uptime(found, proc);
  found.lacks(
      "process.network.io",
      "Linux does not count the bytes of a process's sockets; system.network.io is the host's");
  state_->add_malloc(found);
  add_cgroup(found, state_->options);
}

}  // namespace querytap
