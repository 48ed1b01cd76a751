// What a connection does besides executing statements: blobs, backups, checkpoints, savepoints, cached
// statements, and all that an application sets through SQLite's own functions.

#include <querytap/calls/request.hpp>
#include <querytap/decorators/sqlite.hpp>
#include <querytap/recording/recorder.hpp>
#include <querytap/testing/capture.hpp>
#include <support/child_process.hpp>
#include <support/text.hpp>

#include <catch2/catch.hpp>

#include <array>
#include <cstring>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace querytap;
using namespace std::chrono_literals;
using querytap::testing::lines_up_to;
using querytap::testing::temporary_folder;
using querytap::testing::without;

struct file_fixture {
  const temporary_folder folder;
  const std::string file = folder.path() / "test.db";
  capture telemetry;
  sqlite::connection db{telemetry.recorder(), file, {.busy_timeout = 0ms}};

  file_fixture() {
    bare(db,
         "pragma synchronous = off; create table documents(id integer primary key, body blob);"
         "insert into documents values (1, zeroblob(10)), (2, x'0102'), (3, 7)");
  }
  static void bare(sqlite3* handle, const char* sql) {
    REQUIRE(sqlite3_exec(handle, sql, nullptr, nullptr, nullptr) == SQLITE_OK);
  }
  std::string calls() {
    std::string text = telemetry.text("db.client.operation.duration");
    text = without(text, "db.system.name=sqlite ");
    text = without(text, "db.namespace=test.db ");
    text = without(text, "db.namespace=:memory: ");
    return lines_up_to(" sum=", without(text, "db.query.summary="));
  }
};

std::vector<std::byte> bytes_of(std::string_view text) {
  const auto* const begin = reinterpret_cast<const std::byte*>(text.data());
  return {begin, begin + text.size()};
}

template <class Call>
int failure_of(Call call) {
  try {
    call();
  } catch (const sqlite::error& failure) {
    return failure.code();
  }
  return SQLITE_OK;
}

}  // namespace

TEST_CASE_METHOD(file_fixture, "a blob is read and written in parts, each an operation",
                 "[sqlite]") {
  {
    sqlite::blob body{db, "documents", "body", 1, sqlite::blob::access::write};
    CHECK(body.size() == 10);
    body.write(bytes_of("middle"), 2);
    std::vector<std::byte> read(4);
    body.read(read, 2);
    CHECK(read == bytes_of("midd"));
    body.reopen(2);
    CHECK(body.size() == 2);
    CHECK(sqlite3_blob_bytes(body) == 2);
    body.close();
    CHECK(body.size() == 0);
  }
  CHECK(db.prepare("select body from documents where id = 1").first_row<std::string>() ==
        std::tuple{std::string{"\0\0middle\0\0", 10}});
  CHECK(calls() ==
        "CALL sqlite3_blob_close count=1\n"
        "CALL sqlite3_blob_open count=1\n"
        "CALL sqlite3_blob_read count=1\n"
        "CALL sqlite3_blob_reopen count=1\n"
        "CALL sqlite3_blob_write count=1\n"
        "select documents count=1");
}

TEST_CASE_METHOD(file_fixture, "a blob that cannot be used is an error with SQLite's code",
                 "[sqlite]") {
  using sqlite::blob;
  const auto message_of = [&](const char* table, const char* column, std::int64_t row) {
    try {
      const blob body{db, table, column, row};
    } catch (const sqlite::error& failure) {
      return std::string{failure.what()};
    }
    return std::string{};
  };
  CHECK(message_of("missing", "body", 1) == "sqlite: no such table: main.missing (1)");
  CHECK(message_of("documents", "missing", 1) == "sqlite: no such column: \"missing\" (1)");
  CHECK(message_of("documents", "body", 9) == "sqlite: no such rowid: 9 (1)");
  CHECK(message_of("documents", "body", 3) == "sqlite: cannot open value of type integer (1)");
  blob body{db, "documents", "body", 1};
  std::vector<std::byte> part(4);
  CHECK(failure_of([&] { body.read(part, 7); }) == SQLITE_ERROR);
  CHECK(failure_of([&] { body.read(part, std::size_t{1} << 40); }) == SQLITE_ERROR);
  CHECK(failure_of([&] { body.write(part, 0); }) == SQLITE_READONLY);
  file_fixture::bare(db, "update documents set body = 'x' where id = 1");
  CHECK(failure_of([&] { body.read(part, 0); }) == SQLITE_ABORT);
  CHECK(failure_of([&] { body.reopen(2); }) == SQLITE_ABORT);
  CHECK_THAT(calls(), Catch::Contains("CALL sqlite3_blob_read db.response.status_code=1 "
                                      "error.type=1 count=2") &&
                          Catch::Contains("CALL sqlite3_blob_read db.response.status_code=4 "
                                          "error.type=4 count=1") &&
                          Catch::Contains("CALL sqlite3_blob_open db.response.status_code=1 "
                                          "error.type=1 count=4"));
}

TEST_CASE_METHOD(file_fixture, "a blob can move, and closes where it ends", "[sqlite]") {
  sqlite::blob first{db, "documents", "body", 1};
  sqlite::blob second = std::move(first);
  CHECK(first.size() == 0);
  CHECK(second.size() == 10);
  second = sqlite::blob{db, "documents", "body", 2};
  CHECK(second.size() == 2);
  CHECK_THAT(calls(), Catch::Contains("sqlite3_blob_close count=1"));
}

TEST_CASE_METHOD(file_fixture, "a backup copies step by step, each an operation", "[sqlite]") {
  file_fixture::bare(db, "insert into documents(body) values (zeroblob(20000))");
  sqlite::connection target{telemetry.recorder(), ":memory:"};
  sqlite::backup copy{target, db};
  CHECK(copy.step(1) == sqlite::backup::progress::more);
  CHECK(copy.total_pages() > 3);
  CHECK(copy.remaining_pages() == copy.total_pages() - 1);
  CHECK(sqlite3_backup_remaining(copy) == copy.remaining_pages());
  CHECK(copy.step() == sqlite::backup::progress::done);
  CHECK(copy.remaining_pages() == 0);
  CHECK(target.prepare("select count(*) from documents").first_row<int>() == std::tuple{4});
  CHECK_THAT(calls(), Catch::Contains("CALL sqlite3_backup_init count=1") &&
                          Catch::Contains("CALL sqlite3_backup_step count=2"));
}

TEST_CASE_METHOD(file_fixture, "a backup that meets a lock may try again, and others are errors",
                 "[sqlite]") {
  sqlite::connection target{telemetry.recorder(), ":memory:"};
  sqlite::connection writer{telemetry.recorder(), file, {.busy_timeout = 0ms}};
  sqlite::backup copy{target, db};
  {
    sqlite::transaction change{writer, sqlite::transaction::locking::exclusive};
    CHECK(copy.step() == sqlite::backup::progress::locked);
  }
  CHECK(copy.step() == sqlite::backup::progress::done);
  CHECK(failure_of([&] { sqlite::backup{target, target}; }) == SQLITE_ERROR);
  CHECK(failure_of([&] { sqlite::backup{target, "missing", db, "main"}; }) == SQLITE_ERROR);
  CHECK_THAT(calls(), Catch::Contains("CALL sqlite3_backup_step db.response.status_code=5 "
                                      "error.type=5 count=1") &&
                          Catch::Contains("CALL sqlite3_backup_init db.response.status_code=1 "
                                          "error.type=1 count=1"));
}

TEST_CASE_METHOD(file_fixture, "a checkpoint is an operation that tells its frames", "[sqlite]") {
  using checkpoint = sqlite::connection::checkpoint;
  CHECK(db.run_checkpoint().log_frames == -1);  // no write-ahead log yet
  file_fixture::bare(db, "pragma journal_mode = wal; insert into documents values (4, 'x')");
  const auto passive = db.run_checkpoint();
  CHECK(passive.log_frames > 0);
  CHECK(passive.checkpointed_frames == passive.log_frames);
  CHECK_FALSE(passive.was_blocked);

  sqlite::connection reader{telemetry.recorder(), file};
  auto read = reader.prepare("select * from documents");
  REQUIRE(read.step());
  file_fixture::bare(db, "insert into documents values (5, 'x')");
  const auto blocked = db.run_checkpoint(checkpoint::full);
  CHECK(blocked.was_blocked);
  read.reset();
  const auto truncated = db.run_checkpoint(checkpoint::truncate, "main");
  CHECK_FALSE(truncated.was_blocked);
  CHECK(truncated.log_frames == 0);
  CHECK(failure_of([&] { db.run_checkpoint(checkpoint::passive, "missing"); }) == SQLITE_ERROR);
  CHECK_THAT(calls(), Catch::Contains("PRAGMA wal_checkpoint count=3") &&
                          Catch::Contains("PRAGMA wal_checkpoint db.response.status_code=5 "
                                          "error.type=5 count=1"));
}

TEST_CASE_METHOD(file_fixture, "savepoints nest, and undo what was not released", "[sqlite]") {
  const auto count = [&] {
    return std::get<0>(*db.prepare("select count(*) from documents").first_row<int>());
  };
  {
    sqlite::savepoint outer{db};
    db.exec("insert into documents values (10, 'x')");
    {
      sqlite::savepoint inner{db, "a \"name\""};
      db.exec("insert into documents values (11, 'x')");
      CHECK(count() == 5);
      inner.rollback();
      CHECK(count() == 4);
      db.exec("insert into documents values (12, 'x')");
    }
    CHECK(count() == 4);
    outer.release();
  }
  CHECK_FALSE(db.is_in_transaction());
  CHECK(count() == 4);
  {
    sqlite::savepoint lost{db};
    db.exec("delete from documents");
  }
  CHECK_FALSE(db.is_in_transaction());
  CHECK(count() == 4);
  {
    sqlite::savepoint ended{db};
    CHECK(failure_of([&] { db.exec("insert or rollback into documents values (1, 'again')"); }) ==
          SQLITE_CONSTRAINT_PRIMARYKEY);
    CHECK(failure_of([&] { ended.release(); }) == SQLITE_ERROR);
  }
  CHECK_THAT(calls(), Catch::Contains("SAVEPOINT count=4") && Catch::Contains("RELEASE count=3") &&
                          Catch::Contains("ROLLBACK count=3"));
}

TEST_CASE_METHOD(file_fixture, "a transaction can be rolled back before its end", "[sqlite]") {
  sqlite::transaction change{db};
  CHECK(db.is_in_transaction());
  db.exec("delete from documents");
  change.rollback();
  CHECK_FALSE(db.is_in_transaction());
  CHECK(failure_of([&] { change.rollback(); }) == SQLITE_ERROR);
}

TEST_CASE_METHOD(file_fixture, "a text is compiled once, and its statement lent", "[sqlite]") {
  constexpr auto text = "select id from documents where id = ?";
  const sqlite3_stmt* first = nullptr;
  {
    auto search = db.cached(text);
    first = search->native();
    search->bind(1);
    CHECK(search->step());
  }  // given back in the middle of its rows
  {
    auto search = db.cached(text);
    CHECK(search->native() == first);
    CHECK(sqlite3_stmt_busy(*search) == 0);
    CHECK_FALSE(search->step());  // its value is NULL again
    auto beside = db.cached(text);
    CHECK(beside->native() != first);
    CHECK(beside->run(1) == 1);
  }
  CHECK(telemetry.text("querytap.statement_cache.lookups") ==
        "db.system.name=sqlite querytap.result=hit value=1\n"
        "db.system.name=sqlite querytap.result=miss value=2");
}

TEST_CASE_METHOD(file_fixture, "the least recently used statement makes place", "[sqlite]") {
  sqlite::connection small{telemetry.recorder(), file, {.cached_statements = 2}};
  const auto lookups = [&] { return telemetry.text("querytap.statement_cache.lookups"); };
  static_cast<void>(small.cached("select 1"));
  static_cast<void>(small.cached("select 2"));
  static_cast<void>(small.cached("select 1"));
  static_cast<void>(small.cached("select 3"));  // instead of 2
  static_cast<void>(small.cached("select 1"));
  CHECK_THAT(lookups(),
             Catch::Contains("result=hit value=2") && Catch::Contains("result=miss value=3"));
  static_cast<void>(small.cached("select 2"));
  CHECK_THAT(lookups(), Catch::Contains("result=miss value=4"));
  int compiled = 0;
  for (auto* at = sqlite3_next_stmt(small, nullptr); at != nullptr;
       at = sqlite3_next_stmt(small, at)) {
    ++compiled;
  }
  CHECK(compiled == 2);
  sqlite::connection none{telemetry.recorder(), file, {.cached_statements = 0}};
  static_cast<void>(none.cached("select 1"));
  CHECK(sqlite3_next_stmt(none, nullptr) == nullptr);
  CHECK(failure_of([&] { static_cast<void>(small.cached("selec 1")); }) == SQLITE_ERROR);
}

TEST_CASE_METHOD(file_fixture, "a lent statement may outlive the connection, or be taken away",
                 "[sqlite]") {
  std::optional<sqlite::connection> other{std::in_place, telemetry.recorder(), file};
  auto lent = other->cached("select id from documents");
  auto taken = other->cached("select 1");
  const sqlite::statement mine = std::move(*taken);
  sqlite::connection moved = std::move(*other);
  static_cast<void>(moved.cached("select 2"));
  other.reset();
  CHECK(lent->step());
  moved = sqlite::connection{telemetry.recorder(), ":memory:"};
  CHECK(lent->step());
  lent = moved.cached("select 3");
  CHECK(lent->run() == 1);
}

TEST_CASE_METHOD(file_fixture, "statements are compiled with the flags that the application wants",
                 "[sqlite]") {
  CHECK(db.prepare("select 1", SQLITE_PREPARE_PERSISTENT).run() == 1);
  file_fixture::bare(db, "create virtual table texts using fts5(body)");
  CHECK(failure_of([&] {
          static_cast<void>(db.prepare("select * from texts", SQLITE_PREPARE_NO_VTAB));
        }) == SQLITE_ERROR);
}

TEST_CASE_METHOD(file_fixture, "functions, collations and hooks of the application go on working",
                 "[sqlite]") {
  struct seen {
    int updates = 0;
    int commits = 0;
    int rollbacks = 0;
    int authorised = 0;
    int progress = 0;
  } counts;
  sqlite3_create_collation(
      db, "backwards", SQLITE_UTF8, nullptr,
      [](void*, int a_size, const void* a, int b_size, const void* b) {
        const std::string_view left{static_cast<const char*>(a), static_cast<std::size_t>(a_size)};
        const std::string_view right{static_cast<const char*>(b), static_cast<std::size_t>(b_size)};
        return right.compare(left);
      });
  sqlite3_create_function(
      db, "twice", 1, SQLITE_UTF8, nullptr,
      [](sqlite3_context* context, int, sqlite3_value** arguments) {
        sqlite3_result_int(context, 2 * sqlite3_value_int(arguments[0]));
      },
      nullptr, nullptr);
  sqlite3_update_hook(
      db,
      [](void* counter, int, const char*, const char*, sqlite3_int64) {
        ++static_cast<seen*>(counter)->updates;
      },
      &counts);
  sqlite3_commit_hook(
      db,
      [](void* counter) {
        ++static_cast<seen*>(counter)->commits;
        return 0;
      },
      &counts);
  sqlite3_rollback_hook(
      db, [](void* counter) { ++static_cast<seen*>(counter)->rollbacks; }, &counts);
  sqlite3_progress_handler(
      db, 1,
      [](void* counter) {
        ++static_cast<seen*>(counter)->progress;
        return 0;
      },
      &counts);
  sqlite3_set_authorizer(
      db,
      [](void* counter, int action, const char* table, const char*, const char*, const char*) {
        ++static_cast<seen*>(counter)->authorised;
        return action == SQLITE_DROP_TABLE && std::strcmp(table, "documents") == 0 ? SQLITE_DENY
                                                                                   : SQLITE_OK;
      },
      &counts);

  db.exec("insert into documents values (20, 'a'), (21, 'b')");
  {
    sqlite::transaction undone{db};
    db.exec("delete from documents where id = 20");
  }
  CHECK(counts.updates == 3);
  CHECK(counts.commits == 1);
  CHECK(counts.rollbacks == 1);
  CHECK(counts.authorised > 0);
  CHECK(counts.progress > 0);
  CHECK(db.prepare("select twice(id) from documents where id > 19 order by body collate backwards")
            .first_row<int>() == std::tuple{42});
  CHECK(failure_of([&] { db.exec("drop table documents"); }) == SQLITE_AUTH);
  sqlite3_progress_handler(
      db, 1, [](void*) { return 1; }, nullptr);
  CHECK(failure_of([&] { db.exec("select * from documents"); }) == SQLITE_INTERRUPT);
}

TEST_CASE_METHOD(file_fixture, "a database can be serialised, limited and configured as before",
                 "[sqlite]") {
  sqlite3_int64 size = 0;
  unsigned char* const image = sqlite3_serialize(db, "main", &size, 0);
  REQUIRE(image != nullptr);
  sqlite::connection copy{telemetry.recorder(), ":memory:"};
  REQUIRE(sqlite3_deserialize(copy, "main", image, size, size,
                              SQLITE_DESERIALIZE_FREEONCLOSE | SQLITE_DESERIALIZE_RESIZEABLE) ==
          SQLITE_OK);
  CHECK(copy.prepare("select count(*) from documents").first_row<int>() == std::tuple{3});
  int enabled = -1;
  CHECK(sqlite3_db_config(copy.native(), SQLITE_DBCONFIG_ENABLE_FKEY, 1, &enabled) == SQLITE_OK);
  CHECK(enabled == 1);
  CHECK(sqlite3_limit(copy, SQLITE_LIMIT_COLUMN, -1) > 0);
}

TEST_CASE_METHOD(file_fixture, "an opened connection can be taken over", "[sqlite]") {
  sqlite3* opened = nullptr;
  REQUIRE(sqlite3_open(file.c_str(), &opened) == SQLITE_OK);
  sqlite::connection owner{telemetry.recorder(), opened};
  owner.exec("select * from documents");
  CHECK_THAT(calls(), Catch::Contains("select documents count=1"));
  sqlite3* const nothing = nullptr;
  CHECK(failure_of([&] { sqlite::connection{telemetry.recorder(), nothing}; }) == SQLITE_MISUSE);
  sqlite::connection closed{telemetry.recorder()};
  CHECK(closed == nullptr);
  CHECK(failure_of([&] { closed.exec("select 1"); }) == SQLITE_MISUSE);
  CHECK(failure_of([&] { static_cast<void>(closed.cached("select 1")); }) == SQLITE_MISUSE);
  CHECK_THROWS_WITH((sqlite::connection{telemetry.recorder(), file, {.vfs = "missing"}}),
                    Catch::Contains("no such vfs"));
}

TEST_CASE_METHOD(file_fixture,
                 "a busy handler of the application's is asked, and its time measured",
                 "[sqlite]") {
  sqlite::connection writer{telemetry.recorder(), file, {.slow_threshold = 1ns}};
  sqlite::transaction lock{db, sqlite::transaction::locking::exclusive};
  int asked = 0;
  writer.set_busy_handler(
      [](void* counter, int times) {
        ++*static_cast<int*>(counter);
        sqlite3_sleep(2);
        return times < 2 ? 1 : 0;
      },
      &asked);
  CHECK(failure_of([&] { writer.exec("delete from documents"); }) == SQLITE_BUSY);
  CHECK(asked == 3);
  const auto report = *telemetry.recorder().collect().call_reports.front();
  CHECK(report.phases[phase::lock_wait] >= 6ms);
  writer.set_busy_handler(nullptr, nullptr);
  CHECK(failure_of([&] { writer.exec("delete from documents"); }) == SQLITE_BUSY);
  CHECK(asked == 3);
}

TEST_CASE("what SQLite counts for statements becomes metrics, and stays to be read", "[sqlite]") {
  capture telemetry;
  sqlite::connection db{telemetry.recorder(), ":memory:"};
  db.exec(
      "create table a(x); create table b(y);"
      "with recursive n(i) as (select 1 union all select i + 1 from n where i < 100)"
      "  insert into a select i from n; insert into b select x from a");
  const auto counted = [&](std::string_view name) {
    return telemetry.text("querytap.sqlite." + std::string{name});
  };
  {
    auto scan = db.prepare("select x from a order by x");
    scan.run();
    const sqlite::statement_counters counters = scan.counters();
    CHECK(counters.full_scan_steps == 99);
    CHECK(counters.sorts == 1);
    CHECK(counters.runs == 1);
    CHECK(counters.vm_steps > 100);
    CHECK(counters.memory > 0);
    CHECK(sqlite3_stmt_status(scan, SQLITE_STMTSTATUS_SORT, 1) == 1);  // reset by the application
    scan.run();
  }
  CHECK(counted("sorts") == "db.system.name=sqlite value=1");
  auto join = db.prepare("select count(*) from a join b on a.x = b.y");
  for (int i = 0; i < 256; ++i) join.run();
  const std::string before = counted("automatic_index.rows");
  join.run();
  CHECK(counted("automatic_index.rows") != before);
  CHECK(counted("automatic_index.rows") == "db.system.name=sqlite value=25344");
  db.exec("create table c(z)");
  auto anew = db.prepare("select * from c");
  db.exec("alter table c add column w");
  anew.run();
  anew = {};
  CHECK(counted("reprepares") == "db.system.name=sqlite value=1");
  CHECK_THAT(counted("vm.steps"), Catch::StartsWith("db.system.name=sqlite "));
}

TEST_CASE_METHOD(file_fixture, "a transaction is measured, however it begins and ends",
                 "[sqlite]") {
  const auto transactions = [&] {
    return lines_up_to(" sum=", without(telemetry.text("querytap.transaction.duration"),
                                        "db.system.name=sqlite "));
  };
  constexpr auto one_committed = "querytap.transaction.outcome=committed count=1";
  constexpr auto one_rolled_back = "querytap.transaction.outcome=rolled_back count=1";
  SECTION("by an object that commits") {
    sqlite::transaction change{db};
    db.exec("delete from documents");
    CHECK(transactions() == "");
    change.commit();
    CHECK(transactions() == one_committed);
  }
  SECTION("by an object that does not") {
    { const sqlite::transaction undone{db}; }
    CHECK(transactions() == one_rolled_back);
  }
  SECTION("by texts") {
    db.exec("begin; delete from documents; end");
    CHECK(transactions() == one_committed);
  }
  SECTION("by prepared statements") {
    auto begin = db.prepare("begin immediate");
    auto rollback = db.prepare("rollback");
    begin.run();
    rollback.run();
    CHECK(transactions() == one_rolled_back);
  }
  SECTION("by savepoints outside of a transaction, of which the first counts") {
    sqlite::savepoint outer{db};
    {
      const sqlite::savepoint inner{db};
      db.exec("delete from documents");
    }
    CHECK(transactions() == "");
    outer.release();
    CHECK(transactions() == one_committed);
  }
  SECTION("by savepoints within a transaction") {
    sqlite::transaction change{db};
    sqlite::savepoint{db}.release();
    CHECK(transactions() == "");
    change.commit();
    CHECK(transactions() == one_committed);
  }
  SECTION("by SQLite itself") {
    sqlite::transaction change{db};
    CHECK(failure_of([&] { db.exec("insert or rollback into documents values (1, 'again')"); }) ==
          SQLITE_CONSTRAINT_PRIMARYKEY);
    CHECK(transactions() == one_rolled_back);
  }
  SECTION("by SQLite's own functions") {
    CHECK(sqlite3_exec(db, "begin", nullptr, nullptr, nullptr) == SQLITE_OK);
    CHECK(sqlite3_exec(db, "commit", nullptr, nullptr, nullptr) == SQLITE_OK);
    CHECK(transactions() == one_committed);
  }
  SECTION("by the end of the connection") {
    sqlite::connection other{telemetry.recorder(), file};
    other.exec("begin");
    other = sqlite::connection{telemetry.recorder(), ":memory:"};
    CHECK(transactions() == one_rolled_back);
  }
  SECTION("not by a commit that must be tried again") {
    sqlite::connection reader{telemetry.recorder(), file};
    auto read = reader.prepare("select * from documents");
    REQUIRE(read.step());
    sqlite::transaction change{db};
    db.exec("delete from documents");
    CHECK(failure_of([&] { change.commit(); }) == SQLITE_BUSY);
    CHECK(transactions() == "");
    read.reset();
    change.commit();
    CHECK(transactions() == one_committed);
  }
}

TEST_CASE_METHOD(file_fixture, "a transaction that idles is found with the lines of both ends",
                 "[sqlite]") {
  sqlite::transaction change{db};
  db.exec("delete from documents where id = 1");
  const auto line = static_cast<std::uint32_t>(__LINE__) - 1;
  telemetry.time().advance(1h);
  db.exec("delete from documents where id = 2");
  change.commit();
  const auto findings = telemetry.recorder().collect().findings;
  REQUIRE(findings.size() == 1);
  CHECK(findings[0]->kind == finding_kind::idle_in_transaction);
  CHECK(findings[0]->site.line == line);
}

TEST_CASE("threads that share a connection leave its transactions counted", "[sqlite]") {
  capture telemetry;
  sqlite::connection db{telemetry.recorder(), ":memory:", {.shared_between_threads = true}};
  db.exec("create table t(a); begin");
  const auto write = [&] {
    auto insert = db.prepare("insert into t values (1)");
    for (int i = 0; i < 200; ++i) insert.run();
  };
  std::thread beside{write};
  write();
  beside.join();
  db.exec("commit");
  CHECK_THAT(telemetry.text("querytap.transaction.duration"),
             Catch::Contains("outcome=committed count=1"));
}
