// Measuring what a code base has already, without a change to who opens connections. Compiled and not run.

#include <querytap/decorators/postgres.hpp>
#include <querytap/decorators/sqlite.hpp>
#include <querytap/querytap.hpp>

#include <sqlite3.h>

#include <string>

// [readme]
void move_stock(querytap::recorder& recorder, pqxx::connection& connection) {
  auto db = querytap::postgres::observe(recorder, connection);  // new
  pqxx::work plain{connection};
  auto tx = querytap::postgres::observe(db, plain);  // new; `plain` was called `tx`
  tx.exec("update stock set amount = amount - 1 where article = 'tea'");
  tx.exec_params("insert into movements(article) values ($1)", "tea");
  tx.commit();
}

void rebuild_index(querytap::recorder& recorder, sqlite3* db) {
  const auto watched = querytap::sqlite::observe(recorder, db);  // new
  sqlite3_exec(db, "insert into pages(pages) values ('rebuild')", nullptr, nullptr, nullptr);
}
// [/readme]
