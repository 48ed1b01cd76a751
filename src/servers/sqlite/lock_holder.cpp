#include "lock_holder.hpp"

#include "../../base/ascii.hpp"
#include "../../base/numbers.hpp"

#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <vector>

namespace querytap::detail {
namespace {

// Bytes that SQLite locks: of the file from the pending byte on, and of the shared memory behind its header.
constexpr std::int64_t pending_byte = 0x40000000;
constexpr std::int64_t last_shared_byte = pending_byte + 511;
constexpr std::int64_t wal_write_byte = 120;

struct lock_line {
  bool is_exclusive = false;
  pid_t process = 0;
  unsigned major_number = 0;
  unsigned minor_number = 0;
  std::uint64_t inode = 0;
  std::int64_t first = 0;
  std::int64_t last = 0;
};

std::vector<std::string_view> blank_separated(std::string_view line) {
  std::vector<std::string_view> words;
  while (!line.empty()) {
    const std::size_t end = std::min(line.find(' '), line.size());
    if (end > 0) words.push_back(line.substr(0, end));
    line.remove_prefix(std::min(end + 1, line.size()));
  }
  return words;
}

unsigned number_of_device(std::string_view text) {
  unsigned value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value, 16);
  return value;
}

// 1: POSIX  ADVISORY  WRITE 4242 fe:00:131 1073741825 1073741825; who waits has `->` behind the number
std::optional<lock_line> parsed_lock(std::string_view line) {
  const auto words = blank_separated(line);
  if (words.size() < 8 || words[1] == "->" || words[1] == "FLOCK" || words[1] == "LEASE") {
    return std::nullopt;
  }
  const std::string_view file = words[5];
  const std::size_t colon = file.find(':');
  const std::size_t second = file.rfind(':');
  if (colon == file.npos || second == colon) return std::nullopt;
  return lock_line{.is_exclusive = words[3] == "WRITE",
                   .process = leading_number<pid_t>(words[4]),
                   .major_number = number_of_device(file.substr(0, colon)),
                   .minor_number = number_of_device(file.substr(colon + 1, second - colon - 1)),
                   .inode = leading_number<std::uint64_t>(file.substr(second + 1)),
                   .first = leading_number<std::int64_t>(words[6]),
                   .last = words[7] == "EOF" ? INT64_MAX : leading_number<std::int64_t>(words[7])};
}

/// Filesystems without a device of their own, such as btrfs and overlayfs, show another one in /proc/locks.
bool is_of(const lock_line& lock, const locked_file& file) {
  if (lock.inode != file.inode) return false;
  return major(file.device) == 0 ||
         (lock.major_number == major(file.device) && lock.minor_number == minor(file.device));
}

std::optional<locked_file> file_at(const std::string& path) {
  struct stat found {};
  if (stat(path.c_str(), &found) != 0) return std::nullopt;
  return locked_file{found.st_dev, found.st_ino};
}

std::string text_in(const std::string& path) {
  std::ifstream file{path};
  return {std::istreambuf_iterator<char>{file}, {}};
}

}  // namespace

std::optional<pid_t> write_lock_holder(std::string_view proc_locks, locked_file file,
                                       std::optional<locked_file> shared_memory) {
  while (!proc_locks.empty()) {
    const std::size_t end = std::min(proc_locks.find('\n'), proc_locks.size());
    const auto lock = parsed_lock(proc_locks.substr(0, end));
    proc_locks.remove_prefix(std::min(end + 1, proc_locks.size()));
    if (!lock || !lock->is_exclusive) continue;
    const bool locks_file =
        is_of(*lock, file) && lock->first <= last_shared_byte && lock->last >= pending_byte;
    const bool locks_wal = shared_memory && is_of(*lock, *shared_memory) &&
                           lock->first <= wal_write_byte && lock->last >= wal_write_byte;
    if (locks_file || locks_wal) return lock->process;
  }
  return std::nullopt;
}

std::optional<pid_t> write_lock_holder(const std::string& path) {
  const auto file = file_at(path);
  if (!file) return std::nullopt;
  return write_lock_holder(text_in("/proc/locks"), *file, file_at(path + "-shm"));
}

std::string process_text(pid_t process) {
  if (process <= 0) return "a process that cannot be seen from here";
  if (process == getpid()) return "this process";
  const std::string number = std::to_string(process);
  std::string program = text_in("/proc/" + number + "/comm");
  std::erase_if(program, [](char c) { return c < ' ' || c > '~'; });
  return program.empty() ? "process " + number : "process " + number + " (" + program + ')';
}

}  // namespace querytap::detail
