#include <querytap/servers/host/disk_space_probe.hpp>

#include "../common/measured.hpp"

#include <fmt/format.h>

#include <sys/statvfs.h>

#include <utility>

namespace querytap {
namespace {

double share_of(double part, double whole) { return whole > 0 ? part / whole : 0; }

std::string gibibytes(double bytes) { return fmt::format("{:.1f} GiB", bytes / (1 << 30)); }

constexpr std::string_view advice_for_space =
    "delete what is not needed, or enlarge the filesystem; databases fail to write once it is full";

health_measurement free_bytes(double free, std::uint64_t least) {
  health_measurement measured{.name = "free_bytes", .value = free, .unit = "By"};
  if (least == 0) return measured;
  measured.limit = static_cast<double>(least);
  if (free >= *measured.limit) return measured;
  measured.status = health_status::fail;
  measured.reason = fmt::format("{} are free, where at least {} are wanted", gibibytes(free),
                                gibibytes(*measured.limit));
  measured.advice = advice_for_space;
  return measured;
}

}  // namespace

disk_space_probe::disk_space_probe(disk_space_probe_options options)
    : options_{std::move(options)} {}

health_answer disk_space_probe::look(deadline /*until*/) {
  struct statvfs found {};
  if (statvfs(options_.path.c_str(), &found) != 0) {
    throw probe_error{"the path is not there, or may not be looked at"};
  }
  const double block = static_cast<double>(found.f_frsize);
  const double free = static_cast<double>(found.f_bavail) * block;
  const double used = static_cast<double>(found.f_blocks - found.f_bfree) * block;
  const detail::health_limits limits{.warn = options_.warn_share, .fail = options_.fail_share};
  const double share = share_of(used, used + free);
  health_answer answer;
  answer.measurements.push_back(detail::measured(
      "used_share", share, "1", limits,
      fmt::format("{:.1f} % of the space is used, {} are free", share * 100, gibibytes(free)),
      advice_for_space));
  answer.measurements.push_back(free_bytes(free, options_.least_free_bytes));
  if (found.f_files == 0) return answer;  // it makes inodes as it needs them
  const double inodes = static_cast<double>(found.f_files);
  const double share_of_inodes = share_of(inodes - static_cast<double>(found.f_favail), inodes);
  answer.measurements.push_back(
      detail::measured("used_inodes_share", share_of_inodes, "1", limits,
                       fmt::format("{:.1f} % of the inodes are used, {} are free",
                                   share_of_inodes * 100, found.f_favail),
                       "delete small files: no file can be made once there is no inode"));
  return answer;
}

}  // namespace querytap
