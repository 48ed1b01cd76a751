// A connection is of one thread at a time and costs no lock, or it says that threads share it, and
// then nothing is lost or mixed up.

#include <querytap/base/error.hpp>
#include <querytap/decorators/sqlite.hpp>
#include <querytap/recording/recorder.hpp>
#include <querytap/snapshot/statement_table.hpp>
#include <support/child_process.hpp>

#include <catch2/catch.hpp>

#include <map>
#include <mutex>
#include <string>
#include <thread>

using namespace querytap;

namespace {

constexpr int calls_of_a_thread = 300;

bool is_locked(sqlite::connection& db) { return sqlite3_db_mutex(db.native()) != nullptr; }

std::map<std::string, std::uint64_t> calls_by_statement(recorder& telemetry) {
  std::map<std::string, std::uint64_t> calls;
  for (const statement_row& row : statement_table(telemetry.collect())) {
    calls[row.statement->text] = row.calls;
  }
  return calls;
}

std::string message_of_failure(sqlite::statement& insert, int value) {
  try {
    insert.run(value);
    return {};
  } catch (const sqlite::error& failure) {
    return failure.what();
  }
}

/// Fills a table of its own, where each value is refused the second time.
void insert_all(sqlite::connection& db, const std::string& table) {
  auto insert = db.prepare("insert into " + table + " values (?)");
  const std::string refused = "sqlite: UNIQUE constraint failed: " + table + ".a (1555)";
  int mixed_up = 0;
  for (int i = 0; i < calls_of_a_thread; ++i) {
    insert.run(i);
    if (message_of_failure(insert, i) != refused) ++mixed_up;
    static_cast<void>(db.native());
    db.set_busy_timeout(std::chrono::milliseconds{i});
  }
  CHECK(mixed_up == 0);
}

}  // namespace

TEST_CASE("a connection of one thread at a time is opened without SQLite's lock", "[sqlite]") {
  recorder telemetry{{.service_name = "test"}};
  sqlite::connection alone{telemetry, ":memory:"};
  CHECK_FALSE(is_locked(alone));
  sqlite::connection shared{telemetry, ":memory:", {.shared_between_threads = true}};
  CHECK(is_locked(shared));
  sqlite::connection by_flags{
      telemetry,
      ":memory:",
      {.flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_FULLMUTEX}};
  CHECK(is_locked(by_flags));
}

TEST_CASE("a lock that is both wanted and not, or that SQLite does not have, is refused",
          "[sqlite]") {
  recorder telemetry{{.service_name = "test"}};
  const auto open = [&](int more_flags) {
    const sqlite::connection db{
        telemetry,
        ":memory:",
        {.flags = SQLITE_OPEN_READWRITE | more_flags, .shared_between_threads = true}};
  };
  CHECK_THROWS_WITH(open(SQLITE_OPEN_NOMUTEX),
                    "querytap: option 'shared_between_threads' = 'true': the flags say "
                    "SQLITE_OPEN_NOMUTEX");
  sqlite3_shutdown();
  REQUIRE(sqlite3_config(SQLITE_CONFIG_SINGLETHREAD) == SQLITE_OK);
  CHECK_THROWS_WITH(open(0),
                    "querytap: option 'shared_between_threads' = 'true': this SQLite is compiled "
                    "or configured for one thread");
  sqlite3_shutdown();
  REQUIRE(sqlite3_config(SQLITE_CONFIG_SERIALIZED) == SQLITE_OK);
}

TEST_CASE("threads that share a connection get their own rows, errors and counts", "[sqlite]") {
  recorder telemetry{{.service_name = "test"}};
  sqlite::connection db{telemetry, ":memory:", {.shared_between_threads = true}};
  db.exec("create table t(a integer primary key); create table u(a integer primary key)");
  std::thread other{[&] { insert_all(db, "u"); }};
  insert_all(db, "t");
  other.join();
  auto calls = calls_by_statement(telemetry);
  CHECK(calls["insert into t values (?)"] == 2 * calls_of_a_thread);
  CHECK(calls["insert into u values (?)"] == 2 * calls_of_a_thread);
  auto count = db.prepare("select (select count(*) from t), (select count(*) from u), 'text'");
  REQUIRE(count.step());
  CHECK(count.column<int>(0) == calls_of_a_thread);
  CHECK(count.column<int>(1) == calls_of_a_thread);
  CHECK(count.column<std::string_view>(2) == "text");
}

TEST_CASE("threads that share a connection wait together for another one's lock", "[sqlite]") {
  const testing::temporary_folder folder;
  const std::string file = (folder.path() / "test.db").string();
  recorder telemetry{{.service_name = "test"}};
  sqlite::connection holder{telemetry, file};
  sqlite::connection db{
      telemetry,
      file,
      {.busy_timeout = std::chrono::milliseconds{20}, .shared_between_threads = true}};
  holder.exec("create table t(a); begin exclusive");
  const auto write = [&] {
    try {
      db.exec("insert into t values (1)");
    } catch (const sqlite::error& failure) {
      return failure.code();
    }
    return SQLITE_OK;
  };
  int code_of_other = SQLITE_OK;
  std::thread other{[&] { code_of_other = write(); }};
  CHECK(write() == SQLITE_BUSY);
  other.join();
  CHECK(code_of_other == SQLITE_BUSY);
  for (const auto& report : telemetry.collect().call_reports) {
    CHECK(report->phases.total() == report->duration);
  }
}

TEST_CASE("without the lock, threads may take turns", "[sqlite]") {
  recorder telemetry{{.service_name = "test"}};
  sqlite::connection db{telemetry, ":memory:"};
  db.exec("create table t(a)");
  auto insert = db.prepare("insert into t values (?)");
  std::mutex turn;
  const auto work = [&] {
    for (int i = 0; i < calls_of_a_thread; ++i) {
      const std::lock_guard lock{turn};
      insert.run(i);
    }
  };
  std::thread other{work};
  work();
  other.join();
  CHECK(calls_by_statement(telemetry)["insert into t values (?)"] == 2 * calls_of_a_thread);
}
