// How much longer a query takes because it is measured: SQLite in memory, a prepared point query by
// primary key, about the cheapest real query. The bare client is the C API. Besides the decorator,
// the program measures its two indispensable parts, the decorator with its recorder disabled, and
// the query measured by hand with prometheus-cpp.
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

constexpr int documents = 1000;
constexpr std::string_view query = "select body from documents where id = ?";

void fill(sqlite::connection& db) {
  db.exec("create table documents(id integer primary key, body text not null)");
  const std::string body(100, 'x');
  auto insert = db.prepare("insert into documents(body) values (?)");
  for (int i = 0; i < documents; ++i) insert.run(body);
}

void check(bool good) {
  if (!good) throw std::runtime_error{"SQLite does not answer as expected"};
}

/// The identifiers of the queries: each turn continues after the last identifier of the turn
/// before.
class identifiers {
 public:
  int next() noexcept { return next_ = next_ % documents + 1; }

 private:
  int next_ = 0;
};

class bare_query {
 public:
  explicit bare_query(sqlite3* db) {
    check(sqlite3_prepare_v2(db, query.data(), -1, &handle_, nullptr) == SQLITE_OK);
  }
  bare_query(const bare_query&) = delete;
  bare_query& operator=(const bare_query&) = delete;
  ~bare_query() { sqlite3_finalize(handle_); }

  void run() {
    sqlite3_reset(handle_);
    check(sqlite3_bind_int64(handle_, 1, ids_.next()) == SQLITE_OK);
    check(sqlite3_step(handle_) == SQLITE_ROW);
    benchmark::DoNotOptimize(sqlite3_column_text(handle_, 0));
    benchmark::DoNotOptimize(sqlite3_column_bytes(handle_, 0));
    check(sqlite3_step(handle_) == SQLITE_DONE);
  }

 private:
  sqlite3_stmt* handle_ = nullptr;
  identifiers ids_;
};

class decorated_query {
 public:
  explicit decorated_query(sqlite::connection& db) : search_{db.prepare(query)} {}

  void run() {
    search_.bind(ids_.next());
    check(search_.step());
    benchmark::DoNotOptimize(search_.column<std::string_view>(0));
    check(!search_.step());
  }

 private:
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
  sqlite::connection db{telemetry, ":memory:"};
  fill(db);
  recorder off{{.service_name = "bench", .disabled = true}};
  sqlite::connection unmeasured_db{off, ":memory:"};
  fill(unmeasured_db);

  const querytap::clock& time = telemetry.time();
  const auto bounds = catalog::operation_duration.bounds;
  prometheus::Histogram by_hand{{bounds.begin(), bounds.end()}};
  const backend engine{telemetry, {.system = "sqlite", .dialect = dialect::sqlite}};
  const statement& identity = engine.statement_for(query);
  bare_query bare{db.native()};
  decorated_query decorated{db};
  decorated_query unmeasured{unmeasured_db};

  // Short turns of a millisecond: the load on the machine changes little within a round.
  bench::contest overhead{"overhead/sqlite", 1000, bench::thread_time};
  overhead.add("bare", repeat([&] { bare.run(); }));
  overhead.add("querytap", repeat([&] { decorated.run(); }));
  overhead.add("disabled", repeat([&] { unmeasured.run(); }));
  overhead.add("two_clock_reads", repeat([&] {
                 benchmark::DoNotOptimize(time.ticks());
                 bare.run();
                 benchmark::DoNotOptimize(time.ticks());
               }));
  overhead.add("operation_alone", repeat([&] {
                 operation call{identity};
                 bare.run();
                 call.finish();
               }));
  overhead.add("prometheus_cpp", repeat([&] {
                 const auto begin = std::chrono::steady_clock::now();
                 bare.run();
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
