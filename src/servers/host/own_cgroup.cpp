#include "own_cgroup.hpp"

#include "host_files.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <functional>
#include <map>

namespace querytap::detail {
namespace {

using paths_by_controller = std::map<std::string, std::string, std::less<>>;

bool is_folder(const std::string& path) {
  struct stat found {};
  return stat(path.c_str(), &found) == 0 && S_ISDIR(found.st_mode);
}

bool is_there(const std::string& path) {
  struct stat found {};
  return stat(path.c_str(), &found) == 0;
}

/// `4:cpu,cpuacct:/service`; of version 2 `0::/service`, with no controller.
paths_by_controller cgroup_paths(std::string_view text) {
  paths_by_controller paths;
  for_each_line(text, [&](std::string_view line) {
    const std::size_t first = line.find(':');
    if (first == line.npos) return;
    const std::size_t second = line.find(':', first + 1);
    if (second == line.npos) return;
    const std::string path{line.substr(second + 1)};
    std::string_view controllers = line.substr(first + 1, second - first - 1);
    do {
      const std::size_t end = std::min(controllers.find(','), controllers.size());
      paths.emplace(controllers.substr(0, end), path);
      controllers.remove_prefix(std::min(end + 1, controllers.size()));
    } while (!controllers.empty());
  });
  return paths;
}

/// A folder and those above it, up to the mounted one.
std::vector<std::string> folders_upwards(const std::string& mounted, std::string path) {
  if (path == "/" || !is_folder(mounted + path)) return {mounted};
  std::vector<std::string> folders;
  while (!path.empty()) {
    folders.push_back(mounted + path);
    path.resize(path.rfind('/') == path.npos ? 0 : path.rfind('/'));
  }
  folders.push_back(mounted);
  return folders;
}

template <class Number>
void take_lower(std::optional<Number>& limit, const std::optional<Number>& other) {
  if (other && (!limit || *other < *limit)) limit = other;
}

/// `max 100000` or `150000 100000`: microseconds of CPU time in microseconds.
std::optional<double> cpus_of_quota(std::optional<std::int64_t> quota,
                                    std::optional<std::int64_t> period) {
  if (!quota || !period || *quota <= 0 || *period <= 0) return std::nullopt;
  return static_cast<double>(*quota) / static_cast<double>(*period);
}

std::optional<std::int64_t> times(std::optional<std::int64_t> value, std::int64_t factor) {
  if (value) *value *= factor;
  return value;
}

void add_events(cgroup_numbers& found, const numbers_by_key& events) {
  for (const std::string_view name : {"high", "max", "oom", "oom_kill"}) {
    if (const auto count = found_in(events, name)) found.memory_events.push_back({name, *count});
  }
}

void read_version_2(const std::string& root, const std::string& path, cgroup_numbers& found) {
  const auto folders = folders_upwards(root, path);
  const std::string& own = folders.front();
  for (const std::string& folder : folders) {
    const auto text = file_text(folder + "/cpu.max");
    const auto words = words_of(text ? std::string_view{*text}.substr(0, text->find('\n')) : "");
    if (words.size() == 2) {
      take_lower(found.cpus, cpus_of_quota(number_of(words[0]), number_of(words[1])));
    }
    take_lower(found.memory_limit, file_number_text(folder + "/memory.max"));
    take_lower(found.task_limit, file_number_text(folder + "/pids.max"));
  }
  const numbers_by_key cpu = keyed_numbers(file_text(own + "/cpu.stat").value_or(""));
  found.cpu_time = times(found_in(cpu, "usage_usec"), 1000);
  found.user_time = times(found_in(cpu, "user_usec"), 1000);
  found.system_time = times(found_in(cpu, "system_usec"), 1000);
  found.periods = found_in(cpu, "nr_periods");
  found.throttled_periods = found_in(cpu, "nr_throttled");
  found.throttled_time = times(found_in(cpu, "throttled_usec"), 1000);
  found.memory = file_number_text(own + "/memory.current");
  add_events(found, keyed_numbers(file_text(own + "/memory.events").value_or("")));
  found.tasks = file_number_text(own + "/pids.current");
  found.has_cpu = found.cpu_time.has_value();
  found.has_memory = found.memory.has_value();
  found.has_tasks = found.tasks.has_value();
}

/// Of a controller of version 1; empty where it is not mounted.
std::string mounted_controller(const std::string& root, std::string_view controller) {
  for (const std::string_view folder : {controller, std::string_view{"cpu,cpuacct"}}) {
    if (folder.find(controller) == folder.npos) continue;
    std::string path = root + '/' + std::string{folder};
    if (is_folder(path)) return path;
  }
  return {};
}

std::vector<std::string> controller_folders(const std::string& root,
                                            const paths_by_controller& paths,
                                            std::string_view controller) {
  const auto path = paths.find(controller);
  if (path == paths.end()) return {};
  const std::string mounted = mounted_controller(root, controller);
  if (mounted.empty()) return {};
  return folders_upwards(mounted, path->second);
}

// Without a limit it is the largest multiple of a page below 2^63.
std::optional<std::int64_t> memory_limit_of_version_1(const std::string& folder) {
  constexpr std::int64_t no_limit = std::int64_t{1} << 62;
  auto limit = file_number_text(folder + "/memory.limit_in_bytes");
  if (limit && *limit >= no_limit) limit.reset();
  return limit;
}

void read_cpu_of_version_1(const std::vector<std::string>& folders, cgroup_numbers& found) {
  if (folders.empty()) return;
  found.has_cpu = true;
  for (const std::string& folder : folders) {
    take_lower(found.cpus, cpus_of_quota(file_number_text(folder + "/cpu.cfs_quota_us"),
                                         file_number_text(folder + "/cpu.cfs_period_us")));
  }
  const numbers_by_key cpu = keyed_numbers(file_text(folders.front() + "/cpu.stat").value_or(""));
  found.periods = found_in(cpu, "nr_periods");
  found.throttled_periods = found_in(cpu, "nr_throttled");
  found.throttled_time = found_in(cpu, "throttled_time");
}

void read_memory_of_version_1(const std::vector<std::string>& folders, cgroup_numbers& found) {
  if (folders.empty()) return;
  found.has_memory = true;
  for (const std::string& folder : folders) {
    take_lower(found.memory_limit, memory_limit_of_version_1(folder));
  }
  found.memory = file_number_text(folders.front() + "/memory.usage_in_bytes");
  if (const auto count = file_number_text(folders.front() + "/memory.failcnt")) {
    found.memory_events.push_back({"max", *count});
  }
  const auto control =
      keyed_numbers(file_text(folders.front() + "/memory.oom_control").value_or(""));
  if (const auto count = found_in(control, "oom_kill")) {
    found.memory_events.push_back({"oom_kill", *count});
  }
}

void read_version_1(const std::string& root, const paths_by_controller& paths,
                    cgroup_numbers& found) {
  read_cpu_of_version_1(controller_folders(root, paths, "cpu"), found);
  const auto accounts = controller_folders(root, paths, "cpuacct");
  if (!accounts.empty()) {
    found.cpu_time = file_number_text(accounts.front() + "/cpuacct.usage");
    found.user_time = file_number_text(accounts.front() + "/cpuacct.usage_user");
    found.system_time = file_number_text(accounts.front() + "/cpuacct.usage_sys");
  }
  read_memory_of_version_1(controller_folders(root, paths, "memory"), found);
  const auto tasks = controller_folders(root, paths, "pids");
  if (tasks.empty()) return;
  found.has_tasks = true;
  found.tasks = file_number_text(tasks.front() + "/pids.current");
  for (const std::string& folder : tasks) {
    take_lower(found.task_limit, file_number_text(folder + "/pids.max"));
  }
}

}  // namespace

std::optional<cgroup_numbers> own_cgroup(const std::string& proc, const std::string& root) {
  const auto text = file_text(proc + "/self/cgroup");
  if (!text || !is_folder(root)) return std::nullopt;
  const paths_by_controller paths = cgroup_paths(*text);
  if (paths.empty()) return std::nullopt;
  cgroup_numbers found;
  const auto unified = paths.find("");
  const bool is_version_2 = unified != paths.end() && is_there(root + "/cgroup.controllers");
  if (is_version_2) {
    read_version_2(root, unified->second, found);
  } else {
    read_version_1(root, paths, found);
  }
  // Where both versions are mounted, version 2 has no controllers, and pressure none the less.
  const std::string mounted = is_version_2 ? root : root + "/unified";
  if (unified != paths.end() && is_folder(mounted)) {
    found.pressure_folder = folders_upwards(mounted, unified->second).front();
    found.is_at_top = !is_there(found.pressure_folder + "/cgroup.type");
  }
  return found;
}

}  // namespace querytap::detail
