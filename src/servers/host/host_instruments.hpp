#pragma once

#include <querytap/snapshot/catalog.hpp>

#include <array>
#include <string_view>

/// What the process, the host and its GPUs say of themselves.
///
/// Source   OpenTelemetry semantic conventions 1.45 for `process.*`, `system.*` and `hw.*`, and its Collector for
///          `system.cpu.load_average.*` and `system.filesystem.inodes.usage`; what those lack is named in their style.
namespace querytap::catalog::host {

// A table reads as a table.
// clang-format off
namespace keys {
inline constexpr std::string_view cpu_mode[] = {"cpu.mode"};
inline constexpr std::string_view disk_direction[] = {"disk.io.direction"};
inline constexpr std::string_view context_switch[] = {"process.context_switch.type"};
inline constexpr std::string_view fault[] = {"system.paging.fault.type"};
inline constexpr std::string_view malloc_state[] = {"process.malloc.state"};
inline constexpr std::string_view memory_event[] = {"process.cgroup.memory.event"};
inline constexpr std::string_view pressure[] = {"system.pressure.resource", "system.pressure.stall"};
inline constexpr std::string_view system_cpu[] = {"cpu.logical_number", "cpu.mode"};
inline constexpr std::string_view memory_state[] = {"system.memory.state"};
inline constexpr std::string_view slab_state[] = {"system.memory.linux.slab.state"};
inline constexpr std::string_view paging_state[] = {"system.paging.state"};
inline constexpr std::string_view paging_direction[] = {"system.paging.direction", "system.paging.fault.type"};
inline constexpr std::string_view process_state[] = {"process.state"};
inline constexpr std::string_view device[] = {"system.device"};
inline constexpr std::string_view device_direction[] = {"disk.io.direction", "system.device"};
inline constexpr std::string_view filesystem[] = {"system.device", "system.filesystem.mountpoint",
                                                  "system.filesystem.type"};
inline constexpr std::string_view filesystem_state[] = {"system.device", "system.filesystem.mountpoint",
                                                        "system.filesystem.state", "system.filesystem.type"};
inline constexpr std::string_view network[] = {"network.interface.name", "network.io.direction"};
inline constexpr std::string_view packets[] = {"network.io.direction", "system.device"};
}  // namespace keys

inline constexpr instrument process_cpu_time{
    "process.cpu.time", "s", counter, "CPU time of the process.", {}, span_of(keys::cpu_mode)};
inline constexpr instrument process_memory_usage{
    "process.memory.usage", "By", up_down_counter, "Physical memory in use."};
inline constexpr instrument process_memory_virtual{
    "process.memory.virtual", "By", up_down_counter, "Address space in use."};
inline constexpr instrument process_memory_anonymous{
    "process.memory.anonymous", "By", up_down_counter, "Physical memory in use that no file is behind."};
inline constexpr instrument process_memory_peak{
    "process.memory.peak", "By", gauge, "The most physical memory that was ever in use."};
inline constexpr instrument process_memory_swapped{
    "process.memory.swapped", "By", up_down_counter, "Memory of the process that is in swap."};
inline constexpr instrument process_thread_count{
    "process.thread.count", "{thread}", up_down_counter, "Threads."};
inline constexpr instrument process_descriptor_count{
    "process.unix.file_descriptor.count", "{file_descriptor}", up_down_counter, "File descriptors in use."};
inline constexpr instrument process_descriptor_limit{
    "process.unix.file_descriptor.limit", "{file_descriptor}", up_down_counter,
    "File descriptors that the process may have."};
inline constexpr instrument process_context_switches{
    "process.context_switches", "{context_switch}", counter, "Context switches of all threads.", {},
    span_of(keys::context_switch)};
inline constexpr instrument process_paging_faults{
    "process.paging.faults", "{fault}", counter, "Page faults of all threads.", {}, span_of(keys::fault)};
inline constexpr instrument process_disk_io{
    "process.disk.io", "By", counter, "Bytes that went from and to storage.", {}, span_of(keys::disk_direction)};
inline constexpr instrument process_disk_operations{
    "process.disk.operations", "{operation}", counter,
    "System calls that read or write, of sockets and pipes too.", {}, span_of(keys::disk_direction)};
inline constexpr instrument process_uptime{
    "process.uptime", "s", gauge, "Time since the process began."};
inline constexpr instrument process_malloc_memory{
    "process.malloc.memory", "By", up_down_counter, "Memory of malloc, as it counts it itself.", {},
    span_of(keys::malloc_state)};

inline constexpr instrument cgroup_cpu_limit{
    "process.cgroup.cpu.limit", "{cpu}", gauge, "CPUs that the cgroup of the process may use.", {}, {}, 1'000'000};
inline constexpr instrument cgroup_cpu_time{
    "process.cgroup.cpu.time", "s", counter, "CPU time of the cgroup of the process.", {}, span_of(keys::cpu_mode)};
inline constexpr instrument cgroup_cpu_periods{
    "process.cgroup.cpu.periods", "{period}", counter, "Periods in which the cgroup had a limit of CPU time."};
inline constexpr instrument cgroup_throttled_periods{
    "process.cgroup.cpu.throttled_periods", "{period}", counter, "Periods in which the cgroup was throttled."};
inline constexpr instrument cgroup_throttled_time{
    "process.cgroup.cpu.throttled_time", "s", counter, "Time for which tasks of the cgroup were throttled."};
inline constexpr instrument cgroup_memory_usage{
    "process.cgroup.memory.usage", "By", up_down_counter, "Memory of the cgroup of the process, its page cache included."};
inline constexpr instrument cgroup_memory_limit{
    "process.cgroup.memory.limit", "By", up_down_counter, "Memory that the cgroup of the process may use."};
inline constexpr instrument cgroup_memory_events{
    "process.cgroup.memory.events", "{event}", counter, "How often the cgroup was at a limit of its memory.", {},
    span_of(keys::memory_event)};
inline constexpr instrument cgroup_task_count{
    "process.cgroup.task.count", "{task}", up_down_counter, "Processes and threads in the cgroup of the process."};
inline constexpr instrument cgroup_task_limit{
    "process.cgroup.task.limit", "{task}", up_down_counter, "Processes and threads that the cgroup may have."};
inline constexpr instrument cgroup_pressure{
    "process.cgroup.pressure.time", "s", counter, "Time for which tasks of the cgroup waited for a resource.", {},
    span_of(keys::pressure)};

inline constexpr instrument system_cpu_time{
    "system.cpu.time", "s", counter, "Time of each logical CPU in each mode.", {}, span_of(keys::system_cpu)};
inline constexpr instrument system_cpu_count{
    "system.cpu.logical.count", "{cpu}", up_down_counter, "Logical CPUs that are on line."};
inline constexpr instrument system_load_1m{
    "system.cpu.load_average.1m", "{thread}", gauge, "Average load over 1 minute.", {}, {}, 1000};
inline constexpr instrument system_load_5m{
    "system.cpu.load_average.5m", "{thread}", gauge, "Average load over 5 minutes.", {}, {}, 1000};
inline constexpr instrument system_load_15m{
    "system.cpu.load_average.15m", "{thread}", gauge, "Average load over 15 minutes.", {}, {}, 1000};
inline constexpr instrument system_memory_usage{
    "system.memory.usage", "By", up_down_counter, "Memory by state.", {}, span_of(keys::memory_state)};
inline constexpr instrument system_memory_limit{
    "system.memory.limit", "By", up_down_counter, "Memory of the host."};
inline constexpr instrument system_memory_available{
    "system.memory.linux.available", "By", up_down_counter,
    "Memory that new programs can have without swapping, as the kernel estimates it."};
inline constexpr instrument system_memory_shared{
    "system.memory.linux.shared", "By", up_down_counter, "Shared memory, mostly of tmpfs."};
inline constexpr instrument system_slab_usage{
    "system.memory.linux.slab.usage", "By", up_down_counter, "Memory of the kernel's own caches.", {},
    span_of(keys::slab_state)};
inline constexpr instrument system_paging_usage{
    "system.paging.usage", "By", up_down_counter, "Swap by state.", {}, span_of(keys::paging_state)};
inline constexpr instrument system_paging_faults{
    "system.paging.faults", "{fault}", counter, "Page faults.", {}, span_of(keys::fault)};
inline constexpr instrument system_paging_operations{
    "system.paging.operations", "{operation}", counter, "Pages that went in and out of swap.", {},
    span_of(keys::paging_direction)};
inline constexpr instrument system_process_created{
    "system.process.created", "{process}", counter, "Processes and threads that were made."};
inline constexpr instrument system_process_count{
    "system.process.count", "{process}", up_down_counter, "Threads that run or wait for storage.", {},
    span_of(keys::process_state)};
inline constexpr instrument system_context_switches{
    "system.context_switches", "{context_switch}", counter, "Context switches of the host."};
inline constexpr instrument system_descriptor_count{
    "system.unix.file_descriptor.count", "{file_descriptor}", up_down_counter, "Files that are open on the host."};
inline constexpr instrument system_descriptor_limit{
    "system.unix.file_descriptor.limit", "{file_descriptor}", up_down_counter, "Files that may be open on the host."};
inline constexpr instrument system_uptime{
    "system.uptime", "s", gauge, "Time since the host began."};
inline constexpr instrument system_disk_io{
    "system.disk.io", "By", counter, "Bytes that disks read and wrote.", {}, span_of(keys::device_direction)};
inline constexpr instrument system_disk_operations{
    "system.disk.operations", "{operation}", counter, "Reads and writes of disks.", {}, span_of(keys::device_direction)};
inline constexpr instrument system_disk_operation_time{
    "system.disk.operation_time", "s", counter, "Time that reads and writes took, added up.", {},
    span_of(keys::device_direction)};
inline constexpr instrument system_disk_io_time{
    "system.disk.io_time", "s", counter, "Time for which a disk was busy.", {}, span_of(keys::device)};
inline constexpr instrument system_filesystem_usage{
    "system.filesystem.usage", "By", up_down_counter, "Space by state.", {}, span_of(keys::filesystem_state)};
inline constexpr instrument system_filesystem_limit{
    "system.filesystem.limit", "By", up_down_counter, "Size of the filesystem.", {}, span_of(keys::filesystem)};
inline constexpr instrument system_filesystem_utilization{
    "system.filesystem.utilization", "1", gauge, "Share of what users may have that is used.", {},
    span_of(keys::filesystem), 1'000'000};
inline constexpr instrument system_filesystem_inodes{
    "system.filesystem.inodes.usage", "{inode}", up_down_counter, "Inodes by state.", {},
    span_of(keys::filesystem_state)};
inline constexpr instrument system_network_io{
    "system.network.io", "By", counter, "Bytes received and transmitted.", {}, span_of(keys::network)};
inline constexpr instrument system_network_packets{
    "system.network.packet.count", "{packet}", counter, "Packets received and transmitted.", {}, span_of(keys::packets)};
inline constexpr instrument system_network_dropped{
    "system.network.packet.dropped", "{packet}", counter, "Packets that were dropped.", {}, span_of(keys::network)};
inline constexpr instrument system_network_errors{
    "system.network.errors", "{error}", counter, "Errors of network interfaces.", {}, span_of(keys::network)};
inline constexpr instrument system_pressure{
    "system.pressure.time", "s", counter, "Time for which tasks waited for a resource.", {}, span_of(keys::pressure)};

inline constexpr std::array all = {
    &process_cpu_time, &process_memory_usage, &process_memory_virtual, &process_memory_anonymous,
    &process_memory_peak, &process_memory_swapped, &process_thread_count, &process_descriptor_count,
    &process_descriptor_limit, &process_context_switches, &process_paging_faults, &process_disk_io,
    &process_disk_operations, &process_uptime, &process_malloc_memory, &cgroup_cpu_limit, &cgroup_cpu_time,
    &cgroup_cpu_periods, &cgroup_throttled_periods, &cgroup_throttled_time, &cgroup_memory_usage,
    &cgroup_memory_limit, &cgroup_memory_events, &cgroup_task_count, &cgroup_task_limit, &cgroup_pressure,
    &system_cpu_time, &system_cpu_count, &system_load_1m, &system_load_5m, &system_load_15m, &system_memory_usage,
    &system_memory_limit, &system_memory_available, &system_memory_shared, &system_slab_usage, &system_paging_usage,
    &system_paging_faults, &system_paging_operations, &system_process_created, &system_process_count,
    &system_context_switches, &system_descriptor_count, &system_descriptor_limit, &system_uptime, &system_disk_io,
    &system_disk_operations, &system_disk_operation_time, &system_disk_io_time, &system_filesystem_usage,
    &system_filesystem_limit, &system_filesystem_utilization, &system_filesystem_inodes, &system_network_io,
    &system_network_packets, &system_network_dropped, &system_network_errors, &system_pressure};
// clang-format on

}  // namespace querytap::catalog::host
