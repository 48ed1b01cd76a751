# shellcheck shell=bash
# Sourced after set_up.sh: a private PostgreSQL in a folder of its own, on a free port of 127.0.0.1.

postgres_programs=/usr/lib/postgresql/15/bin
postgres_folder=
postgres_port=

# The server refuses to run as root.
as_server_user() {
  if ((EUID == 0)); then
    (cd "$postgres_folder" && runuser -u postgres -- "$@")
  else
    "$@"
  fi
}

# Not below the clone: the server's user may not be allowed to enter its folder.
start_postgres() {
  local attempt
  postgres_folder=$(mktemp -d "${TMPDIR:-/tmp}/querytap-postgres.XXXXXX")
  ((EUID != 0)) || chown postgres "$postgres_folder"
  say "starting a private PostgreSQL in $postgres_folder"
  as_server_user "$postgres_programs/initdb" -D "$postgres_folder/cluster" -U postgres -A trust \
    --locale=C.UTF-8 -E UTF8 --no-sync >"$postgres_folder/initdb.log"
  # A port that the server can bind is free. The range is below the ports that the kernel hands out.
  for attempt in 1 2 3 4 5; do
    postgres_port=$((20000 + RANDOM % 12000))
    if as_server_user "$postgres_programs/pg_ctl" -D "$postgres_folder/cluster" \
      -l "$postgres_folder/server.log" -w start \
      -o "-F -p $postgres_port -c listen_addresses=127.0.0.1 -c unix_socket_directories='' \
        -c shared_preload_libraries=pg_stat_statements -c pg_stat_statements.max=10000" >/dev/null; then
      as_server_user "$postgres_programs/psql" -q -h 127.0.0.1 -p "$postgres_port" -U postgres \
        -d template1 -c 'create extension pg_stat_statements' # for databases made later
      return
    fi
    ((attempt < 5)) || { cat "$postgres_folder/server.log" >&2; exit 1; }
  done
}

# For an EXIT trap: without a started server it does nothing.
stop_postgres() {
  [[ -n $postgres_folder ]] || return 0
  say 'stopping PostgreSQL'
  as_server_user "$postgres_programs/pg_ctl" -D "$postgres_folder/cluster" -m fast -w stop \
    >/dev/null 2>&1 || true
  rm -rf "$postgres_folder"
}
