// A SQLite database is asked whether it can be read and written, is whole, and who has it locked: without taking a
// lock away from the application, and without being stopped by one.

#include <servers/sqlite/lock_holder.hpp>
#include <support/child_process.hpp>
#include <support/fork.hpp>
#include <support/health_text.hpp>
#include <support/wait.hpp>

#include <querytap/base/error.hpp>
#include <querytap/servers/sqlite/sqlite_probe.hpp>
#include <querytap/servers/sqlite/sqlite_write_probe.hpp>

#include <catch2/catch.hpp>

#include <sqlite3.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

namespace {

using namespace querytap;
using namespace std::chrono_literals;
using querytap::detail::process_text;
using querytap::detail::write_lock_holder;
using querytap::testing::became_true;
using querytap::testing::child_process;
using querytap::testing::exit_code_of_child;
using querytap::testing::look_text;
using querytap::testing::measurement_of;
using querytap::testing::temporary_folder;

class test_database {
 public:
  explicit test_database(const std::string& journal = "wal", int page_size = 4096) {
    REQUIRE(sqlite3_open(path().c_str(), &database_) == SQLITE_OK);
    run("pragma page_size = " + std::to_string(page_size));
    run("pragma journal_mode = " + journal);
    run("create table documents(id integer primary key, body text)");
    run("create index by_body on documents(body)");
    run("with recursive n(i) as (select 1 union all select i + 1 from n where i < 3000)"
        "insert into documents select i, 'body ' || i from n");
  }
  test_database(const test_database&) = delete;
  test_database& operator=(const test_database&) = delete;
  ~test_database() { close(); }

  [[nodiscard]] std::string path() const { return (folder_.path() / "documents.db").string(); }
  void run(const std::string& sql) const {
    INFO(sql);
    REQUIRE(sqlite3_exec(database_, sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK);
  }
  /// Whether another connection could write, in 20 ms.
  [[nodiscard]] bool can_be_written() const {
    sqlite3* other = nullptr;
    REQUIRE(sqlite3_open(path().c_str(), &other) == SQLITE_OK);
    sqlite3_busy_timeout(other, 20);
    const int code = sqlite3_exec(other, "begin immediate", nullptr, nullptr, nullptr);
    sqlite3_close(other);
    return code == SQLITE_OK;
  }
  void close() {
    sqlite3_close(database_);
    database_ = nullptr;
  }
  [[nodiscard]] sqlite3* native() const { return database_; }
  [[nodiscard]] int page_of(const std::string& object) const {
    sqlite3_stmt* statement = nullptr;
    sqlite3_prepare_v2(database_,
                       ("select rootpage from sqlite_schema where name = '" + object + "'").c_str(),
                       -1, &statement, nullptr);
    REQUIRE(sqlite3_step(statement) == SQLITE_ROW);
    const int page = sqlite3_column_int(statement, 0);
    sqlite3_finalize(statement);
    return page;
  }

 private:
  temporary_folder folder_;
  sqlite3* database_ = nullptr;
};

/// Another process that has the write lock of a database.
class other_writer {
 public:
  explicit other_writer(const std::string& path)
      : ready_{path + ".ready"},
        program_{{"/usr/bin/python3", "-c",
                  "import sqlite3, sys, time\n"
                  "db = sqlite3.connect(sys.argv[1], isolation_level=None)\n"
                  "db.execute('begin immediate')\n"
                  "open(sys.argv[2], 'w').close()\n"
                  "time.sleep(1000)\n",
                  path, ready_}} {
    REQUIRE(became_true([this] { return std::filesystem::exists(ready_); }));
  }

  other_writer(const other_writer&) = delete;
  other_writer& operator=(const other_writer&) = delete;
  ~other_writer() { std::filesystem::remove(ready_); }

  [[nodiscard]] std::string name() const {
    return "process " + std::to_string(program_.pid()) + " (python3)";
  }

 private:
  std::string ready_;
  child_process program_;
};

void overwrite(const std::string& path, long offset, const std::string& bytes) {
  std::fstream file{path, std::ios::in | std::ios::out | std::ios::binary};
  file.seekp(offset);
  file << bytes;
}

constexpr const char* all_is_well =
    "readable pass\nfree_share pass\nquick_check pass\nwal_bytes pass\nwrite_locked pass\n";

}  // namespace

TEST_CASE("a database that is whole is well, with and without WAL", "[sqlite-health]") {
  for (const char* journal : {"wal", "delete"}) {
    const test_database database{journal};
    sqlite_probe probe{{.path = database.path()}};
    CHECK(look_text(probe, 5s) == all_is_well);
    sqlite_write_probe writes{{.path = database.path()}};
    CHECK(look_text(writes, 5s) == "writes pass\nwrite_time pass\n");
    database.run("select id, note from querytap_health");
  }
}

TEST_CASE("a probe takes no lock of the application away", "[sqlite-health]") {
  const test_database database{"delete"};
  database.run("begin immediate");
  sqlite_probe probe{{.path = database.path(), .warn_locked = 20ms}};
  CHECK_THAT(
      look_text(probe, 5s),
      Catch::Contains("write_locked warn: this process had the write lock at each look for "));
  // With its lock gone, another process could write now.
  const int code = exit_code_of_child([&] {
    const auto holder = write_lock_holder(database.path());
    return holder && *holder == getppid();
  });
  CHECK(code == 0);
  database.run("commit");
}

TEST_CASE("a file cut by one page is told, though a connection still opens", "[sqlite-health]") {
  test_database database{"delete"};
  database.close();
  const auto size = std::filesystem::file_size(database.path());
  std::filesystem::resize_file(database.path(), size - 4096);
  sqlite_probe probe{{.path = database.path(), .check_interval = 0ns}};
  CHECK(look_text(probe, 5s) == "readable fail: the file is damaged (malformed)\n");
  sqlite_write_probe writes{{.path = database.path()}};
  CHECK(look_text(writes, 5s) == "writes fail: the file is damaged (malformed)\n");
}

TEST_CASE("damage within the file is found by quick_check, when it is due", "[sqlite-health]") {
  test_database database{"delete"};
  sqlite_probe seldom{{.path = database.path()}};
  sqlite_probe always{{.path = database.path(), .check_interval = 1ns}};
  sqlite_probe never{{.path = database.path(), .check_interval = 0ns}};
  CHECK(look_text(seldom, 5s) == all_is_well);
  CHECK(look_text(always, 5s) == all_is_well);
  const int page = database.page_of("by_body");
  database.close();
  overwrite(database.path(), (page - 1) * 4096L + 3, std::string(40, '\x7f'));
  CHECK(look_text(seldom, 5s) == all_is_well);
  CHECK_THAT(look_text(always, 5s), Catch::Contains("the file is damaged"));
  CHECK(look_text(never, 5s) ==
        "readable pass\nfree_share pass\nwal_bytes pass\nwrite_locked pass\n");
}

TEST_CASE("quick_check that takes too long is given up, and said so", "[sqlite-health]") {
  const test_database database;
  database.run(
      "with recursive n(i) as (select 1 union all select i + 1 from n where i < 300000)"
      "insert into documents select i + 10000, 'body ' || i from n");
  sqlite_probe probe{{.path = database.path()}};
  std::string text;
  for (auto limit = 1ms; limit < 200ms && text.find("readable pass") == text.npos; limit += 1ms) {
    text = look_text(probe, limit);
  }
  CHECK_THAT(text, Catch::Contains("quick_check warn: quick_check took longer than a look may"));
}

TEST_CASE("a deleted file and one that is no database are told apart", "[sqlite-health]") {
  const test_database database;
  sqlite_probe probe{{.path = database.path()}};
  CHECK(look_text(probe, 5s) == all_is_well);
  std::filesystem::remove(database.path());
  CHECK(look_text(probe, 5s) == "readable fail: the file is not there\n");
  sqlite_write_probe writes{{.path = database.path()}};
  CHECK(look_text(writes, 5s) == "writes fail: the file is not there\n");
  CHECK_FALSE(std::filesystem::exists(database.path()));
  std::ofstream{database.path()} << std::string(8192, 'x');
  std::filesystem::remove(database.path() + "-wal");
  CHECK(look_text(probe, 5s) == "readable fail: the file is no SQLite database, or is encrypted\n");
}

TEST_CASE("without rights the reason says which", "[sqlite-health]") {
  if (geteuid() != 0) return;  // only root can become another user
  test_database database{"delete"};
  database.close();
  std::filesystem::permissions(std::filesystem::path{database.path()}.parent_path(),
                               std::filesystem::perms{0755});
  std::filesystem::permissions(database.path(), std::filesystem::perms{0600});
  const auto as_nobody = [&](health_probe& probe, const std::string& expected) {
    return exit_code_of_child(
        [&] { return setuid(65534) == 0 && look_text(probe, 5s) == expected; });
  };
  sqlite_probe reads{{.path = database.path()}};
  CHECK(as_nobody(reads, "readable fail: the file may not be read\n") == 0);
  std::filesystem::permissions(database.path(), std::filesystem::perms{0644});
  sqlite_write_probe writes{{.path = database.path()}};
  CHECK(as_nobody(writes, "writes fail: the database is read-only\n") == 0);
}

TEST_CASE("who has the database locked is named, with and without WAL", "[sqlite-health]") {
  for (const char* journal : {"wal", "delete"}) {
    INFO(journal);
    const test_database database{journal};
    const other_writer writer{database.path()};
    sqlite_probe probe{{.path = database.path(), .warn_locked = 30ms}};
    CHECK_THAT(look_text(probe, 5s), Catch::Contains("write_locked warn: " + writer.name() +
                                                     " had the write lock at each look for "));
    sqlite_write_probe writes{{.path = database.path()}};
    const auto start = std::chrono::steady_clock::now();
    CHECK(look_text(writes, 50ms) ==
          "writes fail: the database is locked by " + writer.name() + '\n');
    CHECK(std::chrono::steady_clock::now() - start < 5s);
  }
}

TEST_CASE("a lock that outlasts every busy_timeout is a failure until it is gone",
          "[sqlite-health]") {
  const test_database database{"wal"};
  sqlite_probe probe{{.path = database.path(), .warn_locked = 20ms, .fail_locked = 300ms}};
  {
    const other_writer writer{database.path()};
    CHECK_FALSE(database.can_be_written());
    const auto start = std::chrono::steady_clock::now();
    std::string answer;
    CHECK(became_true([&] {
      answer = look_text(probe, 5s);
      return answer.find("write_locked fail: ") != std::string::npos;
    }));
    CHECK(std::chrono::steady_clock::now() - start >= 300ms);
    CHECK_THAT(answer, Catch::Contains("write_locked fail: " + writer.name() +
                                       " had the write lock at each look for "));
  }
  CHECK(database.can_be_written());
  CHECK(look_text(probe, 5s) == all_is_well);
  // The time of the next writer is its own.
  sqlite_probe patient{{.path = database.path(), .warn_locked = 20ms, .fail_locked = 1h}};
  const other_writer next{database.path()};
  CHECK_THAT(look_text(patient, 5s), Catch::Contains("write_locked warn: " + next.name()));
}

TEST_CASE("a database that keeps readers out is told with who does", "[sqlite-health]") {
  const test_database database{"delete"};
  database.run("begin exclusive");
  // SQLite's connections of one process know of each other's locks.
  const int code = exit_code_of_child([&] {
    sqlite_probe probe{{.path = database.path()}};
    return look_text(probe, 50ms)
        .starts_with("readable fail: the database is locked by process " +
                     std::to_string(getppid()));
  });
  CHECK(code == 0);
}

TEST_CASE("a large WAL and pages that a reader pins are told", "[sqlite-health]") {
  const test_database database{"wal", 512};
  database.run("pragma wal_autocheckpoint = 0");
  sqlite3* reader = nullptr;
  REQUIRE(sqlite3_open(database.path().c_str(), &reader) == SQLITE_OK);
  REQUIRE(sqlite3_exec(reader, "begin; select count(*) from documents", nullptr, nullptr,
                       nullptr) == SQLITE_OK);
  database.run(
      "with recursive n(i) as (select 1 union all select i + 1 from n where i < 12000)"
      "insert into documents(body) select zeroblob(500) from n");
  sqlite_probe probe{{.path = database.path(),
                      .check_interval = 0ns,
                      .warn_wal_bytes = 1 << 20,
                      .checkpoints = true}};
  const std::string text = look_text(probe, 10s);
  CHECK_THAT(text, Catch::Contains("wal_bytes warn: the WAL has "));
  CHECK_THAT(text, Catch::Contains("pages of the WAL cannot be moved to the file"));
  sqlite3_close(reader);
  CHECK_THAT(look_text(probe, 10s), Catch::Contains("pinned_wal_pages pass"));
}

TEST_CASE("free pages count once they are much", "[sqlite-health]") {
  const test_database database{"delete"};
  sqlite_probe probe{{.path = database.path(), .check_interval = 0ns}};
  database.run("delete from documents");
  CHECK_THAT(look_text(probe, 5s), Catch::Contains("free_share pass"));
  database.run("insert into documents values (1, zeroblob(20000000)); delete from documents");
  CHECK_THAT(look_text(probe, 5s),
             Catch::Contains("free_share warn: ") && Catch::Contains("of the pages are free, "));
}

TEST_CASE("a table of a write probe has a plain name", "[sqlite-health]") {
  for (const char* name : {"", "1a", "a b", "x; drop table documents", "select"}) {
    CHECK_THROWS_AS(sqlite_write_probe({.path = "x", .table = name}), configuration_error);
  }
}

TEST_CASE("locks are those of the file, on the bytes of a writer", "[sqlite-health]") {
  const querytap::detail::locked_file file{makedev(0xfe, 0), 131};
  const querytap::detail::locked_file memory{makedev(0xfe, 0), 132};
  const auto holder = [&](const std::string& line) {
    return write_lock_holder(line, file, memory).value_or(-9);
  };
  CHECK(holder("1: POSIX  ADVISORY  WRITE 42 fe:00:131 1073741825 1073741825\n") == 42);
  CHECK(holder("1: POSIX  ADVISORY  WRITE 42 fe:00:131 0 EOF\n") == 42);
  CHECK(holder("1: POSIX  ADVISORY  WRITE 42 fe:00:132 120 120\n") == 42);
  CHECK(holder("1: POSIX  ADVISORY  READ  42 fe:00:131 1073741826 1073742335\n") == -9);
  CHECK(holder("1: POSIX  ADVISORY  WRITE 42 fe:00:132 124 124\n") == -9);
  CHECK(holder("1: POSIX  ADVISORY  WRITE 42 fe:01:131 1073741825 1073741825\n") == -9);
  CHECK(holder("1: POSIX  ADVISORY  WRITE 42 fe:00:999 1073741825 1073741825\n") == -9);
  CHECK(holder("1: -> POSIX  ADVISORY  WRITE 42 fe:00:131 1073741825 1073741825\n") == -9);
  CHECK(holder("2: FLOCK  ADVISORY  WRITE 42 fe:00:131 0 EOF\n") == -9);
  CHECK(holder("nonsense\n\n1: POSIX ADVISORY WRITE\n") == -9);
  CHECK(process_text(0) == "a process that cannot be seen from here");
  CHECK(process_text(getpid()) == "this process");
}

TEST_CASE("a file that was cut to nothing is no healthy database, and no file is none at all",
          "[sqlite_health]") {
  test_database db{"delete"};
  sqlite_probe probe{{.path = db.path()}};
  const auto look = [&] { return probe.look(std::chrono::steady_clock::now() + 5s); };
  CHECK(look().worst()->status == health_status::pass);
  std::filesystem::resize_file(db.path(), 0);
  const health_answer cut = look();
  CHECK(cut.worst()->status == health_status::fail);
  CHECK(cut.worst()->name == "readable");
  CHECK_THROWS_AS(sqlite_probe{{}}, configuration_error);
  CHECK_THROWS_AS((sqlite_probe{{.path = ":memory:"}}), configuration_error);
  CHECK_THROWS_AS(sqlite_write_probe{{}}, configuration_error);
}

TEST_CASE("what is no file is told at once, and nothing waits for it", "[sqlite-health]") {
  const temporary_folder folder;
  const std::string pipe = (folder.path() / "pipe").string();
  REQUIRE(mkfifo(pipe.c_str(), 0600) == 0);
  const auto begin = std::chrono::steady_clock::now();
  for (const std::string& path : {pipe, folder.path().string()}) {
    sqlite_probe probe{{.path = path}};
    CHECK(look_text(probe, 5s) ==
          "readable fail: the path is that of a folder, a pipe or a device, and not of a file\n");
    sqlite_write_probe writes{{.path = path}};
    CHECK(look_text(writes, 5s) ==
          "writes fail: the path is that of a folder, a pipe or a device, and not of a file\n");
  }
  CHECK(std::chrono::steady_clock::now() - begin < 5s);
}

TEST_CASE("a write probe stores nothing in a file that was cut to nothing", "[sqlite-health]") {
  const temporary_folder folder;
  const std::string path = (folder.path() / "documents.db").string();
  std::ofstream{path}.close();
  sqlite_write_probe writes{{.path = path}};
  CHECK(look_text(writes, 5s) == "writes fail: the file is empty: it has not a single page\n");
  CHECK(std::filesystem::file_size(path) == 0);
}
