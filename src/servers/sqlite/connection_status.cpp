#include "connection_status.hpp"

#include "sqlite_instruments.hpp"

#include <ctime>
#include <memory>

namespace querytap::detail {
namespace {

struct status_mutex_releaser {
  void operator()(sqlite3_mutex* held) const noexcept { sqlite3_mutex_leave(held); }
};
using status_mutex = std::unique_ptr<sqlite3_mutex, status_mutex_releaser>;

/// Null where another thread uses the connection all the time.
status_mutex tried_mutex(sqlite3* connection, std::chrono::steady_clock::time_point until) {
  sqlite3_mutex* const lock = sqlite3_db_mutex(connection);
  for (int tries = 0; tries < 20 && std::chrono::steady_clock::now() < until; ++tries) {
    if (sqlite3_mutex_try(lock) == SQLITE_OK) return status_mutex{lock};
    const timespec pause{0, 1'000'000};
    nanosleep(&pause, nullptr);
  }
  return nullptr;
}

int status_of(sqlite3* connection, int status) {
  int value = 0;
  int highest = 0;
  sqlite3_db_status(connection, status, &value, &highest, 0);
  return value;
}

}  // namespace

std::int64_t rising_status::raised_to(int seen) noexcept {
  constexpr std::int64_t of_31_bits = 0x7FFFFFFF;
  total_ += (seen - last_) & of_31_bits;
  last_ = seen;
  return total_;
}

void connection_status::look(sqlite3* connection, std::chrono::steady_clock::time_point until) {
  const status_mutex held = tried_mutex(connection, until);
  if (held == nullptr) return;
  is_known_ = true;
  hits_ = hit_status_.raised_to(status_of(connection, SQLITE_DBSTATUS_CACHE_HIT));
  misses_ = miss_status_.raised_to(status_of(connection, SQLITE_DBSTATUS_CACHE_MISS));
  writes_ = write_status_.raised_to(status_of(connection, SQLITE_DBSTATUS_CACHE_WRITE));
  spills_ = spill_status_.raised_to(status_of(connection, SQLITE_DBSTATUS_CACHE_SPILL));
  cache_ = status_of(connection, SQLITE_DBSTATUS_CACHE_USED);
  schema_ = status_of(connection, SQLITE_DBSTATUS_SCHEMA_USED);
  statements_ = status_of(connection, SQLITE_DBSTATUS_STMT_USED);
}

void connection_status::add_to(collected& found) const {
  if (!is_known_) {
    found.lacks("sqlite.cache", "the connection has been in use at every look");
    return;
  }
  found.add(catalog::sqlite::cache_lookups, hits_, {{"sqlite.cache.result", "hit"}});
  found.add(catalog::sqlite::cache_lookups, misses_, {{"sqlite.cache.result", "miss"}});
  found.add(catalog::sqlite::cache_writes, writes_);
  found.add(catalog::sqlite::cache_spills, spills_);
  found.add(catalog::sqlite::connection_memory, cache_, {{"sqlite.memory.part", "cache"}});
  found.add(catalog::sqlite::connection_memory, schema_, {{"sqlite.memory.part", "schema"}});
  found.add(catalog::sqlite::connection_memory, statements_,
            {{"sqlite.memory.part", "statements"}});
}

}  // namespace querytap::detail
