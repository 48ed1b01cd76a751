#!/usr/bin/env bash
# How long the dashboards take for 30 days of 100 processes:
#
#     bench/ops/measure_dashboards.sh [RAW_STEP [RECORDED_STEP]]
#
# Makes blocks of what the dashboards read, in build/bench/fleet (some 4 GB while it runs), starts a Prometheus on
# them, and prints a table. RAW_STEP, in seconds, is how often the processes are taken to have been scraped: twice a day unless
# said otherwise, as promtool reads some 250,000 samples a second, and 15 s would be 38 billion of them. The table says how
# many samples each panel would read at 15 s. What rules record is at its true interval of a minute: that is what the
# dashboards read over long ranges. Takes some ten minutes on an idle machine.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
# shellcheck source=examples/set_up.sh
source examples/set_up.sh

raw_step=${1-43200}
recorded_step=${2-60}
instances=100
month=$((30 * 86400))
folder=build/bench/fleet
end=$(($(date +%s) / 7200 * 7200))
server=

cleanup() {
  [[ -z $server ]] || { kill "$server" && wait "$server"; } 2>/dev/null || true
  rm -rf "$folder"
}

# make_blocks HOURS ARGUMENT of fleet…: in blocks of so many hours. promtool reads a file once for each block that it makes
# of it, and takes its time to know many series: many samples go into short blocks, many series into a long one.
make_blocks() {
  local hours=$1 begin block
  shift
  block=$((hours * 3600))
  say "$1"
  for ((begin = (end - month) / block * block; begin < end; begin += block)); do
    build/bench/bench/fleet "$@" $((begin < end - month ? end - month : begin)) $((begin + block < end ? begin + block : end)) \
      >"$folder/part.om"
    promtool tsdb create-blocks-from --max-block-duration="${hours}h" --quiet openmetrics "$folder/part.om" "$folder/data" >/dev/null
  done
}

start_prometheus() {
  local attempt
  echo 'global: {}' >"$folder/prometheus.yml"
  for ((attempt = 1; attempt <= 5; attempt++)); do
    port=$((20000 + RANDOM % 12000))
    prometheus --config.file "$folder/prometheus.yml" --storage.tsdb.path "$folder/data" \
      --storage.tsdb.retention.time=60d --web.listen-address "127.0.0.1:$port" >"$folder/log" 2>&1 &
    server=$!
    while kill -0 "$server" 2>/dev/null; do
      ! curl -fs "http://127.0.0.1:$port/-/ready" >/dev/null || return 0
      sleep 0.2
    done
  done
  cat "$folder/log" >&2
  exit 1
}

install_packages "${test_packages[@]}"
cmake -S . -B build/bench -G Ninja -DCMAKE_BUILD_TYPE=Release -DCMAKE_CXX_FLAGS=-ffunction-sections -DQUERYTAP_TESTS=OFF >/dev/null
cmake --build build/bench --parallel "$(nproc)" --target fleet
trap cleanup EXIT
rm -rf "$folder"
mkdir -p "$folder/data"
make_blocks 54 recorded "$recorded_step"
make_blocks 1458 raw "$raw_step" "$instances"
say "data: $(du -sh "$folder/data" | cut -f1), load $(cut -d' ' -f1-3 /proc/loadavg)"
start_prometheus
build/bench/bench/fleet times "$port" "$raw_step" "$end"
