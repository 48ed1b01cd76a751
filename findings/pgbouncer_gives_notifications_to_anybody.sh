#!/usr/bin/env bash
# pgbouncer 1.18.0 (Debian pgbouncer 1.18.0-1+deb12u1) with PostgreSQL 15.20
#
# Expected: in transaction mode, where LISTEN cannot work, it is refused, or has no effect.
# Instead:  it succeeds, and outlives the client. The server's session listens: what arrives while no
#           client uses that session is lost, and the rest goes to the client that uses it just then,
#           which has never said LISTEN.
set -euo pipefail
# shellcheck source=findings/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

debian postgresql-15=15.20-0+deb12u1 postgresql-client-15=15.20-0+deb12u1 libpq5=15.20-0+deb12u1 \
  libpq-dev=15.20-0+deb12u1 pgbouncer=1.18.0-1+deb12u1
start_postgres
pool_port=$(free_port)
own_folder "$folder/pgbouncer"
cat >"$folder/pgbouncer/pgbouncer.ini" <<INI
[databases]
postgres = host=127.0.0.1 port=$postgres_port
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = $pool_port
unix_socket_dir =
auth_type = trust
auth_file = $folder/pgbouncer/users
pool_mode = transaction
default_pool_size = 1
INI
printf '"postgres" ""\n' >"$folder/pgbouncer/users"
serve pgbouncer "${as_user[@]}" "$packages/usr/sbin/pgbouncer" pgbouncer.ini
wait_for "$packages/usr/lib/postgresql/15/bin/pg_isready" -q -h 127.0.0.1 -p "$pool_port" -U postgres

say 'two clients of a pool, one of which listens, and a sender beside it'
build notifications -I"$packages/usr/include/postgresql" -lpq <<'CPP'
#include <libpq-fe.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <string>

struct client {
  const char* name;
  PGconn* db;
};

// Also shows what has been notified by the time of its answer.
void run(const client& of, const char* sql) {
  PGresult* result = PQexec(of.db, sql);
  std::printf("%s: %s: %s\n", of.name, sql, PQcmdStatus(result));
  PQclear(result);
  while (PGnotify* note = PQnotifies(of.db)) {
    std::printf("    %s is notified of %s: %s\n", of.name, note->relname, note->extra);
    PQfreemem(note);
  }
}

// Half a minute at most.
bool has_dropped_one(const char* log) {
  for (int i = 0; i < 300; ++i, usleep(100'000)) {
    std::ifstream file{log};
    for (std::string line; std::getline(file, line);) {
      if (line.find("got packet 'A' from server when not linked") != line.npos) return true;
    }
  }
  return false;
}

int main(int, char** arguments) {
  const auto connect = [](const char* name, const char* to) {
    return client{name, PQconnectdb(to)};
  };
  const client listener = connect("listener", arguments[1]);
  const client other = connect("other", arguments[1]);
  const client sender = connect("sender", arguments[2]);

  run(listener, "listen orders");
  run(sender, "notify orders, 'first'");
  std::printf("    pgbouncer has dropped it: %s\n", has_dropped_one(arguments[3]) ? "yes" : "no");
  run(listener, "select 1");

  run(other, "begin");
  run(sender, "notify orders, 'second'");
  run(other, "commit");
  run(listener, "select 1");

  PQfinish(listener.db);
  std::printf("listener is gone\n");
  const client newcomer = connect("newcomer", arguments[1]);
  run(newcomer, "begin");
  run(sender, "notify orders, 'third'");
  run(newcomer, "commit");
  for (const client& each : {other, sender, newcomer}) PQfinish(each.db);
}
CPP
show timeout 90 "$folder/notifications" "host=127.0.0.1 port=$pool_port user=postgres" \
  "host=127.0.0.1 port=$postgres_port user=postgres" "$folder/pgbouncer.log"
expect <<'TEXT'
listener: listen orders: LISTEN
sender: notify orders, 'first': NOTIFY
    pgbouncer has dropped it: yes
listener: select 1: SELECT 1
other: begin: BEGIN
sender: notify orders, 'second': NOTIFY
other: commit: COMMIT
    other is notified of orders: second
listener: select 1: SELECT 1
listener is gone
newcomer: begin: BEGIN
sender: notify orders, 'third': NOTIFY
newcomer: commit: COMMIT
    newcomer is notified of orders: third
TEXT
