// A SQLite database says how large it is, and a connection how well its page cache works.

#include <support/child_process.hpp>
#include <support/collected_numbers.hpp>

#include <querytap/base/error.hpp>
#include <querytap/decorators/sqlite.hpp>
#include <querytap/servers/sqlite/sqlite_collector.hpp>
#include <querytap/testing/capture.hpp>
#include <servers/sqlite/sqlite_instruments.hpp>

#include <catch2/catch.hpp>

#include <sys/stat.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>

namespace {

using namespace querytap;
using namespace std::chrono_literals;
using querytap::testing::collected_by;
using querytap::testing::collected_text;
using querytap::testing::faults_of_series;
using querytap::testing::lacking_reason;
using querytap::testing::number_in;
using querytap::testing::temporary_folder;

struct collected_database {
  collected_database() {
    db.exec("pragma journal_mode = wal");
    db.exec(
        "create table documents(id integer primary key, body text);"
        "create index by_body on documents(body);"
        "with recursive n(i) as (select 1 union all select i + 1 from n where i < 2000)"
        "  insert into documents select i, 'body of some length ' || i from n");
  }

  /// In the unit; of the database's series.
  static std::optional<double> value(const collected& found, std::string_view name,
                                     std::string_view key = {}, std::string_view kind = {}) {
    attributes labels{{"db.namespace", "documents.db"}, {"db.system.name", "sqlite"}};
    if (!key.empty()) labels.set({key, kind});
    return number_in(found, name, labels);
  }
  double asked(const std::string& sql) {
    double number = 0;
    sqlite3_exec(
        db.native(), sql.c_str(),
        [](void* into, int, char** values, char**) {
          *static_cast<double*>(into) = std::stod(values[0]);
          return 0;
        },
        &number, nullptr);
    return number;
  }

  temporary_folder folder;
  std::string path = (folder.path() / "documents.db").string();
  capture telemetry;
  sqlite::connection db{telemetry.recorder(), path, {.shared_between_threads = true}};
};

}  // namespace

TEST_CASE("every instrument of SQLite has a unit, a description and a name of its own",
          "[sqlite-collector]") {
  std::set<std::string_view> names;
  for (const instrument* each : catalog::sqlite::all) {
    INFO(each->name);
    CHECK_FALSE(each->unit.empty());
    CHECK(each->description.ends_with('.'));
    CHECK(names.insert(each->name).second);
  }
}

TEST_CASE_METHOD(collected_database,
                 "a file has its sizes and pages, as SQLite and the kernel have them",
                 "[sqlite-collector]") {
  db.exec("delete from documents where id > 100");
  sqlite_collector source{path};
  CHECK(source.name() == "sqlite " + path);
  const collected found = collected_by(source);
  CHECK(faults_of_series(found) == "");
  CHECK(value(found, "sqlite.file.size", "sqlite.file", "database") ==
        static_cast<double>(std::filesystem::file_size(path)));
  CHECK(value(found, "sqlite.file.size", "sqlite.file", "wal") ==
        static_cast<double>(std::filesystem::file_size(path + "-wal")));
  const double free = asked("pragma freelist_count");
  CHECK(free > 0);
  CHECK(value(found, "sqlite.page.count", "sqlite.page.state", "free") == free);
  CHECK(value(found, "sqlite.page.count", "sqlite.page.state", "used") ==
        asked("pragma page_count") - free);
  CHECK(value(found, "sqlite.page.size") == asked("pragma page_size"));
  CHECK(value(found, "sqlite.schema.version") == asked("pragma schema_version"));
  CHECK(value(found, "sqlite.memory.usage").value_or(0) > 10'000);
  CHECK_THAT(lacking_reason(found, "sqlite.cache"), Catch::Contains("was given none"));
  CHECK(lacking_reason(found, "sqlite.object.size") == "object_sizes is off");
}

TEST_CASE_METHOD(collected_database, "a connection has its page cache, as SQLite counts it",
                 "[sqlite-collector]") {
  sqlite_collector source{db};
  const auto lookups = [&](std::string_view result) {
    return value(collected_by(source), "sqlite.cache.lookups", "sqlite.cache.result", result)
        .value_or(-1);
  };
  const auto counted = [&](int status) {
    int number = 0;
    int highest = 0;
    sqlite3_db_status(db.native(), status, &number, &highest, 0);
    return static_cast<double>(number);
  };
  CHECK(lookups("hit") == counted(SQLITE_DBSTATUS_CACHE_HIT));
  const double hits = lookups("hit");
  const double misses = lookups("miss");
  asked("select count(body) from documents not indexed");
  CHECK(lookups("hit") > hits);
  CHECK(lookups("hit") == counted(SQLITE_DBSTATUS_CACHE_HIT));
  db.exec("pragma shrink_memory");
  asked("select count(body) from documents not indexed");
  CHECK(lookups("miss") > misses);
  const collected found = collected_by(source);
  CHECK(faults_of_series(found) == "");
  CHECK(value(found, "sqlite.connection.memory", "sqlite.memory.part", "cache") ==
        counted(SQLITE_DBSTATUS_CACHE_USED));
  CHECK(value(found, "sqlite.cache.writes") == counted(SQLITE_DBSTATUS_CACHE_WRITE));
}

TEST_CASE_METHOD(collected_database, "a connection that is in use is left alone",
                 "[sqlite-collector]") {
  sqlite_collector source{db};
  sqlite_collector late{db};
  CHECK(value(collected_by(source), "sqlite.cache.writes").has_value());
  // SQLite's lock is recursive: it is held by a thread that waits.
  std::mutex both;
  std::unique_lock until_collected{both};
  std::atomic<bool> is_held{false};
  std::thread user{[&] {
    sqlite3_mutex_enter(sqlite3_db_mutex(db.native()));
    is_held = true;
    const std::lock_guard wait{both};
    sqlite3_mutex_leave(sqlite3_db_mutex(db.native()));
  }};
  while (!is_held) std::this_thread::yield();
  // What was known before stays.
  CHECK(value(collected_by(source), "sqlite.cache.writes").has_value());
  CHECK_THAT(lacking_reason(collected_by(late), "sqlite.cache"), Catch::Contains("in use"));
  until_collected.unlock();
  user.join();
  CHECK(value(collected_by(late), "sqlite.cache.writes").has_value());
}

TEST_CASE_METHOD(collected_database,
                 "sizes of tables and indexes are read where they are asked for",
                 "[sqlite-collector]") {
  sqlite_collector source{path, {.object_sizes = true, .most_objects = 1}};
  const collected found = collected_by(source);
  if (asked("select count(*) from pragma_module_list where name = 'dbstat'") == 0) {
    CHECK_THAT(lacking_reason(found, "sqlite.object.size"), Catch::Contains("DBSTAT"));
    return;
  }
  CHECK(faults_of_series(found) == "");
  const double all = asked("select sum(pgsize) from dbstat");
  const double named =
      value(found, "sqlite.object.size", "sqlite.object.name", "documents").value_or(0) +
      value(found, "sqlite.object.size", "sqlite.object.name", "by_body").value_or(0);
  CHECK(named ==
        asked("select max(total) from (select sum(pgsize) as total from dbstat group by name)"));
  CHECK(value(found, "sqlite.object.size", "sqlite.object.name", "_OTHER") == all - named);
}

TEST_CASE("a database in memory has no file, and a file that cannot be read is an error",
          "[sqlite-collector]") {
  capture telemetry;
  sqlite::connection memory{telemetry.recorder(), ":memory:", {.shared_between_threads = true}};
  memory.exec("create table t(a)");
  sqlite_collector source{memory};
  const collected found = collected_by(source);
  CHECK(lacking_reason(found, "sqlite.file") == "the database is in memory");
  CHECK(collected_text(found, "sqlite.cache") != "");
  sqlite_collector nowhere{"/nowhere/documents.db"};
  CHECK_THROWS_WITH(collected_by(nowhere), "the file is not there");
  sqlite::connection single{telemetry.recorder(), ":memory:"};
  CHECK_THROWS_AS(sqlite_collector{single}, configuration_error);
}

TEST_CASE("files of one name are told apart, and each keeps its series", "[sqlite-collector]") {
  const temporary_folder folder;
  const auto series_of = [](const std::filesystem::path& path) {
    sqlite_collector source{path.string()};
    const collected found = collected_by(source);
    CHECK(faults_of_series(found) == "");
    for (const collected::number& each : found.numbers()) {
      if (each.instrument == &catalog::sqlite::page_size) return to_string(each.labels);
    }
    return std::string{"no pages"};
  };
  for (const char* const name : {"first", "second"}) {
    std::filesystem::create_directory(folder.path() / name);
    capture telemetry;
    sqlite::connection{telemetry.recorder(), (folder.path() / name / "documents.db").string()}.exec(
        "create table words(word text)");
  }
  const std::string first = series_of(folder.path() / "first" / "documents.db");
  CHECK_THAT(first, Catch::Contains("db.namespace=documents.db"));
  CHECK_THAT(first, !Catch::Contains(folder.path().string()));
  CHECK(series_of(folder.path() / "second" / "documents.db") != first);
  CHECK(series_of(folder.path() / "second" / ".." / "first" / "documents.db") == first);
  const std::filesystem::path before = std::filesystem::current_path();
  std::filesystem::current_path(folder.path());
  CHECK(series_of("first/documents.db") == first);
  std::filesystem::current_path(before);
}

TEST_CASE("a pipe is no database, and holds no collection up", "[sqlite-collector]") {
  const temporary_folder folder;
  const std::string pipe = (folder.path() / "pipe").string();
  REQUIRE(mkfifo(pipe.c_str(), 0600) == 0);
  sqlite_collector source{pipe};
  CHECK_THROWS_WITH(collected_by(source), Catch::Contains("a folder, a pipe or a device"));
}
