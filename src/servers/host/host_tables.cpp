#include "host_tables.hpp"

#include "../../base/ascii.hpp"
#include "host_files.hpp"

#include <algorithm>

namespace querytap::detail {
namespace {

std::int64_t number_at(const std::vector<std::string_view>& words, std::size_t index) {
  return index < words.size() ? number_of(words[index]).value_or(0) : 0;
}

// cpu0 user nice system idle iowait irq softirq steal guest guest_nice: guests are in user and nice.
cpu_ticks ticks_of(const std::vector<std::string_view>& words) {
  return {number_at(words, 1), number_at(words, 2), number_at(words, 3),
          number_at(words, 4), number_at(words, 5), number_at(words, 6) + number_at(words, 7),
          number_at(words, 8)};
}

// As node_exporter has it: more than 3 s back is no jitter, and the CPU has begun anew.
constexpr std::int64_t jitter_in_ticks = 300;

bool has_begun_anew(const cpu_ticks& before, const cpu_ticks& after) {
  for (std::size_t i = 0; i < after.size(); ++i) {
    if (after[i] < before[i] - jitter_in_ticks) return true;
  }
  return false;
}

void raise(cpu_ticks& known, const cpu_ticks& seen) {
  if (has_begun_anew(known, seen)) {
    known = seen;
    return;
  }
  for (std::size_t i = 0; i < seen.size(); ++i) known[i] = std::max(known[i], seen[i]);
}

/// `sda1` of `sda`, `nvme0n1p2` of `nvme0n1`.
bool is_partition_of(std::string_view name, std::string_view disk) {
  if (name.size() <= disk.size() || !name.starts_with(disk)) return false;
  name.remove_prefix(disk.size());
  if (is_ascii_digit(disk.back())) {
    if (name[0] != 'p') return false;
    name.remove_prefix(1);
  }
  return !name.empty() && std::ranges::all_of(name, is_ascii_digit);
}

bool is_left_out(std::string_view name, const std::vector<named_numbers>& disks) {
  for (const std::string_view kind : {"loop", "ram", "fd", "sr"}) {
    if (name.starts_with(kind) && name.size() > kind.size() && is_ascii_digit(name[kind.size()])) {
      return true;
    }
  }
  return std::ranges::any_of(
      disks, [&](const named_numbers& disk) { return is_partition_of(name, disk.name); });
}

/// The kernel writes blanks, tabs, line ends and backslashes as three octal digits.
std::string without_escapes(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto is_octal = [&](std::size_t at) { return text[at] >= '0' && text[at] <= '7'; };
    if (text[i] == '\\' && i + 3 < text.size() && is_octal(i + 1) && is_octal(i + 2) &&
        is_octal(i + 3)) {
      plain += static_cast<char>((text[i + 1] - '0') * 64 + (text[i + 2] - '0') * 8 +
                                 (text[i + 3] - '0'));
      i += 3;
    } else {
      plain += text[i];
    }
  }
  return plain;
}

bool is_storage(const mounted_filesystem& mount) {
  if (mount.device.starts_with("/dev/")) {
    return mount.type != "squashfs" && mount.type != "iso9660" && !mount.type.starts_with("fuse");
  }
  // Of a pool of its own, or the root of a container.
  return mount.type == "zfs" || mount.type == "btrfs" ||
         (mount.type == "overlay" && mount.mountpoint == "/");
}

bool may_never_answer(const mounted_filesystem& mount) {
  for (const std::string_view type :
       {"nfs", "cifs", "smb", "ceph", "fuse", "9p", "glusterfs", "afs"}) {
    if (mount.type.starts_with(type)) return mount.type != "fusectl";
  }
  return false;
}

}  // namespace

cpu_table cpus_of(std::string_view stat) {
  cpu_table table;
  for_each_line(stat, [&](std::string_view line) {
    if (!line.starts_with("cpu")) return;
    const auto words = words_of(line);
    if (words[0] == "cpu") table.all = ticks_of(words);
    if (const auto number = number_of(words[0].substr(3))) {
      table.by_number.emplace(*number, ticks_of(words));
    }
  });
  return table;
}

std::vector<rising_cpus::row> rising_cpus::rows_of(const cpu_table& table) {
  std::vector<row> rows;
  for (const auto& [number, ticks] : table.by_number) {
    if (number >= static_cast<std::int64_t>(most_)) break;
    raise(named_.try_emplace(number, ticks).first->second, ticks);
    rows.push_back({number, named_[number]});
  }
  const bool has_rest = !table.by_number.empty() &&
                        table.by_number.rbegin()->first >= static_cast<std::int64_t>(most_);
  if (!has_rest) return rows;
  cpu_ticks rest = table.all;
  for (const auto& [number, ticks] : named_) {
    for (std::size_t i = 0; i < rest.size(); ++i) rest[i] -= ticks[i];
  }
  for (std::size_t i = 0; i < rest.size(); ++i) rest_[i] = std::max(rest_[i], rest[i]);
  rows.push_back({std::nullopt, rest_});
  return rows;
}

// major minor name, then reads, merged, sectors, ms, writes, merged, sectors, ms, in flight, ms busy
std::vector<named_numbers> disks_of(std::string_view diskstats) {
  constexpr std::int64_t sector = 512;  // whatever the disk's own are
  constexpr std::int64_t millisecond = 1'000'000;
  std::vector<named_numbers> disks;
  for_each_line(diskstats, [&](std::string_view line) {
    const auto words = words_of(line);
    if (words.size() < 13 || is_left_out(words[2], disks)) return;
    const auto counted = [&](std::size_t field) { return number_at(words, 2 + field); };
    disks.push_back(
        {std::string{words[2]},
         {counted(3) * sector, counted(7) * sector, counted(1), counted(5),
          counted(4) * millisecond, counted(8) * millisecond, counted(10) * millisecond},
         {}});
  });
  return disks;
}

// name: bytes packets errs drop fifo frame compressed multicast, and 8 of what is transmitted
std::vector<named_numbers> interfaces_of(std::string_view net_dev) {
  std::vector<named_numbers> interfaces;
  for_each_line(net_dev, [&](std::string_view line) {
    const std::size_t colon = line.find(':');
    if (colon == line.npos) return;
    const auto names = words_of(line.substr(0, colon));
    const auto counted = words_of(line.substr(colon + 1));
    if (names.size() != 1 || counted.size() < 16) return;
    named_numbers interface {
      .name = std::string { names[0] }
    };
    for (const std::size_t field : {0U, 1U, 2U, 3U}) {
      interface.counters.push_back(number_at(counted, field));
      interface.counters.push_back(number_at(counted, field + 8));
    }
    interfaces.push_back(std::move(interface));
  });
  return interfaces;
}

// 27 1 254:0 / /mount rw,relatime shared:1 - ext4 /dev/vda rw: any number of fields before the dash
mount_table mounts_of(std::string_view mountinfo) {
  mount_table table;
  std::map<std::string, std::size_t, std::less<>> by_device;
  for_each_line(mountinfo, [&](std::string_view line) {
    const auto words = words_of(line);
    const auto dash = std::ranges::find(words, "-");
    if (words.size() < 10 || words.end() - dash < 3) return;
    mounted_filesystem mount{.mountpoint = without_escapes(words[4]),
                             .device = without_escapes(dash[2]),
                             .type = std::string{dash[1]}};
    if (may_never_answer(mount)) {
      table.others.push_back(std::move(mount));
    } else if (is_storage(mount)) {
      const auto [known, is_new] = by_device.emplace(words[2], table.local.size());
      if (is_new) {
        table.local.push_back(std::move(mount));
      } else if (mount.mountpoint.size() < table.local[known->second].mountpoint.size()) {
        table.local[known->second] = std::move(mount);
      }
    }
  });
  return table;
}

}  // namespace querytap::detail
