// What asking a PostgreSQL server for its own view costs: its time for one collection out of those of five minutes, of our
// collector and probe, and of prometheus-postgres-exporter on the same server, which has 1,000 tables and 5,000
// statements. The server counts the time itself, by user (pg_stat_statements). The exporter knows nothing of tables, indexes
// and statements, and looks at nothing as a probe does: the metrics that both have are measured apart, without what our
// collector and probe ask for the others. Besides, our own processor time.
//
//     collectors_share --connection="host=127.0.0.1 port=5432 user=postgres dbname=postgres" --out=share.json
//
// A collection is due every 15 s. The goal of 10 ms of server time a second is 150 ms a collection, that of 0.5 % of a
// core 75 ms.

#include "../../support/contest.hpp"
#include "../../support/options.hpp"
#include "database.hpp"

#include <querytap/recording/recorder.hpp>
#include <querytap/runtime/collectors/collectors.hpp>
#include <querytap/servers/postgres/postgres_collector.hpp>
#include <querytap/servers/postgres/postgres_probe.hpp>
#include <querytap/testing/manual_clock.hpp>

#include <curl/curl.h>

#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>

namespace {

using namespace querytap;
using bench::database;
using namespace std::chrono_literals;

constexpr const char* exporter = "/usr/bin/prometheus-postgres-exporter";
constexpr int tables = 1000;
constexpr std::size_t collections = 20;  // of five minutes

// One table and its five statements a message; statements of one message are counted each by itself.
void fill(database& db) {
  db.query("set client_min_messages = warning");
  db.query("create extension if not exists pg_stat_statements");
  db.query("select pg_stat_statements_reset()");
  for (const char* const user : {"bench_querytap", "bench_exporter"}) {
    const std::string name{user};
    db.query("drop role if exists " + name);
    db.query("create role " + name + " login in role pg_monitor");
    db.query("alter role " + name + " set pg_stat_statements.track_planning = on");
  }
  for (int i = 0; i < tables; ++i) {
    const std::string table = "documents_" + std::to_string(i);
    db.query("create table if not exists " + table + "(id integer primary key, body text)");
    db.query("insert into " + table + " values (1, 'page'); select body from " + table +
             " where id = 1; select count(*) from " + table + "; update " + table +
             " set body = 'other' where id = 1; delete from " + table + " where id = 1");
  }
}

database* admin = nullptr;

/// In nanoseconds.
double server_time_where(const std::string& condition) {
  return 1e6 *
         std::stod(admin->query(
             "select coalesce(sum(total_exec_time + total_plan_time), 0) from pg_stat_statements s "
             "join pg_roles r on r.oid = s.userid where " +
             condition));
}

/// What both users' statements have taken.
double server_time() { return server_time_where("rolname like 'bench\\_%'"); }

/// The same without what the exporter has nothing of: statements, tables and indexes, and the look of a probe.
double shared_server_time() {
  return server_time_where(
      "rolname = 'bench_exporter' or rolname = 'bench_querytap' and query !~ "
      "'pg_stat_statements|as view, quote_ident|with locked as materialized|where relkind in|with "
      "position as'");
}

// Nobody listens there a moment later, unless by bad luck.
int free_port() {
  const int descriptor = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* const any = reinterpret_cast<sockaddr*>(&address);
  const bool is_bound =
      bind(descriptor, any, size) == 0 && getsockname(descriptor, any, &size) == 0;
  close(descriptor);
  if (!is_bound) throw std::runtime_error{"no free port"};
  return ntohs(address.sin_port);
}

/// The exporter, until it is destroyed.
class running_exporter {
 public:
  explicit running_exporter(const std::string& connection) {
    const std::string port = std::to_string(free_port());
    url_ = "http://127.0.0.1:" + port + "/metrics";
    const std::string listen = "--web.listen-address=127.0.0.1:" + port;
    process_ = fork();
    if (process_ == 0) {
      setenv("DATA_SOURCE_NAME", (connection + " sslmode=disable").c_str(), 1);
      std::freopen("/dev/null", "w", stderr);
      execl(exporter, exporter, listen.c_str(), static_cast<char*>(nullptr));
      _exit(127);
    }
    for (int i = 0; i < 100 && !scrape(); ++i) std::this_thread::sleep_for(50ms);
    if (scrape()) return;
    end();
    throw std::runtime_error{"the exporter does not answer"};
  }
  ~running_exporter() { end(); }
  running_exporter(const running_exporter&) = delete;
  running_exporter& operator=(const running_exporter&) = delete;

  [[nodiscard]] bool scrape() const {
    CURL* const request = curl_easy_init();
    curl_easy_setopt(request, CURLOPT_URL, url_.c_str());
    curl_easy_setopt(request, CURLOPT_TIMEOUT, 30L);
    curl_easy_setopt(
        request, CURLOPT_WRITEFUNCTION,
        +[](char*, std::size_t size, std::size_t count, void*) { return size * count; });
    long status = 0;
    const bool is_answered = curl_easy_perform(request) == CURLE_OK;
    curl_easy_getinfo(request, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_cleanup(request);
    return is_answered && status == 200;
  }

 private:
  void end() const {
    kill(process_, SIGTERM);
    waitpid(process_, nullptr, 0);
  }

  std::string url_;
  pid_t process_ = 0;
};

/// The collector and the probe, as often as they are due, with all that is done with their answers: the join, and the
/// collections of the recorder that it needs.
class own_view {
 public:
  explicit own_view(const std::string& connection)
      : probe_{{.connection_string = connection}},
        sources_{telemetry_,
                 {.sources = {std::make_shared<postgres_collector>(postgres_collector_options{
                      .connection_string = connection, .time = &time_})}}} {}

  void look(std::size_t calls) {
    for (; calls > 0; --calls) {
      sources_.ask_now();
      // Two looks of a check fall into its interval of 10 s.
      for (int i = 0; i < 3; ++i) {
        static_cast<void>(probe_.look(health_probe::deadline::clock::now() + 10s));
      }
      time_.advance(15s);
    }
  }

 private:
  recorder telemetry_{{.service_name = "bench"}};
  manual_clock time_;
  postgres_probe probe_;
  collectors sources_;
};

/// Of all threads of this process.
double process_time() {
  timespec used{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
  return static_cast<double>(used.tv_sec) * 1e9 + static_cast<double>(used.tv_nsec);
}

void measure(const std::string& connection, std::size_t rounds, const std::string& file) {
  database db{connection};
  admin = &db;
  fill(db);
  own_view ours{connection + " user=bench_querytap"};
  const running_exporter theirs{connection + " user=bench_exporter"};

  bench::contest on_server{"runtime/collectors/server_time", {.calls = collections}, server_time};
  on_server.add("prometheus_postgres_exporter", [&](std::size_t calls) {
    for (; calls > 0; --calls) static_cast<void>(theirs.scrape());
  });
  on_server.add("querytap", [&](std::size_t calls) { ours.look(calls); });
  on_server.run(rounds);
  on_server.print();

  bench::contest shared{
      "runtime/collectors/shared_metrics", {.calls = collections}, shared_server_time};
  shared.add("prometheus_postgres_exporter", [&](std::size_t calls) {
    for (; calls > 0; --calls) static_cast<void>(theirs.scrape());
  });
  shared.add("querytap", [&](std::size_t calls) { ours.look(calls); });
  shared.run(rounds);
  shared.print();

  bench::contest here{"runtime/collectors/own_time", {.calls = collections}, process_time};
  here.add("querytap", [&](std::size_t calls) { ours.look(calls); });
  here.run(rounds);
  here.print();
  on_server.write(file);
  shared.write(file.empty() ? file : file + ".shared.json");
  here.write(file.empty() ? file : file + ".own.json");
}

}  // namespace

int main(int argc, char** argv) try {
  bench::refuse_others(argc, argv, {"connection", "rounds", "out"});
  const std::string connection = bench::option(argc, argv, "connection", "");
  if (connection.empty() || access(exporter, X_OK) != 0) {
    std::puts(
        "runtime/collectors: skipped, for want of --connection=\"host=… user=…\" or of "
        "prometheus-postgres-exporter");
    return 0;
  }
  measure(connection, std::stoul(bench::option(argc, argv, "rounds", "5")),
          bench::option(argc, argv, "out", ""));
} catch (const std::exception& failure) {
  std::fprintf(stderr, "collectors_share: %s\n", failure.what());
  return 1;
}
