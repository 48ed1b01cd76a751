#!/usr/bin/env bash
# MariaDB 10.11.19 (Debian mariadb-server-core 1:10.11.19-0+deb12u1)
#
# Expected: `/*!VERSION ... */` is run by servers of that version and later ones, as in MySQL: what
#           is for 5.7 or 8.0 is run by 10.11, which is later than both.
# Instead:  everything up to 5.6.99 and from 10.0 to its own version is run, and what lies between,
#           from 5.7.0 to 9.99.99, is a comment: those are MySQL's versions, not MariaDB's ancestors.
#           `/*M!VERSION ... */` has no such gap.
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
  "$packages/usr/bin/mariadb" --no-defaults --comments --skip-column-names -h 127.0.0.1 -P "$port" \
    -u root -e "$1"
}
wait_for ask 'select 1'

say 'select 1 /*!VERSION + 1 */: 2 where what stands in the comment is run, else 1'
one_and_one() {
  local version
  ask 'select version()'
  for version in 50699 50700 80000 99999 100000 101100 110000; do
    printf '/*!%s: %s   /*M!%s: %s\n' "$version" "$(ask "select 1 /*!$version + 1 */")" \
      "$version" "$(ask "select 1 /*M!$version + 1 */")"
  done
}
show one_and_one
expect <<'TEXT'
10.11.19-MariaDB-0+deb12u1
/*!50699: 2   /*M!50699: 2
/*!50700: 1   /*M!50700: 2
/*!80000: 1   /*M!80000: 2
/*!99999: 1   /*M!99999: 2
/*!100000: 2   /*M!100000: 2
/*!101100: 2   /*M!101100: 2
/*!110000: 1   /*M!110000: 1
TEXT
