// MariaDB accepts sanitised statements with other values in the place of their `?`, and takes the
// same words for names.

#include "sample_statements.hpp"

#include <querytap/query/identify.hpp>
#include <support/mariadb_server.hpp>

#include <mysql.h>

#include <catch2/catch.hpp>

#include <memory>
#include <string>

namespace querytap::testing {
namespace {

struct mysql_closer {
  void operator()(MYSQL* db) const { mysql_close(db); }
};

void run(MYSQL* db, const std::string& sql) {
  CAPTURE(sql);
  REQUIRE(mysql_query(db, sql.c_str()) == 0);
}

std::string sql_mode(MYSQL* db) {
  run(db, "select @@sql_mode");
  MYSQL_RES* rows = mysql_store_result(db);
  const std::string mode = mysql_fetch_row(rows)[0];
  mysql_free_result(rows);
  return mode;
}

std::unique_ptr<MYSQL, mysql_closer> connect(const mariadb_server& server) {
  std::unique_ptr<MYSQL, mysql_closer> db{mysql_init(nullptr)};
  const MYSQL* connected = mysql_real_connect(db.get(), "127.0.0.1", "", "", nullptr,
                                              static_cast<unsigned>(server.port()), nullptr, 0);
  CAPTURE(mysql_error(db.get()));
  REQUIRE(connected != nullptr);
  run(db.get(), "create database samples");
  run(db.get(), "use samples");
  for (const std::string& sql : sample_schema()) run(db.get(), sql);
  return db;
}

/// Whether the server takes the word for the name of a table, which does not exist.
bool is_table_to(MYSQL* db, const std::string& word) {
  constexpr unsigned no_such_table = 1146;
  return mysql_query(db, ("select * from " + word).c_str()) != 0 &&
         mysql_errno(db) == no_such_table;
}

}  // namespace

TEST_CASE("MariaDB takes the same words that begin with digits for names") {
  const mariadb_server server;
  const auto db = connect(server);
  for (const char* word : {"2024_orders", "1st",  "12",    "1e5",   "1e5a",      "1ex",  "1e",
                           "0x1F",        "0xg1", "0x",    "0b101", "0b",        "0b12", "00x1",
                           "1$",          "5ec2", "550e8", "1_000", "9\xC3\xA9", "1.5"}) {
    CAPTURE(word);
    const auto identity = identify(std::string{"select * from "} + word, dialect::mysql);
    CHECK(is_table_to(db.get(), word) == !identity.tables.empty());
  }
}

TEST_CASE("MariaDB accepts every sample again with other values, under any sql_mode") {
  const mariadb_server server;
  const auto db = connect(server);
  const auto accepts = [&](const std::string& sql) {
    MYSQL_STMT* prepared = mysql_stmt_init(db.get());
    const int code = mysql_stmt_prepare(prepared, sql.data(), sql.size());
    mysql_stmt_close(prepared);
    return code == 0;
  };
  for (const std::string mode :
       {"", "ANSI_QUOTES", "NO_BACKSLASH_ESCAPES", "ANSI,NO_BACKSLASH_ESCAPES"}) {
    CAPTURE(mode);
    run(db.get(), "set sql_mode = '" + mode + "'");
    CHECK(refused(dialect::mysql, accepts, quoting_of_sql_mode(sql_mode(db.get()))) == "");
  }
}

}  // namespace querytap::testing
