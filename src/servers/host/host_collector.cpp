#include <querytap/servers/host/host_collector.hpp>

#include "../../base/numbers.hpp"
#include "../common/named_and_rest.hpp"
#include "host_files.hpp"
#include "host_instruments.hpp"
#include "host_tables.hpp"

#include <sys/statvfs.h>

#include <algorithm>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace querytap {
namespace {

double seconds_of_nanoseconds(std::int64_t nanoseconds) {
  return static_cast<double>(nanoseconds) / 1e9;
}

void add_cpus(collected& found, const detail::cpu_table& table, detail::rising_cpus& rising) {
  found.add(catalog::host::system_cpu_count, table.by_number.size());
  for (const auto& row : rising.rows_of(table)) {
    for (std::size_t mode = 0; mode < row.ticks.size(); ++mode) {
      attributes labels{{"cpu.mode", detail::cpu_mode_names[mode]}};
      if (row.number) labels.set({"cpu.logical_number", *row.number});
      if (!row.number) labels.set({"cpu.logical_number", detail::rest_name});
      found.add(catalog::host::system_cpu_time,
                seconds_of_nanoseconds(detail::nanoseconds_of_ticks(row.ticks[mode])), labels);
    }
  }
}

void add_processes(collected& found, const detail::numbers_by_key& stat) {
  found.add(catalog::host::system_process_created, detail::found_in(stat, "processes"));
  found.add(catalog::host::system_process_count, detail::found_in(stat, "procs_running"),
            {{"process.state", "running"}});
  found.add(catalog::host::system_process_count, detail::found_in(stat, "procs_blocked"),
            {{"process.state", "blocked"}});
  found.add(catalog::host::system_context_switches, detail::found_in(stat, "ctxt"));
}

// 3.07 1.55 1.53 4/98 14140
void add_load(collected& found, const std::string& proc) {
  const auto text = detail::file_text(proc + "/loadavg");
  const auto words = detail::words_of(text ? std::string_view{*text} : std::string_view{});
  if (words.size() < 3) {
    found.lacks("system.cpu.load_average", "/proc/loadavg cannot be read");
    return;
  }
  found.add(catalog::host::system_load_1m, detail::leading_number<double>(words[0]));
  found.add(catalog::host::system_load_5m, detail::leading_number<double>(words[1]));
  found.add(catalog::host::system_load_15m, detail::leading_number<double>(words[2]));
}

void add_swap(collected& found, std::optional<std::int64_t> total,
              std::optional<std::int64_t> free) {
  if (!total || !free || *total == 0) {
    found.lacks("system.paging.usage", "the host has no swap");
    return;
  }
  found.add(catalog::host::system_paging_usage, *total - *free, {{"system.paging.state", "used"}});
  found.add(catalog::host::system_paging_usage, *free, {{"system.paging.state", "free"}});
}

void add_memory(collected& found, const std::string& proc) {
  const auto text = detail::file_text(proc + "/meminfo");
  if (!text) {
    found.lacks("system.memory", "/proc/meminfo cannot be read");
    return;
  }
  const auto kibibytes = detail::keyed_numbers(*text);
  const auto bytes = [&](std::string_view key) -> std::optional<std::int64_t> {
    const auto value = detail::found_in(kibibytes, key);
    return value ? std::optional{*value * 1024} : std::nullopt;
  };
  const auto total = bytes("MemTotal");
  const auto free = bytes("MemFree");
  const auto cached = bytes("Cached");
  const auto buffers = bytes("Buffers");
  const auto add = [&](std::optional<std::int64_t> value, std::string_view state) {
    found.add(catalog::host::system_memory_usage, value, {{"system.memory.state", state}});
  };
  add(free, "free");
  add(cached, "cached");
  add(buffers, "buffers");
  if (total && free && cached && buffers) add(*total - *free - *cached - *buffers, "used");
  found.add(catalog::host::system_memory_limit, total);
  found.add(catalog::host::system_memory_available, bytes("MemAvailable"));
  found.add(catalog::host::system_memory_shared, bytes("Shmem"));
  found.add(catalog::host::system_slab_usage, bytes("SReclaimable"),
            {{"system.memory.linux.slab.state", "reclaimable"}});
  found.add(catalog::host::system_slab_usage, bytes("SUnreclaim"),
            {{"system.memory.linux.slab.state", "unreclaimable"}});
  add_swap(found, bytes("SwapTotal"), bytes("SwapFree"));
}

void add_paging(collected& found, const std::string& proc) {
  const auto text = detail::file_text(proc + "/vmstat");
  if (!text) {
    found.lacks("system.paging.faults", "/proc/vmstat cannot be read");
    return;
  }
  const auto counted = detail::keyed_numbers(*text);
  const auto faults = detail::found_in(counted, "pgfault");
  const auto major = detail::found_in(counted, "pgmajfault");
  if (faults && major) {
    found.add(catalog::host::system_paging_faults, *faults - *major,
              {{"system.paging.fault.type", "minor"}});
  }
  found.add(catalog::host::system_paging_faults, major, {{"system.paging.fault.type", "major"}});
  found.add(catalog::host::system_paging_operations, detail::found_in(counted, "pswpin"),
            {{"system.paging.direction", "in"}, {"system.paging.fault.type", "major"}});
  found.add(catalog::host::system_paging_operations, detail::found_in(counted, "pswpout"),
            {{"system.paging.direction", "out"}, {"system.paging.fault.type", "major"}});
}

// 636	0	2466193: in use, free among these, and the most
void add_open_files(collected& found, const std::string& proc) {
  const auto text = detail::file_text(proc + "/sys/fs/file-nr");
  auto words = detail::words_of(text ? std::string_view{*text}.substr(0, text->find('\n'))
                                     : std::string_view{});
  if (words.size() != 3) {
    found.lacks("system.unix.file_descriptor", "/proc/sys/fs/file-nr cannot be read");
    return;
  }
  found.add(catalog::host::system_descriptor_count, detail::number_of(words[0]));
  const auto limit = detail::number_of(words[2]);
  constexpr std::int64_t none = INT64_MAX;
  if (limit && *limit != none) {
    found.add(catalog::host::system_descriptor_limit, *limit);
  } else {
    found.lacks("system.unix.file_descriptor.limit", "there is no limit");
  }
}

void add_system_uptime(collected& found, const std::string& proc) {
  const auto text = detail::file_text(proc + "/uptime");
  if (!text) {
    found.lacks("system.uptime", "/proc/uptime cannot be read");
    return;
  }
  found.add(catalog::host::system_uptime, detail::leading_number<double>(*text));
}

// The kernel documents `full` of the CPU as undefined for the whole system, and writes 0.
void add_pressure(collected& found, const std::string& proc) {
  for (const std::string_view resource : {"cpu", "io", "memory"}) {
    const auto text = detail::file_text(proc + "/pressure/" + std::string{resource});
    if (!text) {
      found.lacks("system.pressure.time",
                  "the kernel keeps no pressure stall information: it was "
                  "built without it, or needs psi=1");
      return;
    }
    const auto times = detail::pressure_of(*text);
    const auto add = [&](std::optional<std::int64_t> time, std::string_view stall) {
      if (!time) return;
      found.add(catalog::host::system_pressure, seconds_of_nanoseconds(*time),
                {{"system.pressure.resource", resource}, {"system.pressure.stall", stall}});
    };
    add(times.some, "some");
    if (resource != "cpu") add(times.full, "full");
  }
}

void add_disks(collected& found, const std::string& proc, detail::named_and_rest& named) {
  const auto text = detail::file_text(proc + "/diskstats");
  if (!text) {
    found.lacks("system.disk", "/proc/diskstats cannot be read");
    return;
  }
  for (const auto& disk : named.split(detail::disks_of(*text))) {
    const attributes reads{{"disk.io.direction", "read"}, {"system.device", disk.name}};
    const attributes writes{{"disk.io.direction", "write"}, {"system.device", disk.name}};
    found.add(catalog::host::system_disk_io, disk.counters[0], reads);
    found.add(catalog::host::system_disk_io, disk.counters[1], writes);
    found.add(catalog::host::system_disk_operations, disk.counters[2], reads);
    found.add(catalog::host::system_disk_operations, disk.counters[3], writes);
    found.add(catalog::host::system_disk_operation_time, seconds_of_nanoseconds(disk.counters[4]),
              reads);
    found.add(catalog::host::system_disk_operation_time, seconds_of_nanoseconds(disk.counters[5]),
              writes);
    found.add(catalog::host::system_disk_io_time, seconds_of_nanoseconds(disk.counters[6]),
              {{"system.device", disk.name}});
  }
}

void add_interfaces(collected& found, const std::string& proc, detail::named_and_rest& named) {
  const auto text = detail::file_text(proc + "/net/dev");
  if (!text) {
    found.lacks("system.network", "/proc/net/dev cannot be read");
    return;
  }
  static constexpr const instrument* instruments[] = {
      &catalog::host::system_network_io, &catalog::host::system_network_packets,
      &catalog::host::system_network_errors, &catalog::host::system_network_dropped};
  for (const auto& interface : named.split(detail::interfaces_of(*text))) {
    for (std::size_t i = 0; i < interface.counters.size(); ++i) {
      const instrument& measured = *instruments[i / 2];
      const std::string_view key = &measured == &catalog::host::system_network_packets
                                       ? std::string_view{"system.device"}
                                       : std::string_view{"network.interface.name"};
      found.add(
          measured, interface.counters[i],
          {{key, interface.name}, {"network.io.direction", i % 2 == 0 ? "receive" : "transmit"}});
    }
  }
}

struct filesystem_size {
  detail::mounted_filesystem mount;
  std::int64_t limit = 0;
  std::int64_t free = 0;      ///< for users
  std::int64_t reserved = 0;  ///< for root
  std::int64_t inodes = 0;    ///< 0: it has no fixed number of them
  std::int64_t free_inodes = 0;
};

void add_filesystem(collected& found, const filesystem_size& size) {
  const attributes labels{{"system.device", size.mount.device},
                          {"system.filesystem.mountpoint", size.mount.mountpoint},
                          {"system.filesystem.type", size.mount.type}};
  const auto add = [&](const instrument& measured, std::int64_t value, std::string_view state) {
    attributes with_state = labels;
    with_state.set({"system.filesystem.state", state});
    found.add(measured, value, with_state);
  };
  const std::int64_t used = size.limit - size.free - size.reserved;
  add(catalog::host::system_filesystem_usage, used, "used");
  add(catalog::host::system_filesystem_usage, size.free, "free");
  add(catalog::host::system_filesystem_usage, size.reserved, "reserved");
  found.add(catalog::host::system_filesystem_limit, size.limit, labels);
  if (used + size.free > 0) {
    found.add(catalog::host::system_filesystem_utilization,
              static_cast<double>(used) / static_cast<double>(used + size.free), labels);
  }
  if (size.inodes == 0) return;
  add(catalog::host::system_filesystem_inodes, size.inodes - size.free_inodes, "used");
  add(catalog::host::system_filesystem_inodes, size.free_inodes, "free");
}

void add_unasked(collected& found, const std::vector<detail::mounted_filesystem>& mounts,
                 std::size_t most) {
  for (const auto& mount : std::span{mounts}.first(std::min(most, mounts.size()))) {
    found.lacks("system.filesystem.usage " + mount.mountpoint,
                "a filesystem of type " + mount.type + " may never answer, and is not asked");
  }
  if (mounts.size() <= most) return;
  found.lacks("system.filesystem.usage of others",
              std::to_string(mounts.size() - most) + " more filesystems may never answer");
}

void add_filesystems(collected& found, const host_collector_options& options,
                     collector::deadline until) {
  const auto text = detail::file_text(options.proc + "/self/mountinfo");
  if (!text) {
    found.lacks("system.filesystem", "/proc/self/mountinfo cannot be read");
    return;
  }
  const auto mounts = detail::mounts_of(*text);
  add_unasked(found, mounts.others, options.most_filesystems);
  std::vector<filesystem_size> sizes;
  for (const auto& mount : mounts.local) {
    if (std::chrono::steady_clock::now() > until) break;
    struct statvfs answer {};
    if (statvfs(mount.mountpoint.c_str(), &answer) != 0) {
      found.lacks("system.filesystem.usage " + mount.mountpoint, "statvfs() refuses");
      continue;
    }
    const auto bytes = [&](fsblkcnt_t blocks) {
      return static_cast<std::int64_t>(blocks) * static_cast<std::int64_t>(answer.f_frsize);
    };
    sizes.push_back({mount, bytes(answer.f_blocks), bytes(answer.f_bavail),
                     bytes(answer.f_bfree) - bytes(answer.f_bavail),
                     static_cast<std::int64_t>(answer.f_files),
                     static_cast<std::int64_t>(answer.f_ffree)});
  }
  std::ranges::stable_sort(sizes, std::ranges::greater{}, &filesystem_size::limit);
  if (sizes.size() > options.most_filesystems) {
    found.lacks("system.filesystem.usage of small filesystems",
                std::to_string(sizes.size() - options.most_filesystems) +
                    " of them are past most_filesystems");
    sizes.resize(options.most_filesystems);
  }
  for (const filesystem_size& size : sizes) add_filesystem(found, size);
}

}  // namespace

struct host_collector::state {
  explicit state(host_collector_options asked)
      : options{std::move(asked)},
        cpus{options.most_cpus},
        disks{options.most_devices},
        interfaces{options.most_devices} {}

  const host_collector_options options;
  detail::rising_cpus cpus;
  detail::named_and_rest disks;
  detail::named_and_rest interfaces;
};

host_collector::host_collector(host_collector_options options)
    : state_{new state{std::move(options)}} {}
host_collector::~host_collector() = default;

std::chrono::nanoseconds host_collector::interval() const { return state_->options.interval; }

void host_collector::collect(collected& found, deadline until) {
  const std::string& proc = state_->options.proc;
  const auto stat = detail::file_text(proc + "/stat");
  if (!stat) throw collect_error{"there is no /proc of Linux"};
  add_cpus(found, detail::cpus_of(*stat), state_->cpus);
  add_processes(found, detail::keyed_numbers(*stat));
  add_load(found, proc);
  add_memory(found, proc);
  add_paging(found, proc);
  add_open_files(found, proc);
  add_system_uptime(found, proc);
  add_pressure(found, proc);
  add_disks(found, proc, state_->disks);
  add_interfaces(found, proc, state_->interfaces);
  add_filesystems(found, state_->options, until);
}

}  // namespace querytap
