#!/usr/bin/env bash
# Measures everything, or what FILTER matches, beside its rivals, and prints one table:
#
#     bench/run.sh
#     bench/run.sh recording/histogram
#
# FILTER is a regular expression for the programs' names, as listed below. Builds Release in build/bench,
# where the figures stay as JSON. The machine should have nothing else to do.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=examples/set_up.sh
source examples/set_up.sh
# shellcheck source=examples/private_postgres.sh
source examples/private_postgres.sh

filter=${1-}
out=build/bench/figures

# The table counts on several repetitions, in random order: whatever the machine does meanwhile then
# meets a benchmark and its rivals alike.
benchmark_options=(
  --benchmark_enable_random_interleaving=true --benchmark_repetitions=9 --benchmark_min_time=0.1
  --benchmark_display_aggregates_only=true)

benchmarks=(
  base/clock_bench
  calls/compiled_out_bench
  calls/family_bench
  calls/operation_bench
  calls/statement_bench
  exporters/otlp/otlp_bench
  exporters/prometheus/protobuf_bench
  exporters/prometheus/scrape_memory
  exporters/prometheus/text_bench
  query/identify_bench
  recording/collect_bench
  recording/counter_bench
  recording/exemplar_bench
  recording/histogram_bench
  recording/tail_bench
  runtime/pages/scrape_bench)
others=(
  overhead/sqlite_overhead
  overhead/postgres_overhead
  overhead/chatbot_overhead
  compile_time/compile_time
  compile_time/program_size)

matching() {
  local program
  for program in "$@"; do
    [[ ! $program =~ $filter ]] || echo "$program"
  done
}

build() {
  local program targets=(bench_report)
  for program in $(matching "${benchmarks[@]}" "${others[@]}"); do
    targets+=("$(basename "$program")")
  done
  say "building in build/bench"
  cmake -S . -B build/bench -G Ninja -DCMAKE_BUILD_TYPE=Release \
    -DQUERYTAP_TESTS=OFF >/dev/null
  cmake --build build/bench --parallel "$(nproc)" --target "${targets[@]}"
}

# measure PROGRAM OPTION…
measure() {
  local name
  name=$(basename "$1")
  say "$1"
  "build/bench/bench/$name" "${@:2}"
}

main() {
  local program
  [[ -n $(matching "${benchmarks[@]}" "${others[@]}") ]] || {
    echo "bench/run.sh: no program matches '$filter'" >&2
    exit 2
  }
  install_packages "${test_packages[@]}"
  build
  trap stop_postgres EXIT
  rm -rf "$out"
  mkdir -p "$out"

  for program in $(matching "${benchmarks[@]}"); do
    measure "$program" "${benchmark_options[@]}" \
      --benchmark_out="$out/$(basename "$program").json" --benchmark_out_format=json
  done
  for program in $(matching "${others[@]}"); do
    local options=("--out=$out/$(basename "$program").json")
    if [[ $program == overhead/postgres_overhead ]]; then
      start_postgres
      options+=("--connection=host=127.0.0.1 port=$postgres_port user=postgres dbname=postgres")
    fi
    measure "$program" "${options[@]}"
  done

  say "result: $SECONDS s"
  build/bench/bench/bench_report ${filter:+--only-measured} "$out"/*.json
}

main "$@"
