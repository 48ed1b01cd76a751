// What becomes of a session: counted by the server as it is recorded, lost with the server and begun
// again, refused by a server that is full.

#include <querytap/calls/request.hpp>
#include <querytap/decorators/postgres.hpp>
#include <querytap/query/identify.hpp>
#include <querytap/testing/capture.hpp>
#include <support/postgres_server.hpp>
#include <support/wait.hpp>

#include <catch2/catch.hpp>

#include <signal.h>

#include <cctype>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <tuple>
#include <vector>

namespace {

using namespace querytap;
using namespace std::chrono_literals;
using querytap::testing::became_true;
using querytap::testing::postgres_server;

/// One that counts statements, and has few places.
postgres_server& counting_server() {
  static postgres_server server{
      {.settings = {"shared_preload_libraries=pg_stat_statements", "max_connections=6",
                    "superuser_reserved_connections=0"}}};
  return server;
}

using calls_by_statement = std::map<std::string, std::uint64_t>;

/// PostgreSQL's words have no case.
std::string lower_case(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

calls_by_statement recorded_by(capture& telemetry) {
  calls_by_statement calls;
  std::istringstream lines{telemetry.text_by_statement("db.client.operation.duration")};
  for (std::string line; std::getline(lines, line);) {
    const std::string text = line.substr(1, line.find("\" db.") - 1);
    calls[lower_case(text)] += std::stoull(line.substr(line.find(" count=") + 7));
  }
  return calls;
}

calls_by_statement counted_by_server(pqxx::connection_base& db) {
  calls_by_statement calls;
  for (const auto& row :
       pqxx::nontransaction{db}.exec("select query, calls from pg_stat_statements"))
    calls[lower_case(identify(row[0].c_str(), dialect::postgresql).text)] +=
        row[1].as<std::uint64_t>();
  return calls;
}

std::string text_of(const calls_by_statement& calls) {
  std::string text;
  for (const auto& [statement, count] : calls)
    if (count != 0) text += statement + ": " + std::to_string(count) + '\n';
  return text;
}

void use_all_kinds_of_calls(postgres::connection& db) {
  {
    postgres::work tx{db};
    for (int i = 0; i < 7; ++i) tx.exec_params("select n from page where n < $1", i);
    for (int i = 0; i < 5; ++i) tx.exec_prepared("add", 100 + i);
    {
      postgres::subtransaction part{tx};
      part.exec("update page set n = n + 1000 where n = 3");
      postgres::subtransaction inner{part};
      inner.exec("delete from page where n = 4");
      inner.commit();
    }
    postgres::stream_to into{tx, "page"};
    for (int i = 200; i < 210; ++i) into << std::make_tuple(i);
    into.complete();
    std::string line;
    postgres::stream_from from{tx, "page"};
    while (from.get_raw_line(line)) {
    }
    from.complete();
    postgres::icursorstream pages{tx, "select n from page order by n", "pages", 10};
    for (pqxx::result rows; pages >> rows;) {
    }
    tx.commit();
  }
  postgres::nontransaction session{db};
  session.exec("begin");
  session.exec("select n from page where n = 1");
  session.exec("commit");
  session.exec("set application_name = 'pages'");
}

void try_until_it_works(postgres::connection& db, int& failures) {
  CHECK(became_true([&] {
    try {
      postgres::nontransaction{db}.exec("select 1");
      return true;
    } catch (const pqxx::broken_connection&) {
      ++failures;
      return false;
    }
  }));
}

std::vector<std::shared_ptr<const finding>> lost_sessions(recorder& recorder) {
  std::vector<std::shared_ptr<const finding>> found;
  for (const auto& seen : recorder.collect().findings) {
    if (seen->kind == finding_kind::lost_session) found.push_back(seen);
  }
  return found;
}

}  // namespace

TEST_CASE("the server has counted the calls that were recorded", "[postgres]") {
  const std::string server = counting_server().connection_string();
  pqxx::connection observer{server};
  {
    pqxx::nontransaction session{observer};
    session.exec("create extension if not exists pg_stat_statements");
    session.exec("drop table if exists page; create table page(n int)");
    session.exec("insert into page select generate_series(0, 20)");
  }
  capture telemetry;
  {
    postgres::connection db{telemetry.recorder(), server};
    db.prepare("add", "insert into page values ($1)");
    pqxx::nontransaction{observer}.exec("select pg_stat_statements_reset()");
    use_all_kinds_of_calls(db);
  }
  calls_by_statement counted = counted_by_server(observer);
  calls_by_statement recorded = recorded_by(telemetry);
  std::erase_if(counted,
                [](const auto& call) { return call.first.find("pg_stat") != call.first.npos; });
  // libpqxx asks a cursor for no rows when it is declared, and closes it after its transaction, which the
  // server refuses: neither is of the application.
  CHECK(counted["fetch ? in ?"] == recorded["fetch ? in ?"] + 1);
  counted["fetch ? in ?"] -= 1;
  CHECK(recorded.count("close ?") == 0);
  CHECK(text_of(recorded) == text_of(counted));
  CHECK(recorded["select n from page where n < ?"] == 7);
  CHECK(recorded["insert into page values (?)"] == 5);
}

TEST_CASE("rows are those that the server returned", "[postgres]") {
  const std::string server = counting_server().connection_string();
  pqxx::connection observer{server};
  pqxx::nontransaction session{observer};
  session.exec("create extension if not exists pg_stat_statements");
  session.exec("select pg_stat_statements_reset()");
  capture telemetry;
  {
    postgres::connection db{telemetry.recorder(), server};
    postgres::nontransaction decorated{db};
    for (const int rows : {0, 3, 40}) {
      decorated.exec_params("select m from generate_series(1, $1) m", rows);
      decorated.exec_n(2, "select m from generate_series(1, 2) m");
    }
  }
  const auto counted = session.exec1(
      "select sum(rows) from pg_stat_statements where query like '%generate_series%'");
  CHECK(counted[0].as<int>() == 43 + 6);
  CHECK_THAT(telemetry.text("db.client.response.returned_rows"),
             Catch::Contains("db.query.summary=select generate_series") &&
                 Catch::Contains(" count=6 sum=49 "));
}

TEST_CASE("a session that ends and is begun again silently is counted and reported", "[postgres]") {
  capture telemetry;
  const std::string server = postgres_server::shared().connection_string();
  postgres::connection db{telemetry.recorder(), server};
  db.set_variable("application_name", "survives");
  db.prepare("number", "select $1::int");
  const int first = db.server_pid();
  postgres::nontransaction{db}.exec("set lock_timeout = '7s'");
  {
    pqxx::connection administrator{server};
    pqxx::nontransaction{administrator}.exec_params("select pg_terminate_backend($1)", first);
  }
  int failures = 0;
  try_until_it_works(db, failures);
  CHECK(failures >= 1);
  const int second = db.server_pid();
  CHECK(second != first);
  CHECK(telemetry.text("querytap.connection.reconnects") == "db.system.name=postgresql value=1");

  const auto found = lost_sessions(telemetry.recorder());
  REQUIRE(found.size() == 1);
  CHECK(found[0]->message == "the session with server process " + std::to_string(first) +
                                 " ended, and libpqxx went on in a new one, " +
                                 std::to_string(second) + ", without an error");
  CHECK(found[0]->system == "postgresql");
  CHECK_THAT(found[0]->site.file, Catch::EndsWith("session_test.cpp"));
  // What the advice says.
  postgres::nontransaction session{db};
  CHECK(session.exec1("show application_name")[0].as<std::string>() == "survives");
  CHECK(session.exec_prepared1("number", 7)[0].as<int>() == 7);
  CHECK(session.exec1("show lock_timeout")[0].as<std::string>() == "0");
  pqxx::connection observer{server};
  CHECK(pqxx::nontransaction{observer}
            .exec_params1("select count(*) from pg_stat_activity where pid = $1", second)[0]
            .as<int>() == 1);
}

TEST_CASE("a server that is killed and started again costs its session, not the connection",
          "[postgres]") {
  capture telemetry;
  postgres_server& server = counting_server();
  postgres::connection db{telemetry.recorder(), server.connection_string()};
  {
    postgres::work tx{db, "interrupted"};
    tx.exec("select 1");
    server.kill();
    server.recover();
    CHECK_THROWS(tx.exec("select 1"));
  }
  int failures = 0;
  try_until_it_works(db, failures);
  CHECK(lost_sessions(telemetry.recorder()).size() == 1);
  CHECK(telemetry.text("querytap.connection.reconnects") == "db.system.name=postgresql value=1");
  CHECK_NOTHROW(postgres::work{db}.exec("select 1"));
}

TEST_CASE("a COMMIT that a stopped server does not answer is shown as running", "[postgres]") {
  capture telemetry;
  postgres::connection db{telemetry.recorder(), postgres_server::shared().connection_string()};
  postgres::work tx{db};
  tx.exec("create temporary table t()");
  REQUIRE(kill(db.server_pid(), SIGSTOP) == 0);
  std::thread caller{[&] { tx.commit(); }};
  CHECK(became_true([&] { return !telemetry.recorder().collect().active.empty(); }));
  kill(db.server_pid(), SIGCONT);
  caller.join();
  CHECK_THAT(telemetry.text("db.client.operation.duration"),
             Catch::Contains("db.query.summary=COMMIT"));
}

TEST_CASE("a server without a free place is known by its SQLSTATE", "[postgres]") {
  recorder recorder{{.service_name = "test"}};
  const std::string server = counting_server().connection_string();
  std::vector<std::unique_ptr<postgres::connection>> connections;
  const auto fill = [&] {
    const request request{recorder, "POST /pages"};
    for (int i = 0; i < 8; ++i)
      connections.push_back(std::make_unique<postgres::connection>(recorder, server));
  };
  CHECK_THROWS_WITH(fill(), Catch::Contains("too many clients"));
  CHECK(connections.size() <= 6);
  const auto requests = recorder.collect().requests;
  REQUIRE(requests.size() == 1);
  CHECK(requests[0]->error_type == "53300");
}

TEST_CASE("tags stand behind what is executed at once, and in no prepared statement",
          "[postgres]") {
  capture telemetry;
  postgres::connection db{telemetry.recorder(),
                          postgres_server::shared().connection_string(),
                          {.comment = sql_comment{{{"route", "POST /chat"}}}}};
  const std::string own_text = "select current_query()";
  const std::string tag = " /*route='POST%20%2Fchat'*/";
  db.prepare("own_text", own_text);
  {
    postgres::work tx{db};
    CHECK(tx.exec1(own_text)[0].as<std::string>() == own_text + tag);
    CHECK(tx.exec(own_text)[0][0].as<std::string>() == own_text + tag);
    CHECK(tx.exec_params1(own_text + " where 1 = $1", 1)[0].as<std::string>() ==
          own_text + " where 1 = $1" + tag);
    CHECK(tx.exec_prepared1("own_text")[0].as<std::string>() == own_text);
  }
  CHECK_THAT(telemetry.text_by_statement("db.client.operation.duration"),
             !Catch::Contains("route"));
}
