# shellcheck shell=bash
# Sourced after set_up.sh: a private MariaDB in a folder of its own, on a free port of 127.0.0.1.

mariadb_folder=
mariadb_port=
mariadb_process=

# Without tables of accounts the server starts in an empty folder, and lets every local user in.
start_mariadb() {
  local attempt options=(--no-defaults --skip-grant-tables --bind-address=127.0.0.1 --innodb-flush-log-at-trx-commit=0)
  ((EUID != 0)) || options+=(--user=root)
  mariadb_folder=$(mktemp -d "${TMPDIR:-/tmp}/querytap-mariadb.XXXXXX")
  say "starting a private MariaDB in $mariadb_folder"
  mkdir "$mariadb_folder/data"
  for ((attempt = 1; attempt <= 5; attempt++)); do
    mariadb_port=$((20000 + RANDOM % 12000))
    /usr/sbin/mariadbd "${options[@]}" --port="$mariadb_port" --datadir="$mariadb_folder/data" \
      --socket="$mariadb_folder/socket" >"$mariadb_folder/server.log" 2>&1 &
    mariadb_process=$!
    while kill -0 "$mariadb_process" 2>/dev/null; do
      ! grep -q 'ready for connections' "$mariadb_folder/server.log" || return 0
      sleep 0.1
    done
  done
  cat "$mariadb_folder/server.log" >&2
  exit 1
}

stop_mariadb() {
  [[ -n $mariadb_folder ]] || return 0
  kill "$mariadb_process" 2>/dev/null || true
  wait "$mariadb_process" 2>/dev/null || true
  rm -rf "$mariadb_folder"
  mariadb_folder=
}
