// What a scrape takes beside a PostgreSQL server with 100 tables, and beside the same with 100,000: it reads what was
// collected before, and of a server's tables only some are named, so that it should be the same. The server's
// tables are empty, and no more are made than fit into two minutes.
//
//     many_tables --connection="host=127.0.0.1 port=5432 user=postgres dbname=postgres" --tables=100000

#include "../../support/contest.hpp"
#include "../../support/options.hpp"
#include "database.hpp"

#include <querytap/recording/recorder.hpp>
#include <querytap/runtime/collectors/collectors.hpp>
#include <querytap/runtime/pages/pages.hpp>
#include <querytap/servers/postgres/postgres_collector.hpp>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <memory>
#include <stdexcept>
#include <string>

namespace {

using namespace querytap;
using namespace std::chrono_literals;
using bench::database;

constexpr int few_tables = 100;
constexpr auto most_time = 2min;

/// Until there are so many, or the time is over; some hundreds a transaction, as each holds locks.
void make_tables(database& db, int first, int last) {
  constexpr int step = 500;
  const auto end = std::chrono::steady_clock::now() + most_time;
  db.query("set client_min_messages = warning");
  for (; first < last && std::chrono::steady_clock::now() < end; first += step) {
    db.query("do $$ begin for i in " + std::to_string(first) + ".." +
             std::to_string(std::min(first + step, last) - 1) +
             " loop execute 'create table if not exists many_tables_' || i || '()'; "
             "end loop; end $$");
  }
}

std::string count_of_tables(database& db) {
  return db.query(
      "select count(*) from pg_class where relkind = 'r' and relname like "
      "'many\\_tables\\_%'");
}

/// What was collected of the server at one time, and the page that shows it.
class view {
 public:
  explicit view(const std::string& connection)
      : sources_{telemetry_,
                 {.sources = {std::make_shared<postgres_collector>(postgres_collector_options{
                      .connection_string = connection, .interval = 1h})}}} {
    const auto start = std::chrono::steady_clock::now();
    sources_.ask_now();
    collected_in_ = std::chrono::steady_clock::now() - start;
    // A collection that is cut off is a figure too: the parts that were done are shown by the next one.
    error_ = telemetry_.collect().sources.at(0)->error;
  }

  void scrape(std::size_t calls) {
    for (; calls > 0; --calls)
      bytes_ = pages_.respond({.method = "GET", .path = "/metrics"}).body.size();
  }

  void print(const std::string& tables) const {
    std::printf("%s tables: %.0f ms to collect%s%s, %zu bytes a scrape\n", tables.c_str(),
                std::chrono::duration<double, std::milli>{collected_in_}.count(),
                error_.empty() ? "" : ", ", error_.c_str(), bytes_);
  }

 private:
  recorder telemetry_{{.service_name = "bench"}};
  collectors sources_;
  pages pages_{telemetry_};
  std::chrono::nanoseconds collected_in_{};
  std::string error_;
  std::size_t bytes_ = 0;
};

void make_database(const std::string& connection) {
  database admin{connection};
  admin.query("set client_min_messages = warning");
  admin.query("drop database if exists many_tables");
  admin.query("create database many_tables");
}

void measure(const std::string& connection, int tables, std::size_t rounds,
             const std::string& file) {
  make_database(connection);
  database db{connection + " dbname=many_tables"};
  make_tables(db, 0, few_tables);
  const std::string few = count_of_tables(db);
  view with_few{connection};
  make_tables(db, few_tables, tables);
  const std::string many = count_of_tables(db);
  view with_many{connection};

  bench::contest scrapes{
      "runtime/collectors/scrape", {.calls = 20, .untimed_calls = 5}, bench::thread_time};
  scrapes.add("few_tables", [&](std::size_t calls) { with_few.scrape(calls); });
  scrapes.add("many_tables", [&](std::size_t calls) { with_many.scrape(calls); });
  scrapes.run(rounds);
  with_few.print(few);
  with_many.print(many);
  scrapes.print();
  scrapes.write(file);
}

}  // namespace

int main(int argc, char** argv) try {
  bench::refuse_others(argc, argv, {"connection", "tables", "rounds", "out"});
  const std::string connection = bench::option(argc, argv, "connection", "");
  if (connection.empty()) {
    std::puts("runtime/collectors/scrape: skipped, for want of --connection=\"host=… user=…\"");
    return 0;
  }
  measure(connection, std::stoi(bench::option(argc, argv, "tables", "100000")),
          std::stoul(bench::option(argc, argv, "rounds", "50")),
          bench::option(argc, argv, "out", ""));
} catch (const std::exception& failure) {
  std::fprintf(stderr, "many_tables: %s\n", failure.what());
  return 1;
}
