#pragma once

#include "../common/named_and_rest.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace querytap::detail {

/// Time in each mode, in kernel ticks.
enum class cpu_mode : std::uint8_t { user, nice, system, idle, iowait, interrupt, steal };
inline constexpr std::array<std::string_view, 7> cpu_mode_names = {
    "user", "nice", "system", "idle", "iowait", "interrupt", "steal"};
using cpu_ticks = std::array<std::int64_t, cpu_mode_names.size()>;

struct cpu_table {
  cpu_ticks all = {};  ///< those included that are off line at present
  std::map<std::int64_t, cpu_ticks> by_number = {};
};
[[nodiscard]] cpu_table cpus_of(std::string_view stat);

/// Takes from table to table what the kernel lets fall though it only counts up, and CPUs that went off line.
class rising_cpus {
 public:
  explicit rising_cpus(std::size_t most) : most_{most} {}

  struct row {
    std::optional<std::int64_t> number;  ///< none: of all that have no row of their own
    cpu_ticks ticks;
  };
  [[nodiscard]] std::vector<row> rows_of(const cpu_table& table);

 private:
  const std::size_t most_;
  std::map<std::int64_t, cpu_ticks> named_ = {};
  cpu_ticks rest_ = {};
};

/// Whole disks, without partitions, RAM disks and loops. Counters: read bytes, written bytes, reads, writes, and in
/// nanoseconds the time of reads, of writes, and for which the disk was busy.
[[nodiscard]] std::vector<named_numbers> disks_of(std::string_view diskstats);

/// Counters: bytes, packets, errors and dropped packets, each received and transmitted.
[[nodiscard]] std::vector<named_numbers> interfaces_of(std::string_view net_dev);

struct mounted_filesystem {
  std::string mountpoint = {};
  std::string device = {};
  std::string type = {};
};
struct mount_table {
  std::vector<mounted_filesystem> local = {};   ///< on storage of the host, each device once
  std::vector<mounted_filesystem> others = {};  ///< those that may never answer
};
[[nodiscard]] mount_table mounts_of(std::string_view mountinfo);

}  // namespace querytap::detail
