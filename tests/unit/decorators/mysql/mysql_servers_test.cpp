// Servers that are counted on, encrypted, full, stopped, killed and started again, in the middle of it.

#include <querytap/calls/request.hpp>
#include <querytap/decorators/mysql.hpp>
#include <querytap/servers/mysql.hpp>
#include <querytap/testing/capture.hpp>
#include <support/bare_mysql.hpp>
#include <support/mariadb_server.hpp>
#include <support/text.hpp>
#include <support/wait.hpp>
#include <unit/runtime/slow_call.hpp>

#include <catch2/catch.hpp>

#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace querytap;
using namespace std::chrono_literals;
using querytap::testing::ask;
using querytap::testing::bare_mysql;
using querytap::testing::became_true;
using querytap::testing::connect_bare;
using querytap::testing::mariadb_server;
using querytap::testing::temporary_folder;

bool connect(mysql::connection& db, const mariadb_server& server) {
  return mysql_real_connect(&db, "127.0.0.1", "root", "", nullptr,
                            static_cast<unsigned>(server.port()), nullptr, 0) != nullptr;
}

void run(mysql::connection& db, const std::string& sql) {
  REQUIRE(mysql_query(&db, sql.c_str()) == 0);
  mysql_free_result(mysql_store_result(&db));
}

/// Certificates for 127.0.0.1, which are their own authority.
struct certificates {
  certificates() {
    const auto made = querytap::testing::run(
        {"/usr/bin/openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj",
         "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key(), "-out",
         certificate()});
    if (made.exit_code != 0) throw std::runtime_error{made.output};
  }
  [[nodiscard]] std::string key() const { return (folder.path() / "key.pem").string(); }
  [[nodiscard]] std::string certificate() const { return (folder.path() / "cert.pem").string(); }

  temporary_folder folder;
};

/// How many operations there were, by summary.
std::map<std::string, std::uint64_t> counted(recorder& recorder) {
  std::map<std::string, std::uint64_t> counts;
  for (const point& point : recorder.collect().find("db.client.operation.duration")) {
    const attribute_value* const name = point.series->labels.find("db.query.summary");
    if (name != nullptr) counts[to_string(attributes{{"", *name}})] += point.histogram->count();
  }
  return counts;
}

}  // namespace

TEST_CASE("calls and rows are as many as the server counts, encrypted too", "[mysql]") {
  const certificates own;
  mariadb_server server{{"--performance-schema=ON", "--ssl-cert=" + own.certificate(),
                         "--ssl-key=" + own.key(), "--max-connections=10"}};
  const bare_mysql observer = connect_bare(server);
  ask(observer.get(), "create database zoo");
  const auto status = [&](const std::string& name) {
    return std::stoull(ask(observer.get(),
                           "select variable_value from "
                           "information_schema.global_status where "
                           "variable_name = '" +
                               name + "'"));
  };
  recorder telemetry{{.service_name = "test"}};
  mysql::connection db{telemetry};
  const my_bool yes = 1;
  mysql_ssl_set(&db, nullptr, nullptr, own.certificate().c_str(), nullptr, nullptr);
  mysql_options(&db, MYSQL_OPT_SSL_ENFORCE, &yes);
  mysql_options(&db, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, &yes);
  REQUIRE(connect(db, server));
  CHECK(mysql_get_ssl_cipher(&db) != nullptr);
  REQUIRE(mysql_select_db(&db, "zoo") == 0);
  run(db, "create table animals(id int primary key, name varchar(40))");

  const std::vector<std::string> commands{"COM_INSERT",   "COM_UPDATE", "COM_COMMIT",
                                          "COM_ROLLBACK", "COM_BEGIN",  "COM_STMT_EXECUTE"};
  std::map<std::string, std::uint64_t> before;
  for (const std::string& command : commands) before[command] = status(command);
  for (int i = 0; i < 7; ++i) {
    run(db, "begin");
    run(db, "insert into animals values (" + std::to_string(i) + ", 'x')");
    run(db, "update animals set name = 'y' where id = " + std::to_string(i));
    CHECK((i < 5 ? mysql_commit(&db) : mysql_rollback(&db)) == 0);
  }
  mysql::statement* const statement = mysql_stmt_init(&db);
  REQUIRE(mysql_stmt_prepare(statement, "delete from animals where id < 0", 32) == 0);
  for (int i = 0; i < 3; ++i) CHECK(mysql_stmt_execute(statement) == 0);
  for (int i = 0; i < 4; ++i) run(db, "select id, name from animals where id > -1");
  mysql_stmt_close(statement);
  const auto counts = counted(telemetry);
  const auto since = [&](const std::string& command) {
    return status(command) - before.at(command);
  };
  CHECK(counts.at("=insert animals") == since("COM_INSERT"));
  CHECK(counts.at("=update animals") == since("COM_UPDATE"));
  CHECK(counts.at("=COMMIT") == since("COM_COMMIT"));
  CHECK(counts.at("=ROLLBACK") == since("COM_ROLLBACK"));
  CHECK(counts.at("=begin") == since("COM_BEGIN"));
  CHECK(counts.at("=delete animals") == since("COM_STMT_EXECUTE"));
  // Rows, by the server's digests: 5 rows in each of 4 answers. The server counts after it has answered.
  const std::string digests =
      " from performance_schema.events_statements_summary_by_digest "
      "where digest_text like 'SELECT % FROM `animals` WHERE%'";
  const std::string selects = std::to_string(counts.at("=select animals"));
  CHECK(became_true(
      [&] { return ask(observer.get(), "select sum(count_star)" + digests) == selects; }));
  const auto rows = telemetry.collect().find("db.client.response.returned_rows");
  std::uint64_t returned = 0;
  for (const point& point : rows) returned += static_cast<std::uint64_t>(point.histogram->sum());
  CHECK(ask(observer.get(), "select sum(sum_rows_sent)" + digests) == std::to_string(returned));

  SECTION("and an inspector may be encrypted as well") {
    mysql_inspector plans{{.host = "127.0.0.1",
                           .port = static_cast<std::uint16_t>(server.port()),
                           .user = "root",
                           .database = "zoo",
                           .tls_authority = own.certificate()}};
    CHECK(plans
              .explain(querytap::testing::slow_call("mariadb", "select name from animals"),
                       std::chrono::steady_clock::now() + 10s)
              .plan.root.table == "animals");
  }
  SECTION("and a full server refuses by its number") {
    std::vector<bare_mysql> others;
    try {
      for (;;) others.push_back(connect_bare(server));
    } catch (const std::runtime_error&) {
    }
    CHECK(others.size() >= 8);
    mysql::connection refused{telemetry};
    const auto serve = [&] {
      const request request{telemetry, "GET /animals"};
      if (!connect(refused, server)) throw mysql::error{&refused};
    };
    CHECK_THROWS_AS(serve(), mysql::error);
    CHECK(mysql_errno(&refused) == 1040);
    const auto requests = telemetry.collect().requests;
    REQUIRE(requests.size() == 1);
    CHECK(requests[0]->error_type == "1040");
    others.pop_back();
    CHECK(became_true([&] { return connect(refused, server); }));
  }
}

TEST_CASE("a server that stands still, dies and comes back is seen from the client", "[mysql]") {
  mariadb_server server;
  recorder telemetry{{.service_name = "test"}};
  mysql::connection db{telemetry};
  REQUIRE(connect(db, server));
  run(db, "select 1");

  server.pause();
  std::thread caller{[&] { run(db, "select 2"); }};
  CHECK(became_true([&] { return telemetry.collect().active.size() == 1; }));
  server.resume();
  caller.join();
  CHECK(telemetry.collect().active.empty());
  CHECK(counted(telemetry).at("=select") == 2);

  server.crash();
  CHECK(mysql_query(&db, "select 3") != 0);
  const unsigned lost = mysql_errno(&db);
  CHECK((lost == 2006 || lost == 2013));
  const auto reports = telemetry.collect().call_reports;
  REQUIRE(reports.size() == 1);
  CHECK(reports[0]->error_type == std::to_string(lost));
  CHECK(reports[0]->status_code.empty());

  server.restart();
  mysql::connection next{telemetry};
  REQUIRE(connect(next, server));
  run(next, "select 4");
  CHECK(counted(telemetry).at("=select") == 4);
}

TEST_CASE("a connection that reconnects by itself goes on being measured", "[mysql]") {
  recorder telemetry{{.service_name = "test"}};
  mariadb_server& server = mariadb_server::shared();
  mysql::connection db{telemetry};
  const my_bool yes = 1;
  mysql_options(&db, MYSQL_OPT_RECONNECT, &yes);
  REQUIRE(connect(db, server));
  const unsigned long first = mysql_thread_id(&db);
  ask(connect_bare(server).get(), "kill " + std::to_string(first));
  CHECK(became_true([&] {
    if (mysql_query(&db, "select 1") != 0) return false;
    mysql_free_result(mysql_store_result(&db));
    return mysql_thread_id(&db) != first;
  }));
  run(db, "select 2");
  CHECK(counted(telemetry).at("=select") >= 2);
}
