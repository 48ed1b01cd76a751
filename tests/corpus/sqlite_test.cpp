// SQLite accepts sanitised statements with other values in the place of their `?`.

#include "sample_statements.hpp"

#include <sqlite3.h>

#include <catch2/catch.hpp>

#include <memory>

namespace querytap::testing {
namespace {

struct sqlite_closer {
  void operator()(sqlite3* db) const { sqlite3_close(db); }
};

std::unique_ptr<sqlite3, sqlite_closer> database() {
  sqlite3* db = nullptr;
  REQUIRE(sqlite3_open(":memory:", &db) == SQLITE_OK);
  for (const std::string& sql : sample_schema()) {
    REQUIRE(sqlite3_exec(db, sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK);
  }
  // SQLite has the operator; the function behind it comes from the application.
  const auto regexp = [](sqlite3_context*, int, sqlite3_value**) {};
  sqlite3_create_function(db, "regexp", 2, SQLITE_UTF8, nullptr, regexp, nullptr, nullptr);
  return std::unique_ptr<sqlite3, sqlite_closer>{db};
}

}  // namespace

TEST_CASE("SQLite accepts every sample again with other values") {
  const auto db = database();
  CHECK(refused(dialect::sqlite, [&](const std::string& sql) {
          sqlite3_stmt* prepared = nullptr;
          const int code = sqlite3_prepare_v2(db.get(), sql.c_str(), -1, &prepared, nullptr);
          sqlite3_finalize(prepared);
          return code == SQLITE_OK;
        }) == "");
}

}  // namespace querytap::testing
