// Our numbers of a PostgreSQL server are those of prometheus-postgres-exporter.

#include <querytap/decorators/postgres.hpp>
#include <querytap/testing/manual_clock.hpp>
#include <support/child_process.hpp>
#include <support/postgres_server.hpp>
#include <support/wait.hpp>
#include <unit/servers/postgres/postgres_commands.hpp>
#include <unit/servers/postgres/postgres_numbers.hpp>

#include <catch2/catch.hpp>

#include <fmt/format.h>
#include <httplib.h>

#include <atomic>
#include <cmath>
#include <future>
#include <map>
#include <optional>
#include <set>
#include <sstream>
#include <string>
#include <vector>

using namespace querytap;
using namespace std::chrono_literals;
using querytap::testing::as_user;
using querytap::testing::became_true;
using querytap::testing::child_process;
using querytap::testing::collect_from;
using querytap::testing::execute;
using querytap::testing::number_of;
using querytap::testing::postgres_server;

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

struct same_number {
  std::string theirs;
  std::string ours;
  attributes labels = {};
  double factor = 1;  ///< from theirs to ours
};

constexpr double milliseconds = 1e-3;

std::vector<same_number> of_databases() {
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
  std::vector<same_number> rows;
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

std::vector<same_number> of_server() {
  const auto checkpoints = [](std::string_view column, std::string_view ours, std::string_view key,
                              std::string_view value, double factor = 1) {
    return same_number{fmt::format("pg_stat_bgwriter_{}_total", column), std::string{ours},
                       key.empty() ? attributes{} : attributes{{key, value}}, factor};
  };
  std::vector<same_number> rows{
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
void make_deadlock(const std::string& connection_string) {
  pqxx::connection left{connection_string};
  pqxx::connection right{connection_string};
  execute(left, "begin");
  execute(right, "begin");
  execute(left, "update words set word = 'l' where id = 1");
  execute(right, "update words set word = 'r' where id = 2");
  auto waiting = std::async(std::launch::async, [&] {
    try {
      execute(left, "update words set word = 'l' where id = 2");
    } catch (const std::exception&) {
      return;  // either of the two is ended
    }
  });
  try {
    execute(right, "update words set word = 'r' where id = 1");
  } catch (const std::exception&) {
    waiting.get();
    return;
  }
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
  make_deadlock(chat);
  pqxx::connection killed{chat};
  execute(admin, "select pg_terminate_backend(pid) from pg_stat_activity where datname = 'chat'");
  execute(admin, "checkpoint");
  execute(admin, "select pg_switch_wal()");
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

  std::vector<same_number> rows = of_databases();
  for (same_number& row : of_server()) rows.push_back(std::move(row));
  CHECK(rows.size() >= 50);

  // What the exporter has before and after is what the server had when we looked.
  std::map<std::string, std::string> verdicts;
  for (int attempt = 0; attempt < 50 && verdicts.size() < rows.size(); ++attempt) {
    time.advance(15s);
    const scraped before = exporter.scrape();
    const collected ours = collect_from(source);
    const scraped after = exporter.scrape();
    for (const same_number& row : rows) {
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
  for (const same_number& row : rows) {
    INFO(row.theirs);
    CHECK(verdicts[row.theirs] == "equal");
  }
}

TEST_CASE("under load our numbers lie between what the exporter has before and after",
          "[postgres_exporter]") {
  postgres_server server;
  pqxx::connection admin{server.connection_string()};
  execute(admin, "create database chat");
  const postgres_exporter exporter{server};
  manual_clock time;
  postgres_collector source{{.connection_string = server.connection_string(), .time = &time}};
  static_cast<void>(collect_from(source));
  std::atomic<bool> is_over = false;
  auto load = std::async(std::launch::async, [&] {
    pqxx::connection db{as_user(server, "postgres", "chat")};
    execute(db, "create table words(id int)");
    while (!is_over) execute(db, "insert into words values (1)");
  });
  constexpr auto theirs = R"(pg_stat_database_tup_inserted{datname="chat"})";
  // A session tells of its counts once a second.
  std::set<double> different;
  const bool has_risen = became_true([&] {
    time.advance(15s);
    const double before = exporter.scrape()[theirs];
    const auto ours = number_of(collect_from(source), "postgresql.tup_inserted",
                                {{"postgresql.database.name", "chat"}});
    const double after = exporter.scrape()[theirs];
    CHECK(ours.value_or(0) >= before);
    CHECK(ours.value_or(1e9) <= after);
    different.insert(after);
    return different.size() > 3;
  });
  is_over = true;
  load.get();
  CHECK(has_risen);
}
