// How much longer a query takes because it is measured: PostgreSQL over loopback, a prepared point
// query by primary key through libpqxx, bare and decorated. The figure is wall time, since the
// caller waits for another process.
//
//     postgres_overhead --connection="host=127.0.0.1 user=postgres" --rounds=10000 --out=postgres.json

#include "../support/contest.hpp"
#include "../support/options.hpp"

#include <querytap/decorators/postgres.hpp>
#include <querytap/recording/recorder.hpp>

#include <benchmark/benchmark.h>

#include <cstdio>

namespace {

using namespace querytap;

constexpr int documents = 1000;
const std::string query = "select body from documents where id = $1";

// In the session's own schema, so that nothing stays behind in the server.
void fill(pqxx::connection& db) {
  pqxx::nontransaction tx{db};
  tx.exec("create temporary table documents(id integer primary key, body text not null)");
  tx.exec("insert into documents select id, repeat('x', 100) from generate_series(1, " +
          std::to_string(documents) + ") id");
  tx.exec("analyze documents");
}

template <class Transaction>
auto point_queries(Transaction& tx, const std::string& name) {
  return [&tx, name, id = 0](std::size_t calls) mutable {
    for (; calls > 0; --calls) {
      id = id % documents + 1;
      benchmark::DoNotOptimize(tx.exec_prepared(name, id)[0][0].c_str());
    }
  };
}

// Bare and decorated queries share a connection, so that they have one server process and one plan.
// A connection has one transaction at a time: the bare queries use the decorated transaction's.
void measure(const std::string& connection, std::size_t rounds, const std::string& file) {
  recorder telemetry{{.service_name = "bench"}};
  postgres::connection db{telemetry, connection};
  fill(db.native());
  db.prepare("search", query);
  postgres::nontransaction tx{db};

  // Two calls a turn: a disturbance of the machine then meets few of the pairs.
  bench::contest overhead{"overhead/postgres", {.calls = 2}, bench::wall_time};
  overhead.add("bare", point_queries(tx.native(), "search"));
  overhead.add("querytap", point_queries(tx, "search"));
  overhead.run(rounds);
  overhead.print();
  overhead.write(file);
}

}  // namespace

int main(int argc, char** argv) try {
  bench::refuse_others(argc, argv, {"connection", "rounds", "out"});
  const std::string connection = bench::option(argc, argv, "connection", "");
  if (connection.empty()) {
    std::puts("overhead/postgres: skipped, for want of --connection=\"host=… user=…\"");
    return 0;
  }
  measure(connection, std::stoul(bench::option(argc, argv, "rounds", "20000")),
          bench::option(argc, argv, "out", ""));
} catch (const std::exception& failure) {
  std::fprintf(stderr, "postgres_overhead: %s\n", failure.what());
  return 1;
}
