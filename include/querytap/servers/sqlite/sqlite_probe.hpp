#pragma once

#include <querytap/base/detail/pimpl.hpp>
#include <querytap/servers/health_probe.hpp>

#include <cstdint>
#include <string>

namespace querytap {

struct sqlite_probe_options {
  std::string path = {};  ///< of the database file
  /// How often `quick_check` reads the whole file. 0: never. One that has found something is repeated each minute.
  std::chrono::nanoseconds check_interval = std::chrono::hours{1};
  std::uint64_t warn_wal_bytes = std::uint64_t{128} << 20;
  std::uint64_t fail_wal_bytes = std::uint64_t{4} << 30;
  double warn_free_share = 0.3;  ///< of pages that are free, where they are 16 MiB or more
  /// A process that has the write lock at each of many looks over this time is named.
  std::chrono::nanoseconds warn_locked = std::chrono::seconds{1};
  /// One that still has it so long after the first of these looks makes the answer fail: the writes of all others have
  /// failed meanwhile. Take the `busy_timeout` of your connections, or more.
  std::chrono::nanoseconds fail_locked = std::chrono::seconds{10};
  /// Whether to move what no reader needs from the WAL to the file, as SQLite does at every 1,000 pages anyway, and
  /// so to learn what a reader holds back.
  bool checkpoints = false;
};

/// Whether a SQLite database can be read and is whole, and who has it locked.
///
///     sqlite_probe documents{{.path = "documents.db"}};
///
/// Each look opens the file anew and reads from it: one that was deleted, cut or locked is told, though
/// connections that are open already may go on for a while. `quick_check` reads the whole file; it is given up
/// at the deadline, which is a warning. Without WAL, writers wait as long as it lasts.
///
/// Threads  as every probe.
/// Cost     some 0.2 ms, but for `quick_check`; nothing is written, unless `checkpoints` is on.
/// Errors   none: what SQLite refuses is a measurement that fails, with the reason.
/// Source   sqlite.org/pragma.html, lockingv3.html, walformat.html; proc(5) for /proc/locks. The file and its folder
///          must be readable; of a database in WAL mode that nobody has open, the folder must be writable too.
class sqlite_probe final : public health_probe {
 public:
  explicit sqlite_probe(sqlite_probe_options options);
  ~sqlite_probe() override;

  [[nodiscard]] health_answer look(deadline until) override;

 private:
  struct state;
  detail::pimpl<state> state_;
};

}  // namespace querytap

#ifdef QUERYTAP_IMPLEMENTATION
#include <querytap/implementation/sqlite_server.hpp>
#endif
