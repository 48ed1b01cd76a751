#!/usr/bin/env bash
# PostgreSQL 15.20 (Debian postgresql-15 15.20-0+deb12u1)
#
# Expected: the SQLSTATE tells why a statement was ended: a time limit, or a person.
# Instead:  57014 is both statement_timeout and pg_cancel_backend(), and 55P03 is both a lock that was
#           waited for in vain (lock_timeout) and one that was not waited for at all (NOWAIT). Only
#           the message tells them apart, and that is in the server's language (lc_messages).
set -euo pipefail
# shellcheck source=findings/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

debian postgresql-15=15.20-0+deb12u1 postgresql-client-15=15.20-0+deb12u1 libpq5=15.20-0+deb12u1 \
  locales=2.36-9+deb12u14
mkdir "$folder/locales"
I18NPATH=$packages/usr/share/i18n localedef -i de_DE -f UTF-8 "$folder/locales/de_DE.UTF-8"
export LOCPATH=$folder/locales  # a German beside C.UTF-8
start_postgres

# show_error WHAT STATEMENT...: what the server says of the last of these.
show_error() {
  local what=$1 statement commands=()
  shift
  for statement in "$@"; do commands+=(-c "$statement"); done
  sql -v VERBOSITY=verbose "${commands[@]}" 2>&1 >/dev/null |
    sed -n -E "s/^(ERROR|FEHLER):  /$what: /p" || true
}

sleeper() { [[ $(sql -c "select count(*) from pg_stat_activity where wait_event = 'PgSleep'") == 1 ]]; }
locker() { [[ $(sql -c "select count(*) from pg_locks where relation = 'jobs'::regclass") == 1 ]]; }

say 'two ways to end pg_sleep(30), and two to find a row locked by another session'
show sql -c 'show server_version'
show show_error statement_timeout 'set statement_timeout = 100' 'select pg_sleep(30)'
show show_error 'the same in German' "set lc_messages = 'de_DE.UTF-8'" \
  'set statement_timeout = 100' 'select pg_sleep(30)'

show_error pg_cancel_backend 'select pg_sleep(30)' >"$folder/cancelled" &
cancelled=$!
wait_for sleeper
sql -c "select pg_cancel_backend(pid) from pg_stat_activity where wait_event = 'PgSleep'" >/dev/null
wait "$cancelled"
show cat "$folder/cancelled"

sql -c 'create table jobs (id int primary key)' -c 'insert into jobs values (1)'
sql -c 'begin' -c 'select * from jobs for update' -c 'select pg_sleep(30)' >/dev/null 2>&1 &
holder=$!
wait_for locker
show show_error lock_timeout 'set lock_timeout = 100' 'select * from jobs for update'
show show_error NOWAIT 'select * from jobs for update nowait'
sql -c "select pg_terminate_backend(pid) from pg_stat_activity where wait_event = 'PgSleep'" >/dev/null
wait "$holder" || true
expect <<'TEXT'
15.20 (Debian 15.20-0+deb12u1)
statement_timeout: 57014: canceling statement due to statement timeout
the same in German: 57014: storniere Anfrage wegen Zeitüberschreitung der Anfrage
pg_cancel_backend: 57014: canceling statement due to user request
lock_timeout: 55P03: canceling statement due to lock timeout
NOWAIT: 55P03: could not obtain lock on row in relation "jobs"
TEXT
