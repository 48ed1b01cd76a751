#pragma once

#include <querytap/servers/collected.hpp>

#include <sqlite3.h>

#include <chrono>
#include <cstdint>

namespace querytap::detail {

/// A number of a connection that SQLite counts up, and cuts to 31 bits.
class rising_status {
 public:
  [[nodiscard]] std::int64_t raised_to(int seen) noexcept;

 private:
  std::int64_t last_ = 0;
  std::int64_t total_ = 0;
};

/// What SQLite counts for a connection, as of the last time that no other thread used it.
///
/// Threads  one at a time.
class connection_status {
 public:
  void look(sqlite3* connection, std::chrono::steady_clock::time_point until);
  void add_to(collected& found) const;

 private:
  bool is_known_ = false;
  rising_status hit_status_;
  rising_status miss_status_;
  rising_status write_status_;
  rising_status spill_status_;
  std::int64_t hits_ = 0;
  std::int64_t misses_ = 0;
  std::int64_t writes_ = 0;
  std::int64_t spills_ = 0;
  int cache_ = 0;
  int schema_ = 0;
  int statements_ = 0;
};

}  // namespace querytap::detail
