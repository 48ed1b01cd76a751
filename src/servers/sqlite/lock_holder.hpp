#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace querytap::detail {

/// A file as /proc/locks has it.
struct locked_file {
  dev_t device = 0;
  ino_t inode = 0;
};

/// The process that has the lock of SQLite's only writer, or one that keeps readers out; nothing where none has.
/// Its number is 0 or less where it is outside of this container.
///
/// `shared_memory` is the file `-shm` of a database in WAL mode, if there is one.
[[nodiscard]] std::optional<pid_t> write_lock_holder(std::string_view proc_locks, locked_file file,
                                                     std::optional<locked_file> shared_memory);

/// The same of the database file, as it is at present.
[[nodiscard]] std::optional<pid_t> write_lock_holder(const std::string& path);

/// `process 4242 (python3)`, `this process`.
[[nodiscard]] std::string process_text(pid_t process);

}  // namespace querytap::detail
