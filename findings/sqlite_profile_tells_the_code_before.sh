#!/usr/bin/env bash
# SQLite 3.40.1 (Debian libsqlite3-dev 3.40.1-2+deb12u2)
#
# Expected: SQLITE_TRACE_PROFILE comes when a statement has finished: in its callback
#           sqlite3_errcode() tells whether it failed.
# Instead:  the connection's code is set after the callback. There it is still that of the call before:
#           0 after a prepare, so that a failed statement looks like a success; and where prepared
#           statements are stepped again, a failure is seen in the callback of the one after it.
set -euo pipefail
# shellcheck source=findings/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

debian libsqlite3-dev=3.40.1-2+deb12u2 libsqlite3-0=3.40.1-2+deb12u2

say 'what the callback sees of each statement, and what sqlite3_step() returns then'
build profile -lsqlite3 <<'CPP'
#include <sqlite3.h>

#include <cstdio>

sqlite3* db = nullptr;

int on_profile(unsigned, void*, void*, void*) {
  std::printf("sqlite3_errcode() in the callback %3d, ", sqlite3_errcode(db));
  return 0;
}

sqlite3_stmt* prepared(const char* sql) {
  sqlite3_stmt* statement = nullptr;
  sqlite3_prepare_v2(db, sql, -1, &statement, nullptr);
  return statement;
}

void step(sqlite3_stmt* statement) {
  std::printf("    %s: ", sqlite3_sql(statement));
  std::printf("sqlite3_step() %3d\n", sqlite3_step(statement));
}

void run(const char* sql) {
  sqlite3_stmt* statement = prepared(sql);
  step(statement);
  sqlite3_finalize(statement);
}

void run_again(sqlite3_stmt* statement) {
  step(statement);
  sqlite3_reset(statement);
}

int main() {
  std::printf("SQLite %s\n", sqlite3_libversion());
  sqlite3_open(":memory:", &db);
  sqlite3_exec(db, "create table users (name text unique)", nullptr, nullptr, nullptr);
  sqlite3_trace_v2(db, SQLITE_TRACE_PROFILE, on_profile, nullptr);

  std::printf("prepared each time\n");
  run("insert into users values ('ann')");
  run("insert into users values ('ann')");
  run("delete from users");

  std::printf("prepared once\n");
  sqlite3_stmt* insert = prepared("insert into users values ('ann')");
  sqlite3_stmt* remove = prepared("delete from users");
  run_again(insert);
  run_again(insert);
  run_again(remove);
  run_again(insert);
  sqlite3_finalize(insert);
  sqlite3_finalize(remove);
  sqlite3_close(db);
}
CPP
show "$folder/profile"
expect <<'TEXT'
SQLite 3.40.1
prepared each time
    insert into users values ('ann'): sqlite3_errcode() in the callback   0, sqlite3_step() 101
    insert into users values ('ann'): sqlite3_errcode() in the callback   0, sqlite3_step()  19
    delete from users: sqlite3_errcode() in the callback   0, sqlite3_step() 101
prepared once
    insert into users values ('ann'): sqlite3_errcode() in the callback   0, sqlite3_step() 101
    insert into users values ('ann'): sqlite3_errcode() in the callback   0, sqlite3_step()  19
    delete from users: sqlite3_errcode() in the callback  19, sqlite3_step() 101
    insert into users values ('ann'): sqlite3_errcode() in the callback   0, sqlite3_step() 101
TEXT
