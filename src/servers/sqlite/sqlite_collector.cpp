#include <querytap/servers/sqlite/sqlite_collector.hpp>

#include "connection_status.hpp"
#include "database_file.hpp"
#include "file_session.hpp"
#include "object_sizes.hpp"
#include "sqlite_fault.hpp"
#include "sqlite_instruments.hpp"

#include <querytap/base/database_system.hpp>
#include <querytap/base/error.hpp>
#include <querytap/decorators/sqlite.hpp>

#include <fmt/format.h>

#include <sys/stat.h>

#include <cstdint>
#include <filesystem>
#include <system_error>
#include <utility>

namespace querytap {
namespace {

using detail::file_session;

std::string path_of_connection(sqlite3* connection) {
  const char* const file = sqlite3_db_filename(connection, "main");
  return file == nullptr ? std::string{} : file;
}

/// Tells files of one name apart, by where they are, without saying where that is: the same in each process. In memory
/// there is nothing to tell them apart by.
std::string id_of_database(const std::string& path) {
  if (path.empty()) return "memory";
  std::error_code unknown;
  const std::filesystem::path place = std::filesystem::weakly_canonical(path, unknown);
  std::uint32_t hash = 2'166'136'261U;  // FNV-1a
  for (const char c : unknown ? path : place.string()) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 16'777'619U;
  }
  return fmt::format("{:08x}", hash);
}

void add_file_sizes(collected& found, const std::string& path) {
  const auto add = [&](const std::string& file, std::string_view kind) {
    struct stat size {};
    if (stat(file.c_str(), &size) != 0) return false;
    found.add(catalog::sqlite::file_size, size.st_size, {{"sqlite.file", kind}});
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
  found.add(catalog::sqlite::page_count, pages - free, {{"sqlite.page.state", "used"}});
  found.add(catalog::sqlite::page_count, free, {{"sqlite.page.state", "free"}});
  found.add(catalog::sqlite::page_size, session.number_of("pragma page_size"));
  found.add(catalog::sqlite::schema_version, session.number_of("pragma schema_version"));
}

}  // namespace

struct sqlite_collector::state {
  state(std::string file, sqlite3* used, sqlite_collector_options asked)
      : options{asked},
        path{std::move(file)},
        id{id_of_database(path)},
        connection{used},
        objects{options.most_objects} {}

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
  const std::string id;
  sqlite3* const connection;
  detail::connection_status status = {};
  detail::object_sizes objects;
};

sqlite_collector::sqlite_collector(std::string path, sqlite_collector_options options)
    : state_{new state{std::move(path), nullptr, options}} {
  detail::expect_database_file(state_->path);
}

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
  found.set_common({{"db.namespace", state_->database()},
                    {"db.system.name", database_systems::sqlite.name},
                    {"sqlite.database.id", state_->id}});
  state_->add_connection(found, until);
  state_->add_file(found, until);
  const sqlite3_int64 memory = sqlite3_memory_used();
  if (memory > 0) {
    found.add(catalog::sqlite::library_memory, memory);
  } else {
    found.lacks("sqlite.memory.usage", "this SQLite does not count its memory");
  }
}

}  // namespace querytap
