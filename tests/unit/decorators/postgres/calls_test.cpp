// Calls of libpqxx beyond exec(): each is an operation that says what it was, from which line.

#include <querytap/decorators/postgres.hpp>
#include <querytap/decorators/postgres/tablereader.hpp>
#include <querytap/decorators/postgres/tablewriter.hpp>
#include <querytap/testing/capture.hpp>
#include <support/postgres_server.hpp>
#include <support/text.hpp>

#include <catch2/catch.hpp>

#include <string>
#include <tuple>
#include <vector>

namespace {

using namespace querytap;
using namespace std::chrono_literals;
using querytap::testing::lines_up_to;
using querytap::testing::postgres_server;
using querytap::testing::without;

struct calls_fixture {
  capture telemetry;
  std::string server = postgres_server::shared().connection_string();
  postgres::connection db{telemetry.recorder(), server};

  std::string calls() { return of_metric("db.client.operation.duration"); }
  std::string rows() { return of_metric("db.client.response.returned_rows"); }

 private:
  std::string of_metric(std::string_view name) {
    std::string text = telemetry.text(name);
    for (const std::string part : {"db.namespace=postgres ", "db.system.name=postgresql ",
                                   "db.query.summary=", "server.address=127.0.0.1 "})
      text = without(text, part);
    return lines_up_to(
        " sum=",
        without(text, "server.port=" + std::to_string(postgres_server::shared().port()) + ' '));
  }
};

/// A helper of an application, which stays in its .cpp file.
int count_of(postgres::transaction_base& tx) { return tx.exec1("select 1")[0].as<int>(); }

class count_in_transaction : public postgres::transactor<> {
 public:
  explicit count_in_transaction(int& result) : transactor{"count"}, result_{result} {}
  void operator()(argument_type& tx) { result_ = count_of(tx); }

 private:
  int& result_;
};

}  // namespace

TEST_CASE_METHOD(calls_fixture, "a helper takes any kind of transaction, and is measured",
                 "[postgres]") {
  postgres::work tx{db};
  count_of(tx);
  {
    postgres::subtransaction part{tx};
    count_of(part);
  }
  tx.abort();
  postgres::nontransaction session{db};
  count_of(session);
  CHECK(calls() ==
        "BEGIN count=1\n"
        "ROLLBACK count=2\n"
        "SAVEPOINT count=1\n"
        "select count=3");
}

TEST_CASE_METHOD(calls_fixture, "an application's own connection and transaction are measured too",
                 "[postgres]") {
  pqxx::connection plain{server};
  auto observed = postgres::observe(telemetry.recorder(), plain);
  {
    pqxx::work theirs{plain};  // BEGIN by whoever made it
    auto tx = postgres::observe(observed, theirs);
    tx.exec("select 1 as in_theirs");
    postgres::subtransaction part{tx};
    part.exec("select 2 as in_part");
    part.commit();
    tx.commit();
  }
  {
    pqxx::nontransaction theirs{plain};
    pqxx::transaction_base& base = theirs;
    postgres::observe(observed, base).exec_params("select $1::int as in_base", 3);
  }
  postgres::work ours{observed};
  CHECK(calls() ==
        "BEGIN count=1\n"
        "COMMIT count=1\n"
        "RELEASE count=1\n"
        "SAVEPOINT count=1\n"
        "select count=3");
}

TEST_CASE_METHOD(calls_fixture, "a pipeline is a batch, with its size", "[postgres]") {
  recorder recorder{{.service_name = "test"}};
  postgres::connection slow{recorder, server, {.slow_threshold = 1ns}};
  postgres::nontransaction session{slow};
  postgres::pipeline batch{session};
  batch.retain(3);
  for (int i = 0; i < 3; ++i) batch.insert("select n from generate_series(1, 2) n");
  const auto line = static_cast<std::uint32_t>(__LINE__) + 1;
  while (!batch.empty()) batch.retrieve();
  const auto report = recorder.collect().call_reports.at(0);
  CHECK(report->statement->summary == "BATCH select generate_series");
  CHECK(report->batch_size == 3);
  CHECK(report->rows == 6);
  CHECK(report->site.line == line);
  batch.insert("select 1 as single");
  batch.complete();
  batch.retrieve();
  const auto single = recorder.collect().call_reports.at(0);
  CHECK(single->statement->text == "select ? as single");
  CHECK(single->batch_size == 0);
}

TEST_CASE_METHOD(calls_fixture, "a COPY is one call with its rows, and fails where it ends",
                 "[postgres]") {
  {
    postgres::work tx{db};
    tx.exec("create temporary table t(n int)");
    postgres::stream_to{tx, "t"} << std::make_tuple(1) << std::make_tuple(2);
    std::string line;
    postgres::stream_from reader{tx, "t", std::vector<std::string>{"n"}};
    while (reader.get_raw_line(line)) {
    }
    reader.complete();
    postgres::stream_to{tx, "t"} << std::make_tuple("seven");
    CHECK_THROWS_AS(tx.commit(), pqxx::failure);
  }
  CHECK(calls() ==
        "BEGIN count=1\n"
        "COMMIT error.type=failure count=1\n"
        "COPY t db.response.status_code=22P02 error.type=22P02 count=1\n"
        "COPY t count=2\n"
        "ROLLBACK count=1\n"
        "create table t count=1");
  CHECK(rows() == "COPY t count=1");
}

TEST_CASE_METHOD(calls_fixture, "deprecated ways of libpqxx are measured as well", "[postgres]") {
  db.prepare("next", "select $1::int + 1");
  int counted = 0;
  db.perform(count_in_transaction{counted});
  CHECK(counted == 1);
  postgres::work tx{db};
  CHECK(tx.prepared("next")(7).exec()[0][0].as<int>() == 8);
  CHECK(tx.prepared("next").exists());
  CHECK(tx.parameterized("select $1::int - 1 as before")(7).exec()[0][0].as<int>() == 6);
  tx.exec("create temporary table t(a int, b text)");
  {
    postgres::tablewriter writer{tx, "t"};
    writer << std::vector<std::string>{"1", "one"};
    writer.complete();
  }
  postgres::tablereader reader{tx, "t"};
  std::vector<std::string> row;
  reader >> row;
  CHECK(row == std::vector<std::string>{"1", "one"});
  reader.complete();
  CHECK(calls() ==
        "BEGIN count=2\n"
        "COMMIT count=1\n"
        "COPY t count=2\n"
        "create table t count=1\n"
        "select count=3");
}

TEST_CASE_METHOD(calls_fixture, "variables that libpqxx knows are not asked for again",
                 "[postgres]") {
  db.set_variable("lock_timeout", "7");
  CHECK(db.get_variable("lock_timeout") == "7");
  CHECK(db.get_variable("work_mem") == "4MB");
  CHECK(calls() ==
        "SET lock_timeout count=1\n"
        "SHOW work_mem count=1");
}

TEST_CASE_METHOD(calls_fixture, "a statement is prepared and dropped once", "[postgres]") {
  db.prepare("never", "select 1");
  db.unprepare("never");
  db.prepare("once", "select $1::int");
  db.prepare_now("once");
  db.prepare_now("once");
  postgres::nontransaction{db}.exec_prepared("once", 1);
  db.unprepare("once");
  CHECK(calls() ==
        "DEALLOCATE count=1\n"
        "PREPARE count=1\n"
        "select count=1");
}

TEST_CASE_METHOD(calls_fixture, "a lazy connection connects on its first call, in time of its own",
                 "[postgres]") {
  postgres::lazyconnection later{telemetry.recorder(), server};
  later.prepare("number", "select $1::int");
  CHECK(later.server_pid() == 0);
  CHECK(postgres::nontransaction{later}.exec_prepared1("number", 7)[0].as<int>() == 7);
  CHECK(later.server_pid() != 0);
  CHECK_THAT(telemetry.text("querytap.operation.phase.duration"),
             Catch::Contains("querytap.phase=connect count=2"));
  postgres::asyncconnection soon{telemetry.recorder(), server};
  CHECK(postgres::nontransaction{soon}.exec("select 1").size() == 1);
  postgres::nullconnection never{telemetry.recorder(), server};
  CHECK_THROWS_AS(postgres::work{never}, pqxx::broken_connection);
  CHECK(telemetry.text("querytap.connection.reconnects").empty());
}

TEST_CASE_METHOD(calls_fixture, "transactions are timed, those that are begun by a text too",
                 "[postgres]") {
  {
    postgres::work tx{db};
    tx.exec("select 1");
    tx.commit();
  }
  { postgres::transaction<pqxx::serializable> dropped{db}; }
  postgres::nontransaction session{db};
  session.exec("begin");
  session.exec("savepoint a");
  session.exec("rollback to a");
  session.exec("commit");
  const std::string durations = telemetry.text("querytap.transaction.duration");
  CHECK_THAT(durations, Catch::Contains("committed") && Catch::Contains("count=2"));
  CHECK_THAT(durations, Catch::Contains("rolled_back") && Catch::Contains("count=1"));
}
