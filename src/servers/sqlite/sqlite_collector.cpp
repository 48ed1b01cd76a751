#include <querytap/servers/sqlite/sqlite_collector.hpp>

#include "../../base/numbers.hpp"
#include "../common/named_and_rest.hpp"
#include "file_session.hpp"
#include "sqlite_fault.hpp"
#include "sqlite_instruments.hpp"

#include <querytap/base/database_system.hpp>
#include <querytap/base/error.hpp>
#include <querytap/decorators/sqlite.hpp>

#include <sys/stat.h>

#include <ctime>
#include <filesystem>
#include <optional>
#include <utility>
#include <vector>

namespace querytap {
namespace {

namespace series = catalog::sqlite;
using detail::file_session;

std::string path_of_connection(sqlite3* connection) {
  const char* const file = sqlite3_db_filename(connection, "main");
  return file == nullptr ? std::string{} : file;
}

void add_file_sizes(collected& found, const std::string& path) {
  const auto add = [&](const std::string& file, std::string_view kind) {
    struct stat size {};
    if (stat(file.c_str(), &size) != 0) return false;
    found.add(series::file_size, size.st_size, {{"sqlite.file", kind}});
    return true;
  };
  add(path, "database");
  if (!add(path + "-wal", "wal")) {
    found.lacks("sqlite.file.size of the WAL", "the database has no WAL at present");
  }
}

void add_page_numbers(collected& found, const file_session& session) {
  const double pages = session.number_of("pragma page_count");
  const double free = session.number_of("pragma freelist_count");
  found.add(series::page_count, pages - free, {{"sqlite.page.state", "used"}});
  found.add(series::page_count, free, {{"sqlite.page.state", "free"}});
  found.add(series::page_size, session.number_of("pragma page_size"));
  found.add(series::schema_version, session.number_of("pragma schema_version"));
}

/// The numbers of a connection that are counted: SQLite cuts them to 31 bits.
class rising_status {
 public:
  [[nodiscard]] std::int64_t raised_to(int seen) {
    constexpr std::int64_t of_31_bits = 0x7FFFFFFF;
    total_ += (seen - last_) & of_31_bits;
    last_ = seen;
    return total_;
  }

 private:
  std::int64_t last_ = 0;
  std::int64_t total_ = 0;
};

struct mutex_releaser {
  void operator()(sqlite3_mutex* held) const noexcept { sqlite3_mutex_leave(held); }
};
using held_mutex = std::unique_ptr<sqlite3_mutex, mutex_releaser>;

/// Null where another thread uses the connection all the time.
held_mutex tried_mutex(sqlite3* connection, collector::deadline until) {
  sqlite3_mutex* const lock = sqlite3_db_mutex(connection);
  for (int tries = 0; tries < 20 && std::chrono::steady_clock::now() < until; ++tries) {
    if (sqlite3_mutex_try(lock) == SQLITE_OK) return held_mutex{lock};
    const timespec pause{0, 1'000'000};
    nanosleep(&pause, nullptr);
  }
  return nullptr;
}

/// What SQLite counts for a connection, as of the last time that it was free.
class connection_status {
 public:
  void look(sqlite3* connection, collector::deadline until) {
    const held_mutex held = tried_mutex(connection, until);
    if (held == nullptr) return;
    is_known_ = true;
    const auto counted = [connection](int status) {
      int value = 0;
      int highest = 0;
      sqlite3_db_status(connection, status, &value, &highest, 0);
      return value;
    };
    hits_ = hit_status_.raised_to(counted(SQLITE_DBSTATUS_CACHE_HIT));
    misses_ = miss_status_.raised_to(counted(SQLITE_DBSTATUS_CACHE_MISS));
    writes_ = write_status_.raised_to(counted(SQLITE_DBSTATUS_CACHE_WRITE));
    spills_ = spill_status_.raised_to(counted(SQLITE_DBSTATUS_CACHE_SPILL));
    cache_ = counted(SQLITE_DBSTATUS_CACHE_USED);
    schema_ = counted(SQLITE_DBSTATUS_SCHEMA_USED);
    statements_ = counted(SQLITE_DBSTATUS_STMT_USED);
  }

  void add_to(collected& found) const {
    if (!is_known_) {
      found.lacks("sqlite.cache", "the connection has been in use at every look");
      return;
    }
    found.add(series::cache_lookups, hits_, {{"sqlite.cache.result", "hit"}});
    found.add(series::cache_lookups, misses_, {{"sqlite.cache.result", "miss"}});
    found.add(series::cache_writes, writes_);
    found.add(series::cache_spills, spills_);
    found.add(series::connection_memory, cache_, {{"sqlite.memory.part", "cache"}});
    found.add(series::connection_memory, schema_, {{"sqlite.memory.part", "schema"}});
    found.add(series::connection_memory, statements_, {{"sqlite.memory.part", "statements"}});
  }

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

/// Sizes of tables and indexes, as of the last time that there was time to read them.
class object_sizes {
 public:
  explicit object_sizes(std::size_t most) : named_{most} {}

  void look(const file_session& session) {
    const auto start = std::chrono::steady_clock::now();
    if (start < next_) return;
    try {
      read(session);
      reason_.clear();
    } catch (const detail::sqlite_failure& failure) {
      if (failure.primary() != SQLITE_INTERRUPT) throw;
      reason_ = "the file takes longer to read than a collection may";
    }
    constexpr int times_as_long = 200;
    next_ = start + times_as_long * (std::chrono::steady_clock::now() - start);
  }

  void add_to(collected& found) {
    if (!reason_.empty()) found.lacks("sqlite.object.size", reason_);
    for (const auto& object : named_.split(sizes_)) {
      const attributes name{{"sqlite.object.name", object.name}};
      found.add(series::object_size, object.gauges[0], name);
      found.add(series::object_unused, object.gauges[1], name);
    }
  }

 private:
  void read(const file_session& session) {
    std::vector<detail::named_numbers> sizes;
    session.query("select name, pgsize, unused from dbstat where aggregate = true", {},
                  [&sizes](const file_session::row& row) {
                    const auto number = [&row](int column) {
                      return detail::leading_number<std::int64_t>(row(column));
                    };
                    sizes.push_back({std::string{row(0)}, {}, {number(1), number(2)}});
                  });
    sizes_ = std::move(sizes);
  }

  detail::named_and_rest named_;
  std::vector<detail::named_numbers> sizes_ = {};
  std::chrono::steady_clock::time_point next_ = {};
  std::string reason_ = {};
};

}  // namespace

struct sqlite_collector::state {
  state(std::string file, sqlite3* used, sqlite_collector_options asked)
      : options{asked}, path{std::move(file)}, connection{used}, objects{options.most_objects} {}

  [[nodiscard]] std::string database() const {
    return path.empty() ? ":memory:" : std::filesystem::path{path}.filename().string();
  }

  void add_connection(collected& found, deadline until) {
    if (connection == nullptr) {
      found.lacks("sqlite.cache",
                  "SQLite counts it for each connection, and the collector was given none");
      return;
    }
    status.look(connection, until);
    status.add_to(found);
  }

  void add_objects(collected& found, const file_session& session) {
    if (!options.object_sizes) {
      found.lacks("sqlite.object.size", "object_sizes is off");
    } else if (session.text_of("select 1 from pragma_module_list where name = 'dbstat'") != "1") {
      found.lacks("sqlite.object.size", "this SQLite was built without SQLITE_ENABLE_DBSTAT_VTAB");
    } else {
      objects.look(session);
      objects.add_to(found);
    }
  }

  void add_file(collected& found, deadline until) {
    if (path.empty()) {
      found.lacks("sqlite.file", "the database is in memory");
      return;
    }
    try {
      const file_session session{path, file_session::access::read, until};
      add_page_numbers(found, session);
      add_objects(found, session);
    } catch (const detail::sqlite_failure& failure) {
      throw collect_error{detail::sqlite_fault("", failure, path).reason};
    }
    add_file_sizes(found, path);
  }

  const sqlite_collector_options options;
  const std::string path;
  sqlite3* const connection;
  connection_status status = {};
  object_sizes objects;
};

sqlite_collector::sqlite_collector(std::string path, sqlite_collector_options options)
    : state_{new state{std::move(path), nullptr, options}} {}

sqlite_collector::sqlite_collector(sqlite::connection& connection, sqlite_collector_options options)
    : state_{new state{path_of_connection(connection.native()), connection.native(), options}} {
  if (sqlite3_db_mutex(connection.native()) != nullptr) return;
  throw configuration_error{"shared_between_threads", "false",
                            "a collector of the connection uses it from another thread"};
}

sqlite_collector::~sqlite_collector() = default;

std::string sqlite_collector::name() const {
  return "sqlite " + (state_->path.empty() ? state_->database() : state_->path);
}
std::chrono::nanoseconds sqlite_collector::interval() const { return state_->options.interval; }

void sqlite_collector::collect(collected& found, deadline until) {
  found.set_common(
      {{"db.namespace", state_->database()}, {"db.system.name", database_systems::sqlite.name}});
  state_->add_connection(found, until);
  state_->add_file(found, until);
  const sqlite3_int64 memory = sqlite3_memory_used();
  if (memory > 0) {
    found.add(series::library_memory, memory);
  } else {
    found.lacks("sqlite.memory.usage", "this SQLite does not count its memory");
  }
}

}  // namespace querytap
