#!/usr/bin/env bash
# private_chroma.sh MODULES PROGRAM…: runs a program with the address of a private Chroma server as its argument: in a
# folder of its own, on a free port of 127.0.0.1. MODULES is where npm put the packages of tests/node_chroma.
set -euo pipefail
modules=$1
shift
bindings=$modules/chromadb-js-bindings-linux-x64-gnu
[[ -d $bindings ]] || {
  echo "no $bindings: install_node_packages tests/node_chroma build/node_chroma, of examples/set_up.sh" >&2
  exit 1
}
folder=$(mktemp -d "${TMPDIR:-/tmp}/querytap-chroma.XXXXXX")
server=
trap '[[ -z $server ]] || kill -9 "$server" 2>/dev/null || true; rm -rf "$folder"' EXIT

for ((attempt = 1; attempt <= 5; attempt++)); do
  port=$((20000 + RANDOM % 12000))
  node -e "require('$bindings').cli(['chroma', 'run', '--host', '127.0.0.1', '--port', '$port', '--path', '$folder/data'])" \
    >"$folder/log" 2>&1 &
  server=$!
  while kill -0 "$server" 2>/dev/null; do
    if (: </dev/tcp/127.0.0.1/"$port") 2>/dev/null; then
      "$@" "http://127.0.0.1:$port"
      exit
    fi
    sleep 0.05
  done
done
cat "$folder/log" >&2
exit 1
