# shellcheck shell=bash
# Sourced after set_up.sh: a private Redis in a folder of its own, on a free port of 127.0.0.1, without files.

redis_folder=
redis_port=
redis_process=

start_redis() {
  local attempt
  redis_folder=$(mktemp -d "${TMPDIR:-/tmp}/querytap-redis.XXXXXX")
  say "starting a private Redis in $redis_folder" >&2
  for ((attempt = 1; attempt <= 5; attempt++)); do
    redis_port=$((20000 + RANDOM % 12000))
    /usr/bin/redis-server --bind 127.0.0.1 --port "$redis_port" --dir "$redis_folder" --save '' --appendonly no \
      >"$redis_folder/server.log" 2>&1 &
    redis_process=$!
    while kill -0 "$redis_process" 2>/dev/null; do
      ! grep -q 'Ready to accept connections' "$redis_folder/server.log" || return 0
      sleep 0.1
    done
  done
  cat "$redis_folder/server.log" >&2
  exit 1
}

# For an EXIT trap: without a started server it does nothing.
stop_redis() {
  [[ -n $redis_folder ]] || return 0
  kill "$redis_process" 2>/dev/null || true
  wait "$redis_process" 2>/dev/null || true
  rm -rf "$redis_folder"
  redis_folder=
}
