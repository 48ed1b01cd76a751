// How much longer a query takes because it is measured: SQLite in memory, a prepared point query by
// primary key, about the cheapest real query. The bare client is the C API, once as everybody opens
// a connection, with SQLite's lock, and once as the decorator does, without: all that separates the
// decorator from that is its own. Besides the decorator, the program measures its two indispensable
// parts, the decorator with its recorder disabled, the decorator of a connection that threads share,
// and the query measured by hand with prometheus-cpp.
//
//     sqlite_overhead --rounds=1000 --out=sqlite.json

#include "../support/contest.hpp"
#include "../support/options.hpp"

#include <querytap/decorators/sqlite.hpp>
#include <querytap/querytap.hpp>

#include <benchmark/benchmark.h>
#include <prometheus/histogram.h>

#include <cstdio>
#include <stdexcept>

namespace {

using namespace querytap;

// Few enough for a processor's cache to hold them all the way through a turn.
constexpr int documents = 200;
constexpr std::string_view query = "select body from documents where id = ?";

void check(bool good) {
  if (!good) throw std::runtime_error{"SQLite does not answer as expected"};
}

void fill(sqlite3* db) {
  const std::string script =
      "create table documents(id integer primary key, body text not null);"
      "with recursive n(i) as (select 1 union all select i + 1 from n where i < " +
      std::to_string(documents) +
      ") insert into documents select i, printf('%.*c', 100, 'x') from n";
  check(sqlite3_exec(db, script.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK);
}

/// The identifiers of the queries: each turn continues after the last identifier of the turn
/// before.
class identifiers {
 public:
  int next() noexcept { return next_ = next_ % documents + 1; }

 private:
  int next_ = 0;
};

/// Each query has a database of its own, so that none finds the rows in the cache that another has
/// just read.
class bare_query {
 public:
  explicit bare_query(int locking) {
    const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | locking;
    check(sqlite3_open_v2(":memory:", &db_, flags, nullptr) == SQLITE_OK);
    fill(db_);
    check(sqlite3_prepare_v2(db_, query.data(), -1, &handle_, nullptr) == SQLITE_OK);
  }
  bare_query(const bare_query&) = delete;
  bare_query& operator=(const bare_query&) = delete;
  ~bare_query() {
    sqlite3_finalize(handle_);
    sqlite3_close(db_);
  }

  void run() {
    sqlite3_reset(handle_);
    check(sqlite3_bind_int64(handle_, 1, ids_.next()) == SQLITE_OK);
    check(sqlite3_step(handle_) == SQLITE_ROW);
    benchmark::DoNotOptimize(sqlite3_column_text(handle_, 0));
    benchmark::DoNotOptimize(sqlite3_column_bytes(handle_, 0));
    check(sqlite3_step(handle_) == SQLITE_DONE);
  }

 private:
  sqlite3* db_ = nullptr;
  sqlite3_stmt* handle_ = nullptr;
  identifiers ids_;
};

class decorated_query {
 public:
  explicit decorated_query(recorder& telemetry, const sqlite::connection_options& options = {})
      : db_{telemetry, ":memory:", options}, search_{filled(db_).prepare(query)} {}

  void run() {
    search_.bind(ids_.next());
    check(search_.step());
    benchmark::DoNotOptimize(search_.column<std::string_view>(0));
    check(!search_.step());
  }

 private:
  static sqlite::connection& filled(sqlite::connection& db) {
    fill(db.native());
    return db;
  }

  sqlite::connection db_;
  sqlite::statement search_;
  identifiers ids_;
};

template <class Call>
auto repeat(Call call) {
  return [call](std::size_t calls) {
    for (; calls > 0; --calls) call();
  };
}

void measure(std::size_t rounds, const std::string& file) {
  recorder telemetry{{.service_name = "bench"}};
  recorder off{{.service_name = "bench", .disabled = true}};
  const querytap::clock& time = telemetry.time();
  const auto bounds = catalog::operation_duration.bounds;
  prometheus::Histogram by_hand{{bounds.begin(), bounds.end()}};
  const backend engine{telemetry, {.system = "sqlite", .dialect = dialect::sqlite}};
  const statement& identity = engine.statement_for(query);

  constexpr int by_default = 0;
  bare_query bare{by_default};
  bare_query bare_without_lock{SQLITE_OPEN_NOMUTEX};
  bare_query between_clock_reads{SQLITE_OPEN_NOMUTEX};
  bare_query in_operation{SQLITE_OPEN_NOMUTEX};
  bare_query observed_by_hand{by_default};
  decorated_query decorated{telemetry};
  decorated_query shared{telemetry, {.shared_between_threads = true}};
  decorated_query disabled{off};

  // Short turns of a millisecond: the load on the machine changes little within a round.
  bench::contest overhead{"overhead/sqlite", 1000, bench::thread_time};
  overhead.add_rival("bare", repeat([&] { bare.run(); }));
  overhead.add_rival("bare_without_lock", repeat([&] { bare_without_lock.run(); }));
  overhead.add("querytap", repeat([&] { decorated.run(); }));
  overhead.add("shared", repeat([&] { shared.run(); }));
  overhead.add("disabled", repeat([&] { disabled.run(); }));
  overhead.add("two_clock_reads", repeat([&] {
                 benchmark::DoNotOptimize(time.ticks());
                 between_clock_reads.run();
                 benchmark::DoNotOptimize(time.ticks());
               }));
  overhead.add("operation_alone", repeat([&] {
                 operation call{identity};
                 in_operation.run();
                 call.finish();
               }));
  overhead.add("prometheus_cpp", repeat([&] {
                 const auto begin = std::chrono::steady_clock::now();
                 observed_by_hand.run();
                 const std::chrono::duration<double> spent =
                     std::chrono::steady_clock::now() - begin;
                 by_hand.Observe(spent.count());
               }));
  overhead.run(rounds);
  overhead.print();
  overhead.write(file);
}

}  // namespace

int main(int argc, char** argv) try {
  bench::refuse_others(argc, argv, {"rounds", "out"});
  measure(std::stoul(bench::option(argc, argv, "rounds", "1000")),
          bench::option(argc, argv, "out", ""));
} catch (const std::exception& failure) {
  std::fprintf(stderr, "sqlite_overhead: %s\n", failure.what());
  return 1;
}
