#!/bin/sh
# check_rules.sh PROGRAM: whether promtool takes this guide's configuration and rules, the rules say what
# rules_test.yml expects, and PROGRAM is scraped for every metric and label in them.
set -eu
program=$(realpath "$1")
cd "$(dirname "$0")"
promtool check config --syntax-only prometheus.yml
promtool check rules rules.yml
promtool test rules rules_test.yml

scrape=$(mktemp)
trap 'rm -f "$scrape"' EXIT
"$program" "$scrape" >/dev/null
status=0
# A name with a colon is one that a rule records.
for name in $(sed 's/#.*//' rules.yml | grep -oE '\b(db|error|querytap)_[a-z_:]+' | grep -v : | sort -u); do
  grep -qE "^(# TYPE )?$name[ {]|[{,]$name=" "$scrape" || {
    echo "rules.yml names $name, which no scrape has"
    status=1
  }
done
exit $status
