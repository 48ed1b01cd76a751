#!/usr/bin/env bash
# MariaDB 10.11.19 (Debian mariadb-server-core 1:10.11.19-0+deb12u1)
#
# Expected: the text of a digest is what was executed, without its values; where it is cut, that shows; and
#           statements that differ in more than values have digests of their own.
# Instead:  a statement of more than some hundred words is cut within max_digest_length, without a mark: two that
#           differ after that are one row, whose text is complete to look at. And some words of the language come
#           out as others that were never written: DISTINCT as DISTINCTROW, DAY as SQL_TSI_DAY.
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
  --pid-file="$folder/mariadb/pid" --innodb-buffer-pool-size=16M --performance-schema=ON
ask() {
  "$packages/usr/bin/mariadb" --no-defaults --skip-column-names -h 127.0.0.1 -P "$port" -u root "$@"
}
wait_for ask -e 'select 1'
ask -e 'create database shop; create table shop.orders (id int primary key, made date) engine=innodb'

# A condition of so many parts, and what it ends with.
long_statement() {
  local parts='' i
  for ((i = 0; i < 200; i++)); do parts+="id <> $i and "; done
  printf 'select id from orders where %s%s' "$parts" "$1"
}
digests() {
  ask -e "select count_star, length(digest_text), right(digest_text, 24)
          from performance_schema.events_statements_summary_by_digest
          where schema_name = 'shop' and digest_text like 'SELECT%AND%'"
}

say 'two statements of 200 conditions, of which only the last one differs'
show ask -e 'select @@version, @@max_digest_length'
ask shop -e "$(long_statement 'made is null')"
ask shop -e "$(long_statement 'id between 1 and 2 order by made desc')"
show digests

say 'words that were not written'
ask shop -e 'select distinct made from orders'
ask shop -e 'select timestampdiff(day, made, made) from orders'
show ask -e "select digest_text from performance_schema.events_statements_summary_by_digest
             where schema_name = 'shop' and digest_text like 'SELECT%made%' and count_star = 1
             order by digest_text"
expect <<'TEXT'
10.11.19-MariaDB-0+deb12u1	1024
2	1538	AND ID != ? AND ID != ? 
SELECT DISTINCTROW `made` FROM `orders` 
SELECT TIMESTAMPDIFF ( SQL_TSI_DAY , `made` , `made` ) FROM `orders` 
TEXT
