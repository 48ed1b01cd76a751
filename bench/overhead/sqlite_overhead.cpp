// How much longer a query takes because it is measured: SQLite in memory, a prepared point query by
// primary key, about the cheapest real query. The bare client is the C API, once as everybody opens
// a connection, with SQLite's lock, and once without. Besides the decorator, the program measures its
// two indispensable parts, the decorator with its recorder disabled, the decorator of a connection
// that threads share, and the query measured by hand with prometheus-cpp.
//
// Each contender has databases of its own, several and all made alike: two databases of equal content
// differ by some percent, by where they lie in memory.
//
//     sqlite_overhead --rounds=300 --out=sqlite.json

#include "../support/contest.hpp"
#include "../support/options.hpp"

#include <querytap/decorators/sqlite.hpp>
#include <querytap/querytap.hpp>

#include <benchmark/benchmark.h>
#include <prometheus/histogram.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

using namespace querytap;

// Few enough for a processor's cache to hold them all the way through a turn.
constexpr int documents = 200;
constexpr std::string_view query = "select body from documents where id = ?";

void check(bool good) {
  if (!good) throw std::runtime_error{"SQLite does not answer as expected"};
}

template <class Execute>
void fill(Execute execute) {
  execute("create table documents(id integer primary key, body text not null)");
  const std::string row = "insert into documents(body) values ('" + std::string(100, 'x') + "')";
  for (int i = 0; i < documents; ++i) execute(row);
}

sqlite3* open_filled(int locking) {
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | locking;
  sqlite3* db = nullptr;
  check(sqlite3_open_v2(":memory:", &db, flags, nullptr) == SQLITE_OK);
  fill([db](const std::string& sql) {
    check(sqlite3_exec(db, sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK);
  });
  return db;
}

/// The identifiers of the queries: each turn continues after the last identifier of the turn
/// before.
class identifiers {
 public:
  int next() noexcept { return next_ = next_ % documents + 1; }

 private:
  int next_ = 0;
};

/// With a database of its own, as each of these.
class bare_query {
 public:
  explicit bare_query(int locking) : db_{open_filled(locking)} {
    check(sqlite3_prepare_v2(db_, query.data(), -1, &search_, nullptr) == SQLITE_OK);
  }
  bare_query(const bare_query&) = delete;
  bare_query& operator=(const bare_query&) = delete;
  ~bare_query() {
    sqlite3_finalize(search_);
    sqlite3_close(db_);
  }

  void run() {
    sqlite3_reset(search_);
    check(sqlite3_bind_int64(search_, 1, ids_.next()) == SQLITE_OK);
    check(sqlite3_step(search_) == SQLITE_ROW);
    benchmark::DoNotOptimize(sqlite3_column_text(search_, 0));
    benchmark::DoNotOptimize(sqlite3_column_bytes(search_, 0));
    check(sqlite3_step(search_) == SQLITE_DONE);
  }

 private:
  sqlite3* db_;
  sqlite3_stmt* search_ = nullptr;
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
    fill([&db](const std::string& sql) { db.exec(sql); });
    return db;
  }

  sqlite::connection db_;
  sqlite::statement search_;
  identifiers ids_;
};

// Libraries that do not know the option lock every connection.
template <class Options>
Options shared_between_threads() {
  Options options;
  if constexpr (requires { options.shared_between_threads; }) options.shared_between_threads = true;
  return options;
}

/// The recorders, and what measures a bare query in parts.
struct instruments {
  recorder telemetry{{.service_name = "bench"}};
  recorder off{{.service_name = "bench", .disabled = true}};
  const querytap::clock& time = telemetry.time();
  backend engine{telemetry, {.system = "sqlite"}};
  const statement& identity = engine.statement_for(query);
  prometheus::Histogram by_hand{
      {catalog::operation_duration.bounds.begin(), catalog::operation_duration.bounds.end()}};
};

using adder = std::function<void(bench::contest&)>;

// Adds one instance of a contender, each time it is called.
template <class Make, class Call>
adder contender(std::string_view name, Make make, Call call) {
  return [=](bench::contest& contest) {
    contest.add(name, [made = std::shared_ptr{make()}, call](std::size_t calls) {
      for (auto& search = *made; calls > 0; --calls) call(search);
    });
  };
}

std::vector<adder> contenders(instruments& with) {
  const auto run = [](auto& search) { search.run(); };
  const auto bare = [] { return std::make_unique<bare_query>(0); };
  const auto bare_without_lock = [] { return std::make_unique<bare_query>(SQLITE_OPEN_NOMUTEX); };
  const auto decorated = [&with] { return std::make_unique<decorated_query>(with.telemetry); };
  const auto disabled = [&with] { return std::make_unique<decorated_query>(with.off); };
  const auto shared = [&with] {
    return std::make_unique<decorated_query>(with.telemetry,
                                             shared_between_threads<sqlite::connection_options>());
  };
  const auto between_clock_reads = [&with](bare_query& search) {
    benchmark::DoNotOptimize(with.time.ticks());
    search.run();
    benchmark::DoNotOptimize(with.time.ticks());
  };
  const auto in_operation = [&with](bare_query& search) {
    operation call{with.identity};
    search.run();
    call.finish();
  };
  const auto observed_by_hand = [&with](bare_query& search) {
    const auto begin = std::chrono::steady_clock::now();
    search.run();
    const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - begin;
    with.by_hand.Observe(spent.count());
  };
  return {contender("bare", bare, run),
          contender("bare_without_lock", bare_without_lock, run),
          contender("querytap", decorated, run),
          contender("shared", shared, run),
          contender("disabled", disabled, run),
          contender("two_clock_reads", bare_without_lock, between_clock_reads),
          contender("operation_alone", bare_without_lock, in_operation),
          contender("prometheus_cpp", bare, observed_by_hand)};
}

void measure(std::size_t rounds, const std::string& file) {
  constexpr std::size_t instances = 5;
  instruments with;
  std::vector<adder> adders = contenders(with);

  // Short turns of a millisecond: the load on the machine changes little within a round. Each comes
  // after an untimed one, for the databases of all contenders do not fit the cache together.
  bench::contest overhead{
      "overhead/sqlite", {.calls = 1000, .untimed_calls = documents}, bench::thread_time};
  for (const adder& add : adders) add(overhead);
  // No contender always gets the memory that comes after the same other's.
  for (std::size_t i = 1; i < instances; ++i) {
    std::rotate(adders.begin(), adders.begin() + 3, adders.end());
    for (const adder& add : adders) add(overhead);
  }
  overhead.run(rounds);
  overhead.print();
  overhead.write(file);
}

}  // namespace

int main(int argc, char** argv) try {
  bench::refuse_others(argc, argv, {"rounds", "out"});
  measure(std::stoul(bench::option(argc, argv, "rounds", "300")),
          bench::option(argc, argv, "out", ""));
} catch (const std::exception& failure) {
  std::fprintf(stderr, "sqlite_overhead: %s\n", failure.what());
  return 1;
}
