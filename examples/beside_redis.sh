#!/usr/bin/env bash
# beside_redis.sh COMMAND…: runs a command with the port of a private Redis in REDIS_PORT.
set -euo pipefail
here=$(dirname "${BASH_SOURCE[0]}")
# shellcheck source=examples/set_up.sh
source "$here/set_up.sh"
# shellcheck source=examples/private_redis.sh
source "$here/private_redis.sh"
trap stop_redis EXIT
start_redis
REDIS_PORT=$redis_port "$@"
