// Our numbers of a PostgreSQL server are those of prometheus-postgres-exporter: equal at rest, and within 1 %
// under load.

#include <querytap/decorators/postgres.hpp>
#include <querytap/testing/manual_clock.hpp>
#include <support/child_process.hpp>
#include <support/postgres_server.hpp>
#include <support/wait.hpp>
#include <unit/servers/bracketed_counters.hpp>
#include <unit/servers/postgres/postgres_commands.hpp>
#include <unit/servers/postgres/postgres_numbers.hpp>

#include <catch2/catch.hpp>

#include <fmt/format.h>
#include <httplib.h>

#include <algorithm>
#include <cmath>
#include <future>
#include <map>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

using namespace querytap;
using namespace std::chrono_literals;
using querytap::testing::as_user;
using querytap::testing::became_true;
using querytap::testing::bracketed_counters;
using querytap::testing::child_process;
using querytap::testing::collect_from;
using querytap::testing::execute;
using querytap::testing::number_of;
using querytap::testing::postgres_server;
using querytap::testing::same_counter;

namespace {

using scraped = std::map<std::string, double>;

/// The exporter, which is asked for its series without the label `server`.
class postgres_exporter {
 public:
  explicit postgres_exporter(const postgres_server& server)
      : port_{querytap::testing::free_port()},
        program_{{"/usr/bin/env",
                  fmt::format("DATA_SOURCE_NAME=postgresql://postgres@127.0.0.1:{}/"
                              "postgres?sslmode=disable",
                              server.port()),
                  "/usr/bin/prometheus-postgres-exporter",
                  fmt::format("--web.listen-address=127.0.0.1:{}", port_)}} {
    REQUIRE(became_true([this] { return scrape().contains("pg_up"); }));
  }

  [[nodiscard]] scraped scrape() const {
    scraped series;
    const auto reply = httplib::Client{"127.0.0.1", port_}.Get("/metrics");
    if (!reply) return series;
    std::istringstream lines{reply->body};
    for (std::string line; std::getline(lines, line);) {
      if (line.starts_with('#')) continue;
      const std::size_t blank = line.rfind(' ');
      std::string name = line.substr(0, blank);
      const std::string server = R"(server="127.0.0.1:)";
      if (const std::size_t at = name.find(server); at != std::string::npos) {
        name.erase(at, name.find('"', at + server.size()) + 1 - at);
      }
      series.emplace(without_datid(name), std::strtod(line.c_str() + blank, nullptr));
    }
    return series;
  }

 private:
  // `{datid="5",datname="chat",}` and `{datname="chat",,state="idle"}` lose what is not a name.
  static std::string without_datid(std::string name) {
    if (const std::size_t at = name.find("datid=\""); at != std::string::npos) {
      name.erase(at, name.find(',', at) + 1 - at);
    }
    for (const auto& [from, into] : {std::pair{",,", ","}, {",}", "}"}, {"{,", "{"}, {"{}", ""}}) {
      for (std::size_t at = 0; (at = name.find(from)) != std::string::npos;) {
        name.replace(at, 2, into);
      }
    }
    return name;
  }

  int port_;
  child_process program_;
};

constexpr double milliseconds = 1e-3;

std::vector<same_counter> of_databases() {
  const std::pair<const char*, const char*> plain[] = {
      {"xact_commit", "postgresql.commits"},       {"xact_rollback", "postgresql.rollbacks"},
      {"blks_read", "postgresql.blks_read"},       {"blks_hit", "postgresql.blks_hit"},
      {"tup_returned", "postgresql.tup_returned"}, {"tup_fetched", "postgresql.tup_fetched"},
      {"tup_inserted", "postgresql.tup_inserted"}, {"tup_updated", "postgresql.tup_updated"},
      {"tup_deleted", "postgresql.tup_deleted"},   {"conflicts", "postgresql.query.conflicts"},
      {"temp_files", "postgresql.temp_files"},     {"temp_bytes", "postgresql.temp.io"},
      {"deadlocks", "postgresql.deadlocks"},       {"numbackends", "postgresql.backends"},
      {"sessions", "postgresql.session.started"}};
  const attributes chat{{"postgresql.database.name", "chat"}};
  const auto theirs = [](std::string_view column) {
    return fmt::format(R"(pg_stat_database_{}{{datname="chat"}})", column);
  };
  const auto with = [&](std::string_view key, std::string_view value) {
    attributes labels = chat;
    labels.set({key, value});
    return labels;
  };
  std::vector<same_counter> rows;
  for (const auto& [column, ours] : plain) rows.push_back({theirs(column), ours, chat});
  for (const char* reason : {"abandoned", "fatal", "killed"}) {
    rows.push_back({theirs(fmt::format("sessions_{}", reason)), "postgresql.session.ended",
                    with("reason", reason)});
  }
  rows.push_back(
      {theirs("session_time"), "postgresql.session.time", with("state", "all"), milliseconds});
  rows.push_back(
      {theirs("active_time"), "postgresql.session.time", with("state", "active"), milliseconds});
  rows.push_back({theirs("idle_in_transaction_time"), "postgresql.session.time",
                  with("state", "idle in transaction"), milliseconds});
  rows.push_back(
      {theirs("blk_read_time"), "postgresql.block.time", with("operation", "read"), milliseconds});
  rows.push_back({theirs("blk_write_time"), "postgresql.block.time", with("operation", "write"),
                  milliseconds});
  rows.push_back({R"(pg_database_size_bytes{datname="chat"})", "postgresql.db_size", chat});
  rows.push_back({R"(pg_stat_activity_count{datname="chat",state="idle in transaction"})",
                  "postgresql.session.count", with("state", "idle in transaction")});
  rows.push_back({R"(pg_stat_activity_count{datname="chat",state="active"})",
                  "postgresql.session.count", with("state", "active")});
  rows.push_back({R"(pg_locks_count{datname="chat",mode="rowexclusivelock"})",
                  "postgresql.database.locks", with("mode", "RowExclusiveLock")});
  return rows;
}

std::vector<same_counter> of_server() {
  const auto checkpoints = [](std::string_view column, std::string_view ours, std::string_view key,
                              std::string_view value, double factor = 1) {
    return same_counter{fmt::format("pg_stat_bgwriter_{}_total", column), std::string{ours},
                        key.empty() ? attributes{} : attributes{{key, value}}, factor};
  };
  std::vector<same_counter> rows{
      checkpoints("checkpoints_timed", "postgresql.bgwriter.checkpoint.count", "type", "scheduled"),
      checkpoints("checkpoints_req", "postgresql.bgwriter.checkpoint.count", "type", "requested"),
      checkpoints("checkpoint_write_time", "postgresql.bgwriter.duration", "type", "write",
                  milliseconds),
      checkpoints("checkpoint_sync_time", "postgresql.bgwriter.duration", "type", "sync",
                  milliseconds),
      checkpoints("buffers_checkpoint", "postgresql.bgwriter.buffers.writes", "source",
                  "checkpoints"),
      checkpoints("buffers_clean", "postgresql.bgwriter.buffers.writes", "source", "bgwriter"),
      checkpoints("buffers_backend", "postgresql.bgwriter.buffers.writes", "source", "backend"),
      checkpoints("buffers_backend_fsync", "postgresql.bgwriter.buffers.writes", "source",
                  "backend_fsync"),
      checkpoints("buffers_alloc", "postgresql.bgwriter.buffers.allocated", "", ""),
      checkpoints("maxwritten_clean", "postgresql.bgwriter.maxwritten", "", ""),
      {"pg_stat_archiver_archived_count", "postgresql.archiver.archived"},
      {"pg_stat_archiver_failed_count", "postgresql.archiver.failed"},
      {"pg_settings_max_connections", "postgresql.connection.max"}};
  const std::pair<const char*, const char*> settings[] = {
      {"shared_buffers_bytes", "shared_buffers"},
      {"work_mem_bytes", "work_mem"},
      {"max_wal_size_bytes", "max_wal_size"},
      {"checkpoint_timeout_seconds", "checkpoint_timeout"},
      {"deadlock_timeout_seconds", "deadlock_timeout"},
      {"autovacuum_naptime_seconds", "autovacuum_naptime"},
      {"autovacuum_vacuum_scale_factor", "autovacuum_vacuum_scale_factor"},
      {"autovacuum_freeze_max_age", "autovacuum_freeze_max_age"},
      {"checkpoint_completion_target", "checkpoint_completion_target"},
      {"random_page_cost", "random_page_cost"},
      {"fsync", "fsync"},
      {"track_io_timing", "track_io_timing"}};
  for (const auto& [theirs, name] : settings) {
    rows.push_back({fmt::format("pg_settings_{}", theirs),
                    "postgresql.setting",
                    {{"postgresql.setting.name", name}}});
  }
  return rows;
}

/// Two transactions that wait for each other's row.
void make_deadlock(pqxx::connection& left, pqxx::connection& right) {
  execute(left, "begin");
  execute(right, "begin");
  execute(left, "update words set word = 'l' where id = 1");
  execute(right, "update words set word = 'r' where id = 2");
  const auto try_other_row = [](pqxx::connection& db, const std::string& update) {
    try {
      execute(db, update);
    } catch (const std::exception&) {
      return;  // either of the two is ended
    }
  };
  auto waiting = std::async(std::launch::async, [&] {
    try_other_row(left, "update words set word = 'l' where id = 2");
    execute(left, "rollback");
  });
  try_other_row(right, "update words set word = 'r' where id = 1");
  execute(right, "rollback");
  waiting.get();
}

/// A database in which something of everything has happened, and nothing happens now.
void use_database(postgres_server& server) {
  pqxx::connection admin{server.connection_string()};
  execute(admin, "create database chat");
  const std::string chat = as_user(server, "postgres", "chat");
  pqxx::connection db{chat};
  execute(db, "create table words(id int primary key, word text)");
  execute(db, "insert into words select i, md5(i::text) from generate_series(1, 5000) i");
  execute(db, "update words set word = 'x' where id < 100");
  execute(db, "delete from words where id > 4000");
  execute(db, "set work_mem = '64kB'");
  execute(db, "select count(*) from (select word from words order by md5(word) offset 1) w");
  CHECK_THROWS(execute(db, "select 1 / 0 from words"));
  pqxx::connection killed{chat};
  make_deadlock(db, killed);
  execute(admin, "select pg_terminate_backend(pid) from pg_stat_activity where datname = 'chat'");
  execute(admin, "checkpoint");
  execute(admin, "select pg_switch_wal()");
}

/// Moves the counters of the database `chat`, and of the server. A session tells of its counts when it ends,
/// and when it is asked to.
class postgres_load {
 public:
  explicit postgres_load(const postgres_server& server)
      : server_{server}, admin_{server.connection_string()} {
    execute(admin_, "create database chat");
    db_ = std::make_unique<pqxx::connection>(chat());
    other_ = std::make_unique<pqxx::connection>(chat());
    execute(*db_, "create table words(id int primary key, word text)");
    execute(*db_, "insert into words values (1, 'a'), (2, 'b')");
    // More than the server's buffers hold: two rows a page.
    execute(*db_, "create table pages(filler char(4000))");
    execute(*db_, "alter table pages alter filler set storage plain");
    execute(*db_, "insert into pages select 'x' from generate_series(1, 6000)");
    execute(*db_, "select count(*) from pages");
    execute(*db_, "set work_mem = '64kB'");
  }

  /// So much that what run() does is less than 1 % of it.
  void warm_up() { run(120); }

  /// A little of everything.
  void run(int turns = 1) {
    run_transactions(turns);
    for (int i = 0; i < turns; ++i) {
      end_session_in_transaction();
      make_deadlock(*db_, *other_);
      execute(admin_, "checkpoint");
      execute(admin_, "select pg_switch_wal()");
    }
    execute(*db_, "select pg_stat_force_next_flush()");
  }

 private:
  [[nodiscard]] std::string chat() const { return as_user(server_, "postgres", "chat"); }

  void run_transactions(int turns) {
    execute(*db_, fmt::format(R"(do $$ begin for turn in {}..{} loop
        insert into words values (3, 'c');
        update words set word = word || '.' where id = 3;
        delete from words where id = 3;
        commit;
        perform from words where id = 1;
        rollback;
        insert into pages values ('y'), ('z');
        perform from pages where ctid = ('(' || (turn * 7) % 3000 || ',1)')::tid;
        perform from (select md5(i::text) from generate_series(1, 3000) i order by 1 offset 1) w;
      end loop; end $$)",
                              done_, done_ + turns - 1));
    done_ += turns;
  }

  void end_session_in_transaction() {
    pqxx::connection session{chat()};
    execute(session, "begin");
    execute(session, "select from words");
    execute(admin_, fmt::format("select pg_terminate_backend({})", session.backendpid()));
  }

  const postgres_server& server_;
  pqxx::connection admin_;
  std::unique_ptr<pqxx::connection> db_;
  std::unique_ptr<pqxx::connection> other_;
  int done_ = 0;
};

std::vector<same_counter> counters_under_load() {
  constexpr const char* moved[] = {"database_xact_commit",
                                   "database_xact_rollback",
                                   "database_blks_read",
                                   "database_blks_hit",
                                   "database_tup_returned",
                                   "database_tup_fetched",
                                   "database_tup_inserted",
                                   "database_tup_updated",
                                   "database_tup_deleted",
                                   "database_temp_files",
                                   "database_temp_bytes",
                                   "database_deadlocks",
                                   "database_sessions",
                                   "database_sessions_killed",
                                   "database_session_time",
                                   "database_active_time",
                                   "database_idle_in_transaction_time",
                                   "database_blk_read_time",
                                   "bgwriter_checkpoints_req_total",
                                   "bgwriter_checkpoint_write_time_total",
                                   "bgwriter_checkpoint_sync_time_total",
                                   "bgwriter_buffers_checkpoint_total",
                                   "bgwriter_buffers_backend_total",
                                   "bgwriter_buffers_alloc_total",
                                   "archiver_archived_count"};
  std::vector<same_counter> rows = of_databases();
  for (same_counter& row : of_server()) rows.push_back(std::move(row));
  std::erase_if(rows, [&](const same_counter& row) {
    const std::string name = row.theirs.substr(0, row.theirs.find('{'));
    return std::ranges::none_of(moved,
                                [&](const std::string& each) { return name == "pg_stat_" + each; });
  });
  CHECK(rows.size() == std::size(moved));
  return rows;
}

}  // namespace

TEST_CASE("our numbers are those of the exporter", "[postgres_exporter]") {
  postgres_server server{
      {.settings = {"track_io_timing=on", "archive_mode=on", "archive_command=/bin/true",
                    "deadlock_timeout=10ms", "autovacuum=off"}}};
  use_database(server);
  pqxx::connection in_transaction{as_user(server, "postgres", "chat")};
  execute(in_transaction, "begin");
  execute(in_transaction, "lock table words in row exclusive mode");
  const postgres_exporter exporter{server};
  manual_clock time;
  postgres_collector source{{.connection_string = server.connection_string(), .time = &time}};
  static_cast<void>(collect_from(source));  // visits the tables of all databases

  std::vector<same_counter> rows = of_databases();
  for (same_counter& row : of_server()) rows.push_back(std::move(row));
  CHECK(rows.size() >= 50);

  // What the exporter has before and after is what the server had when we looked.
  std::map<std::string, std::string> verdicts;
  for (int attempt = 0; attempt < 50 && verdicts.size() < rows.size(); ++attempt) {
    time.advance(15s);
    const scraped before = exporter.scrape();
    const collected ours = collect_from(source);
    const scraped after = exporter.scrape();
    for (const same_counter& row : rows) {
      const auto theirs = before.find(row.theirs);
      if (verdicts.contains(row.theirs)) continue;
      if (theirs == before.end() || !after.contains(row.theirs)) {
        if (attempt > 20) verdicts[row.theirs] = "the exporter does not have it";
        continue;
      }
      if (theirs->second != after.at(row.theirs)) continue;  // it changes just now
      const std::optional<double> number = number_of(ours, row.ours, row.labels);
      const double wanted = theirs->second * row.factor;
      const bool is_equal = number.has_value() && std::abs(*number - wanted) <= 1e-6 * wanted;
      verdicts[row.theirs] =
          is_equal ? "equal"
                   : fmt::format("{} is {}, and {}{} is {}", row.theirs, wanted, row.ours,
                                 to_string(row.labels), number.value_or(-1));
    }
  }
  for (const same_counter& row : rows) {
    INFO(row.theirs);
    CHECK(verdicts[row.theirs] == "equal");
  }
}

TEST_CASE("under load our numbers lie between what the exporter has before and after",
          "[postgres_exporter]") {
  postgres_server server{
      {.settings = {"track_io_timing=on", "deadlock_timeout=1ms", "autovacuum=off",
                    "archive_mode=on", "archive_command=/bin/true"}}};
  postgres_load load{server};
  load.warm_up();
  const postgres_exporter exporter{server};
  manual_clock time;
  postgres_collector source{{.connection_string = server.connection_string(), .time = &time}};
  static_cast<void>(collect_from(source));  // visits the tables of all databases

  bracketed_counters counters{counters_under_load()};
  const bool are_proved = became_true([&] {
    time.advance(15s);
    const scraped before = exporter.scrape();
    auto running = std::async(std::launch::async, [&load] { load.run(); });
    const collected found = collect_from(source);
    running.get();
    counters.compare(
        before, [&](const same_counter& row) { return number_of(found, row.ours, row.labels); },
        exporter.scrape());
    return counters.unproved().empty() || !counters.faults().empty();
  });
  CHECK(are_proved);
  CHECK(counters.unproved() == "");
  CHECK(counters.faults() == "");
}
