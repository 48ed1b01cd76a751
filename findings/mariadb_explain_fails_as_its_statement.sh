#!/usr/bin/env bash
# MariaDB 10.11.19 (Debian mariadb-server-core 1:10.11.19-0+deb12u1)
#
# Expected: EXPLAIN changes nothing and locks nothing, so that a transaction that is READ ONLY allows
#           it; and whether it has a plan does not depend on what stands in a row.
# Instead:  in a READ ONLY transaction EXPLAIN of UPDATE, DELETE, INSERT and SELECT ... FOR UPDATE is
#           refused as they are (1792). EXPLAIN of INSERT ... SELECT reads rows that are found by a
#           unique key, and compares: in strict mode, the default, it has a plan with one row and fails
#           with another (1292).
set -euo pipefail
# shellcheck source=findings/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

debian mariadb-server-core=1:10.11.19-0+deb12u1 mariadb-client-core=1:10.11.19-0+deb12u1
port=$(free_port)
own_folder "$folder/mariadb"
# Without tables of accounts it starts in an empty folder.
serve mariadb "${as_user[@]}" "$packages/usr/sbin/mariadbd" --no-defaults --skip-grant-tables \
  --datadir="$folder/mariadb" --lc-messages-dir="$packages/usr/share/mysql" --skip-log-bin \
  --bind-address=127.0.0.1 --port="$port" --socket="$folder/mariadb/socket" \
  --pid-file="$folder/mariadb/pid" --innodb-buffer-pool-size=16M
ask() {
  "$packages/usr/bin/mariadb" --no-defaults --skip-column-names -h 127.0.0.1 -P "$port" -u root "$@"
}
wait_for ask -e 'select 1'
ask <<'SQL'
create database shop;
use shop;
create table orders (id int primary key, code varchar(9)) engine=innodb;
insert into orders values (1, 'x-1'), (2, '7');
create table copies (id int) engine=innodb;
SQL

# explain STATEMENT [BEFORE]: whether it has a plan, of however many rows, or what the server says.
explain() {
  local answer
  answer=$(ask shop -e "${2:-do 0}; explain $1" 2>&1) || true
  if [[ $answer == *ERROR* ]]; then
    printf '%s: %s\n' "$1" "$(sed -n 's/^ERROR \([0-9]*\) .* at line 1: /\1 /p' <<<"$answer")"
  else
    printf '%s: a plan\n' "$1"
  fi
}

explain_in_read_only() {
  local statement
  for statement in 'select * from orders' 'select * from orders for update' \
    "update orders set code = 'y'" 'delete from orders' 'insert into copies select id from orders'; do
    explain "$statement" 'start transaction read only'
  done
}

say 'EXPLAIN in a READ ONLY transaction'
show ask -e 'select version()'
show explain_in_read_only

say "EXPLAIN of code = 7, where the codes of 1 and 2 are 'x-1' and '7'"
show ask -e 'select @@global.sql_mode'
show explain 'select id from orders where id = 1 and code = 7'
show explain 'insert into copies select id from orders where id = 2 and code = 7'
show explain 'insert into copies select id from orders where id = 1 and code = 7'
expect <<'TEXT'
10.11.19-MariaDB-0+deb12u1
select * from orders: a plan
select * from orders for update: 1792 Cannot execute statement in a READ ONLY transaction
update orders set code = 'y': 1792 Cannot execute statement in a READ ONLY transaction
delete from orders: 1792 Cannot execute statement in a READ ONLY transaction
insert into copies select id from orders: 1792 Cannot execute statement in a READ ONLY transaction
STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_AUTO_CREATE_USER,NO_ENGINE_SUBSTITUTION
select id from orders where id = 1 and code = 7: a plan
insert into copies select id from orders where id = 2 and code = 7: a plan
insert into copies select id from orders where id = 1 and code = 7: 1292 Truncated incorrect DECIMAL value: 'x-1'
TEXT
