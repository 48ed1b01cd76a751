#!/usr/bin/env bash
# libpq 15.20 (Debian libpq-dev 15.20-0+deb12u1) with PostgreSQL 15.20
#
# Expected: in pipeline mode each query has its results, and then a NULL. An INSERT outside of a
#           transaction block that has PGRES_COMMAND_OK is done; where it cannot be, it has the error.
# Instead:  what is checked at the end, as a deferred constraint, is checked at the sync: the INSERT has
#           PGRES_COMMAND_OK and its NULL, and the error comes as one more result with a NULL, between
#           the last query and PGRES_PIPELINE_SYNC. It undoes all queries since the sync before. Who
#           counts NULLs takes it for the answer to the next query.
set -euo pipefail
# shellcheck source=findings/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

debian postgresql-15=15.20-0+deb12u1 postgresql-client-15=15.20-0+deb12u1 libpq5=15.20-0+deb12u1 \
  libpq-dev=15.20-0+deb12u1
start_postgres

say 'a key that is there already, of a constraint that is checked at the end'
build pipeline -I"$packages/usr/include/postgresql" -lpq <<'CPP'
#include <libpq-fe.h>

#include <cstdio>

PGconn* db = nullptr;

void send(const char* sql) {
  std::printf("%s\n", sql);
  PQsendQueryParams(db, sql, 0, nullptr, nullptr, nullptr, nullptr, 0);
}

// Everything up to the sync, which is the only result without a NULL.
void sync_and_report() {
  PQpipelineSync(db);
  std::printf("sync\n");
  for (bool is_sync = false; !is_sync;) {
    PGresult* result = PQgetResult(db);
    if (result == nullptr) {
      std::printf("    NULL\n");
      continue;
    }
    const ExecStatusType status = PQresultStatus(result);
    const char* code = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    std::printf("    %s%s%s\n", PQresStatus(status), code == nullptr ? "" : " ",
                code == nullptr ? "" : code);
    // A lost connection has no sync.
    is_sync = status == PGRES_PIPELINE_SYNC || PQstatus(db) == CONNECTION_BAD;
    PQclear(result);
  }
}

void run(const char* sql) {
  PGresult* result = PQexec(db, sql);
  const char* code = PQresultErrorField(result, PG_DIAG_SQLSTATE);
  std::printf("%s: %s\n", sql, PQntuples(result) > 0 ? PQgetvalue(result, 0, 0)
                               : code != nullptr     ? code
                                                     : PQcmdStatus(result));
  PQclear(result);
}

int main(int, char** arguments) {
  db = PQconnectdb(arguments[1]);
  std::printf("libpq %d\n", PQlibVersion());
  run("create table seats (id int unique deferrable initially deferred)");
  run("insert into seats values (1)");

  std::printf("without a pipeline:\n");
  run("insert into seats values (1)");

  std::printf("in a pipeline:\n");
  PQenterPipelineMode(db);
  send("insert into seats values (1)");
  sync_and_report();
  send("insert into seats values (2)");
  send("insert into seats values (1)");
  send("select 3");
  sync_and_report();
  PQexitPipelineMode(db);
  run("select count(*) from seats");
  PQfinish(db);
}
CPP
show timeout 60 "$folder/pipeline" "host=127.0.0.1 port=$postgres_port user=postgres"
expect <<'TEXT'
libpq 150020
create table seats (id int unique deferrable initially deferred): CREATE TABLE
insert into seats values (1): INSERT 0 1
without a pipeline:
insert into seats values (1): 23505
in a pipeline:
insert into seats values (1)
sync
    PGRES_COMMAND_OK
    NULL
    PGRES_FATAL_ERROR 23505
    NULL
    PGRES_PIPELINE_SYNC
insert into seats values (2)
insert into seats values (1)
select 3
sync
    PGRES_COMMAND_OK
    NULL
    PGRES_COMMAND_OK
    NULL
    PGRES_TUPLES_OK
    NULL
    PGRES_FATAL_ERROR 23505
    NULL
    PGRES_PIPELINE_SYNC
select count(*) from seats: 1
TEXT
