#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace querytap::detail {

/// A limit that is in force, and what is counted beside it.
struct cgroup_numbers {
  std::optional<double> cpus = {};
  std::optional<std::int64_t> cpu_time = {};  ///< all times in nanoseconds
  std::optional<std::int64_t> user_time = {};
  std::optional<std::int64_t> system_time = {};
  std::optional<std::int64_t> periods = {};
  std::optional<std::int64_t> throttled_periods = {};
  std::optional<std::int64_t> throttled_time = {};
  std::optional<std::int64_t> memory = {};
  std::optional<std::int64_t> memory_limit = {};
  struct event {
    std::string_view name;
    std::int64_t count;
  };
  std::vector<event> memory_events = {};
  std::optional<std::int64_t> tasks = {};
  std::optional<std::int64_t> task_limit = {};
  bool has_cpu = false;  ///< there is a controller of CPU time
  bool has_memory = false;
  bool has_tasks = false;
  std::string pressure_folder = {};  ///< empty: no cgroup of version 2
  bool is_at_top = false;            ///< that folder is of all processes of the host
};

/// Of the cgroup that the process is in; nothing where it is in none.
///
/// `root` is where cgroups are mounted. In a container that sees the paths of the host, and not their folders,
/// the mounted folder is the container's own.
[[nodiscard]] std::optional<cgroup_numbers> own_cgroup(const std::string& proc,
                                                       const std::string& root);

}  // namespace querytap::detail
