// How much longer a query takes because it is measured: MariaDB over loopback, a point query by primary
// key through libmariadb, as a text and prepared, bare and decorated. The figure is wall time, since the
// caller waits for another process.
//
//     mysql_overhead --port=3306 --rounds=10000 --out=mysql.json

#include "../support/contest.hpp"
#include "../support/options.hpp"

#include <querytap/decorators/mysql.hpp>
#include <querytap/recording/recorder.hpp>

#include <benchmark/benchmark.h>

#include <array>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <stdexcept>
#include <string>
#include <string_view>

namespace {

using namespace querytap;

constexpr int documents = 1000;
constexpr std::string_view prefix = "select body from documents where id = ";

void check(bool failed, mysql::connection& db) {
  if (failed) throw mysql::error{&db};
}

// In a table of the session's own.
void fill(mysql::connection& db) {
  check(mysql_query(&db, "create database if not exists querytap_bench") != 0, db);
  check(mysql_select_db(&db, "querytap_bench") != 0, db);
  check(
      mysql_query(&db, "create temporary table documents(id integer primary key, body text)") != 0,
      db);
  for (int id = 1; id <= documents; ++id) {
    const std::string insert =
        "insert into documents values (" + std::to_string(id) + ", repeat('x', 100))";
    check(mysql_query(&db, insert.c_str()) != 0, db);
  }
}

/// `Handle` is MYSQL or mysql::connection: the calls are the same.
template <class Handle>
auto text_queries(Handle* db) {
  return [db, id = 0](std::size_t calls) mutable {
    std::array<char, 80> sql{};
    std::memcpy(sql.data(), prefix.data(), prefix.size());
    for (; calls > 0; --calls) {
      id = id % documents + 1;
      char* const end = std::to_chars(sql.data() + prefix.size(), sql.data() + sql.size(), id).ptr;
      mysql_real_query(db, sql.data(), static_cast<unsigned long>(end - sql.data()));
      auto* const rows = mysql_store_result(db);
      benchmark::DoNotOptimize(mysql_fetch_row(rows)[0]);
      mysql_free_result(rows);
    }
  };
}

template <class Handle>
class prepared_queries {
 public:
  explicit prepared_queries(Handle* db) : statement_{mysql_stmt_init(db)} {
    const std::string sql = std::string{prefix} + '?';
    if (mysql_stmt_prepare(statement_, sql.data(), sql.size()) != 0) {
      throw std::runtime_error{mysql_stmt_error(statement_)};
    }
    MYSQL_BIND parameter{};
    parameter.buffer_type = MYSQL_TYPE_LONG;
    parameter.buffer = &id_;
    mysql_stmt_bind_param(statement_, &parameter);
    MYSQL_BIND column{};
    column.buffer_type = MYSQL_TYPE_STRING;
    column.buffer = body_.data();
    column.buffer_length = body_.size();
    mysql_stmt_bind_result(statement_, &column);
  }
  prepared_queries(const prepared_queries&) = delete;
  prepared_queries& operator=(const prepared_queries&) = delete;
  ~prepared_queries() { mysql_stmt_close(statement_); }

  void operator()(std::size_t calls) {
    for (; calls > 0; --calls) {
      id_ = id_ % documents + 1;
      mysql_stmt_execute(statement_);
      mysql_stmt_store_result(statement_);
      mysql_stmt_fetch(statement_);
      benchmark::DoNotOptimize(body_);
      mysql_stmt_free_result(statement_);
    }
  }

 private:
  decltype(mysql_stmt_init(std::declval<Handle*>())) statement_;
  int id_ = 0;
  std::array<char, 200> body_{};
};

// Bare and decorated queries share a connection, so that they have one thread of the server.
void measure(unsigned port, std::size_t rounds, const std::string& file) {
  recorder telemetry{{.service_name = "bench"}};
  mysql::connection db{telemetry};
  check(mysql_real_connect(&db, "127.0.0.1", "root", "", nullptr, port, nullptr, 0) == nullptr, db);
  fill(db);
  prepared_queries<MYSQL> bare{db.native()};
  prepared_queries<mysql::connection> decorated{&db};

  // Two calls a turn: a disturbance of the machine then meets few of the pairs.
  bench::contest prepared{"overhead/mysql", {.calls = 2}, bench::wall_time};
  prepared.add("bare", [&](std::size_t calls) { bare(calls); });
  prepared.add("querytap", [&](std::size_t calls) { decorated(calls); });
  prepared.add("bare_text", text_queries(db.native()));
  prepared.add("querytap_text", text_queries(&db));
  prepared.run(rounds);
  prepared.print();
  prepared.write(file);
}

}  // namespace

int main(int argc, char** argv) try {
  bench::refuse_others(argc, argv, {"port", "rounds", "out"});
  const std::string port = bench::option(argc, argv, "port", "");
  if (port.empty()) {
    std::puts("overhead/mysql: skipped, for want of --port=… of a MariaDB on 127.0.0.1");
    return 0;
  }
  measure(static_cast<unsigned>(std::stoul(port)),
          std::stoul(bench::option(argc, argv, "rounds", "20000")),
          bench::option(argc, argv, "out", ""));
} catch (const std::exception& failure) {
  std::fprintf(stderr, "mysql_overhead: %s\n", failure.what());
  return 1;
}
