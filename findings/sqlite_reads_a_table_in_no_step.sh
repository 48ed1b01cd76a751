#!/usr/bin/env bash
# SQLite 3.40.1 (Debian libsqlite3-dev 3.40.1-2+deb12u2)
#
# Expected: sqlite3_stmt_status() counts in SQLITE_STMTSTATUS_FULLSCAN_STEP the rows of full table
#           scans, so that 0 means that there was none.
# Instead:  count(*) without WHERE reads every page of the table, and the plan says SCAN, but the
#           counter is 0; so it is for DELETE of everything. Elsewhere it is one less than there are
#           rows: steps are counted, and the first row takes none.
set -euo pipefail
# shellcheck source=findings/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

debian libsqlite3-dev=3.40.1-2+deb12u2 libsqlite3-0=3.40.1-2+deb12u2

say 'statements on a table of 1,000 rows, with their plan and their counter'
build scans -lsqlite3 <<'CPP'
#include <sqlite3.h>

#include <cstdio>
#include <string>

sqlite3* db = nullptr;

std::string plan(const std::string& sql) {
  sqlite3_stmt* statement = nullptr;
  sqlite3_prepare_v2(db, ("explain query plan " + sql).c_str(), -1, &statement, nullptr);
  std::string text = "no plan";
  if (sqlite3_step(statement) == SQLITE_ROW)
    text = reinterpret_cast<const char*>(sqlite3_column_text(statement, 3));
  sqlite3_finalize(statement);
  return text;
}

void run(const char* sql) {
  sqlite3_stmt* statement = nullptr;
  sqlite3_prepare_v2(db, sql, -1, &statement, nullptr);
  while (sqlite3_step(statement) == SQLITE_ROW) {
  }
  std::printf("%s: %s, FULLSCAN_STEP %d\n", sql, plan(sql).c_str(),
              sqlite3_stmt_status(statement, SQLITE_STMTSTATUS_FULLSCAN_STEP, 0));
  sqlite3_finalize(statement);
}

int main() {
  std::printf("SQLite %s\n", sqlite3_libversion());
  sqlite3_open(":memory:", &db);
  sqlite3_exec(db,
               "create table calls (id integer primary key, kind int);"
               "with recursive n(i) as (select 1 union all select i + 1 from n where i < 1000)"
               " insert into calls select i, i % 10 from n",
               nullptr, nullptr, nullptr);
  run("select sum(kind) from calls");
  run("select count(*) from calls where kind = 3");
  run("select count(*) from calls");
  run("delete from calls");
  sqlite3_close(db);
}
CPP
show "$folder/scans"
expect <<'TEXT'
SQLite 3.40.1
select sum(kind) from calls: SCAN calls, FULLSCAN_STEP 999
select count(*) from calls where kind = 3: SCAN calls, FULLSCAN_STEP 999
select count(*) from calls: SCAN calls, FULLSCAN_STEP 0
delete from calls: no plan, FULLSCAN_STEP 0
TEXT
