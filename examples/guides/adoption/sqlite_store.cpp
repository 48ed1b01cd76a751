// A store that is written against SQLite's C API, with other types. Compiled and not run.

#include <querytap/decorators/sqlite.hpp>
#include <querytap/decorators/sqlite/c_api.hpp>
#include <querytap/querytap.hpp>

#include <string>

// [readme]
namespace sqlite = querytap::sqlite;

std::string find_body(sqlite::connection& db, int id) {  // was: sqlite3* db
  sqlite::statement search;                              // was: sqlite3_stmt* search = nullptr
  sqlite3_prepare_v2(db, "select body from documents where id = ?", -1, &search, nullptr);
  sqlite3_bind_int(search, 1, id);
  std::string body;
  if (sqlite3_step(search) == SQLITE_ROW) {
    body = reinterpret_cast<const char*>(sqlite3_column_text(search, 0));
  }
  sqlite3_finalize(search);
  return body;
}
// [/readme]
