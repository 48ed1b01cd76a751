// Where the time of a SQLite call goes: compiling, waiting for a lock, executing; whoever set the
// timeout of the waits, and however.

#include <querytap/base/error.hpp>
#include <querytap/base/exception_outcome.hpp>
#include <querytap/calls/request.hpp>
#include <querytap/decorators/sqlite.hpp>
#include <querytap/recording/recorder.hpp>
#include <querytap/snapshot/catalog.hpp>
#include <support/child_process.hpp>

#include <catch2/catch.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace {

using namespace querytap;
using namespace std::chrono_literals;
using querytap::testing::temporary_folder;

/// SQLite sleeps while it waits for a lock: `on_sleep` is called at the begin of each sleep.
class watched_sleep {
 public:
  watched_sleep() {
    original = sqlite3_vfs_find(nullptr);
    vfs_ = *original;
    vfs_.zName = "watched";
    vfs_.xSleep = [](sqlite3_vfs*, int microseconds) {
      ++sleeps;
      if (const auto action = std::exchange(on_sleep, {})) action();
      return original->xSleep(original, microseconds);
    };
    sqlite3_vfs_register(&vfs_, 1);
    sleeps = 0;
  }
  ~watched_sleep() {
    sqlite3_vfs_unregister(&vfs_);
    sqlite3_vfs_register(original, 1);
    on_sleep = {};
  }
  watched_sleep(const watched_sleep&) = delete;
  watched_sleep& operator=(const watched_sleep&) = delete;

  static inline std::function<void()> on_sleep;
  static inline int sleeps = 0;

 private:
  static inline sqlite3_vfs* original = nullptr;
  sqlite3_vfs vfs_;
};

/// Two connections to one file with a table, of which one can lock out the other.
struct two_connections {
  void lock() { holder.exec("begin exclusive"); }
  void unlock() { holder.exec("commit"); }
  void unlock_at_first_sleep() {
    watched_sleep::on_sleep = [this] { unlock(); };
  }

  [[nodiscard]] call_report last_report() {
    const auto reports = telemetry.collect().call_reports;
    REQUIRE(!reports.empty());
    return *reports.front();
  }

  [[nodiscard]] std::uint64_t count_of(phase phase) {
    for (const point& p : telemetry.collect().find(catalog::phase_duration.name)) {
      const attribute_value* name = p.series->labels.find("querytap.phase");
      if (name != nullptr && *name == attribute_value{std::string{to_string(phase)}})
        return p.histogram->count();
    }
    return 0;
  }

  int code_of(std::string_view sql) {
    try {
      db->exec(sql);
    } catch (const sqlite::error& error) {
      return error.code();
    }
    return SQLITE_OK;
  }

  const temporary_folder folder;
  const std::string file = folder.path() / "test.db";
  const watched_sleep sleep;
  recorder telemetry{{.service_name = "test", .slow_request = 0ns}};
  sqlite::connection holder = opened();
  std::optional<sqlite::connection> db{
      std::in_place, telemetry, file,
      sqlite::connection_options{.busy_timeout = 10s, .slow_threshold = 1ns}};

 private:
  sqlite::connection opened() {
    sqlite::connection first{telemetry, file};
    first.exec("create table t(a); insert into t values (1)");
    return first;
  }
};

constexpr auto select_a = "select a from t";

}  // namespace

TEST_CASE_METHOD(two_connections,
                 "a wait for a lock while a text is compiled is a part of its call", "[sqlite]") {
  lock();
  unlock_at_first_sleep();
  db->exec(select_a);  // the first of its connection: the schema is read as it is compiled
  REQUIRE(watched_sleep::sleeps > 0);
  const call_report report = last_report();
  CHECK(report.statement->text == select_a);
  CHECK(report.reason == report_reason::slow);
  CHECK(report.phases[phase::lock_wait] > 0ns);
  CHECK(report.phases[phase::compile] > 0ns);
  CHECK(report.phases[phase::execute] > 0ns);
  CHECK(report.phases.total() == report.duration);
  CHECK(report.rows == 1);
  CHECK(count_of(phase::lock_wait) == 1);
}

TEST_CASE_METHOD(two_connections, "a lock waited for in vain while a text is compiled is no 0 ms",
                 "[sqlite]") {
  db->set_busy_timeout(20ms);
  lock();
  bool prepares = false;
  SECTION("exec") {}
  SECTION("prepare") { prepares = true; }
  const auto compile = [&] { prepares ? (void)db->prepare(select_a) : db->exec(select_a); };
  CHECK_THROWS_AS(compile(), sqlite::error);
  const call_report report = last_report();
  CHECK(report.statement->text == select_a);
  CHECK(report.reason == report_reason::timeout);
  CHECK(report.duration >= 20ms);
  CHECK(report.phases[phase::lock_wait] >= 20ms);
  CHECK(report.phases.total() == report.duration);
  CHECK(count_of(phase::lock_wait) == 1);
}

TEST_CASE_METHOD(two_connections, "compiling is a phase, of the metric and of the request",
                 "[sqlite]") {
  const std::uint64_t before = count_of(phase::compile);
  {
    const request request{telemetry, "GET /t"};
    lock();
    unlock_at_first_sleep();
    auto search = db->prepare(select_a);
    search.run();
    search.run();
    db->exec("select count(*) from t");
  }
  // The two texts, and BEGIN and COMMIT of the other connection.
  CHECK(count_of(phase::compile) == before + 4);
  CHECK(count_of(phase::lock_wait) == 1);
  const request_report report = *telemetry.collect().requests.front();
  REQUIRE(report.backends.size() == 1);
  CHECK(report.backends[0].phases[phase::compile] > 0ns);
  CHECK(report.backends[0].phases[phase::lock_wait] > 0ns);
  CHECK(report.duration == report.application + report.backends[0].phases.total());
}

TEST_CASE_METHOD(two_connections, "a text that does not compile takes the time of compiling it",
                 "[sqlite]") {
  CHECK(code_of("select a from missing") == SQLITE_ERROR);
  const call_report report = last_report();
  CHECK(report.duration > 0ns);
  CHECK(report.phases[phase::compile] == report.duration);
}

TEST_CASE_METHOD(two_connections,
                 "a timeout that the application sets is taken over, and waits are measured",
                 "[sqlite]") {
  SECTION("by a PRAGMA") { db->exec("PRAGMA busy_timeout = 30"); }
  SECTION("by a PRAGMA within a script") {
    db->exec("select 1; pragma BUSY_TIMEOUT(30); select 1");
  }
  SECTION("by a prepared PRAGMA") { db->prepare("PRAGMA busy_timeout=30").run(); }
  SECTION("on the native connection") { sqlite3_busy_timeout(db->native(), 30); }
  SECTION("by way of a native statement") {
    const auto search = db->prepare("select 1");
    sqlite3_busy_timeout(sqlite3_db_handle(search.native()), 30);
  }
  SECTION("by the decorator") { db->set_busy_timeout(30ms); }
  SECTION("before other calls") {
    sqlite3_busy_timeout(db->native(), 30);
    for (int i = 0; i < 10; ++i) db->exec("select 1");
  }
  SECTION("once more") {
    sqlite3_busy_timeout(db->native(), 5000);
    db->exec("select 1");
    sqlite3_busy_timeout(db->native(), 30);
  }
  db->exec(select_a);
  lock();
  CHECK(code_of("insert into t values (2)") == SQLITE_BUSY);
  const call_report failed = last_report();
  CHECK(failed.phases[phase::lock_wait] >= 30ms);
  CHECK(failed.duration < 5s);
  CHECK(failed.phases.total() == failed.duration);
  unlock_at_first_sleep();
  CHECK(code_of("insert into t values (2)") == SQLITE_OK);
  const call_report waited = last_report();
  CHECK(waited.reason == report_reason::slow);
  CHECK(waited.phases[phase::lock_wait] > 0ns);
  CHECK(waited.phases[phase::execute] > 0ns);
}

TEST_CASE_METHOD(two_connections,
                 "a change that goes unseen is found after a call that was slow or failed",
                 "[sqlite]") {
  db.emplace(telemetry, file, sqlite::connection_options{.slow_threshold = 1h});
  sqlite3* const native = db->native();
  for (int i = 0; i < 2; ++i) static_cast<void>(db->native());
  db->exec("select 1");
  sqlite3_busy_timeout(native, 30);
  lock();
  CHECK(code_of("insert into t values (2)") == SQLITE_BUSY);
  const call_report unmeasured = last_report();
  CHECK(unmeasured.phases[phase::lock_wait] == unmeasured.duration);
  CHECK(count_of(phase::lock_wait) == 1);
  unlock_at_first_sleep();
  CHECK(code_of("insert into t values (2)") == SQLITE_OK);
  CHECK(count_of(phase::lock_wait) == 2);
}

TEST_CASE_METHOD(two_connections, "a busy handler of the application's own stays in place",
                 "[sqlite]") {
  int asked = 0;
  sqlite3_busy_handler(
      db->native(),
      [](void* count, int times) {
        ++*static_cast<int*>(count);
        return times < 3 ? 1 : 0;
      },
      &asked);
  db->exec(select_a);
  lock();
  for (int call = 1; call <= 3; ++call) {
    CHECK(code_of("insert into t values (2)") == SQLITE_BUSY);
    CHECK(asked == 4 * call);
    const call_report report = last_report();
    CHECK(report.phases[phase::lock_wait] == report.duration);
  }
}

TEST_CASE_METHOD(two_connections,
                 "a timeout of 0 stays switched off, and one that cannot be is refused",
                 "[sqlite]") {
  SECTION("by a PRAGMA") { db->exec("PRAGMA busy_timeout = 0"); }
  SECTION("on the native connection") { sqlite3_busy_timeout(db->native(), 0); }
  SECTION("by the decorator") { db->set_busy_timeout(0ms); }
  db->exec(select_a);
  lock();
  for (int i = 0; i < 3; ++i) CHECK(code_of("insert into t values (2)") == SQLITE_BUSY);
  CHECK(watched_sleep::sleeps == 0);
  CHECK_THROWS_WITH(db->set_busy_timeout(-1ms),
                    "querytap: option 'busy_timeout' = '-1 ms': expected 0 ms to 2147483647 ms");
}

TEST_CASE_METHOD(two_connections, "an exception of SQLite counts by its code where it is handled",
                 "[sqlite]") {
  outcome known;
  try {
    db->exec("select a from missing");
  } catch (...) {
    known = outcome_of_current_exception();
  }
  CHECK(known == outcome::error("1", "1"));
  const auto open_in_vain = [&] {
    const request request{telemetry, "POST /chat"};
    const sqlite::connection nowhere{telemetry, folder.path() / "no/such/folder.db"};
  };
  CHECK_THROWS_AS(open_in_vain(), sqlite::error);
  CHECK(telemetry.collect().requests.front()->error_type == "14");
}
