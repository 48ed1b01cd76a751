#!/bin/sh
# check_rules.sh PROGRAM: whether promtool takes this guide's rules, the rules say what rules_test.yml expects, and
# PROGRAM is scraped for every metric and label in them, under the names of either version of the conventions.
set -eu
program=$(realpath "$1")
cd "$(dirname "$0")"
promtool check rules rules.yml
promtool test rules rules_test.yml

scrape=$(mktemp)
latest=$(mktemp)
trap 'rm -f "$scrape" "$latest"' EXIT
"$program" "$scrape" >/dev/null
OTEL_SEMCONV_STABILITY_OPT_IN=gen_ai_latest_experimental "$program" "$latest" >/dev/null
cat "$latest" >>"$scrape"
status=0
# Failures and unknown prices are none of PROGRAM's.
for name in $(sed 's/#.*//' rules.yml | grep -oE '\b(gen_ai|querytap)_[a-z_:]+' | grep -v : | sort -u); do
  [ "$name" = querytap_gen_ai_not_priced_total ] || grep -qE "^(# TYPE )?$name[ {]|[{,]$name=" "$scrape" || {
    echo "rules.yml names $name, which no scrape has"
    status=1
  }
done
exit $status
