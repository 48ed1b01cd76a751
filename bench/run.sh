#!/usr/bin/env bash
# Measures everything, or what FILTER matches, beside its rivals, and prints one table:
#
#     bench/run.sh
#     bench/run.sh recording/histogram
#     bench/run.sh --against c4978ee recording/histogram
#
# FILTER is a regular expression for the programs' names, such as `calls/work_bench`. Builds Release in
# build/bench, where the figures stay as JSON. With --against, the benchmarks are also built with the library of
# COMMIT, in build/bench-COMMIT, and the programs of both builds run in turn; COMMIT may be left out. The
# machine should have nothing else to do. bench/README.md explains what is printed.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=examples/set_up.sh
source examples/set_up.sh
# shellcheck source=examples/private_postgres.sh
source examples/private_postgres.sh
# shellcheck source=examples/private_mariadb.sh
source examples/private_mariadb.sh
# shellcheck source=examples/private_redis.sh
source examples/private_redis.sh

# What today's build was when the goals that name it were set.
todays_build=c4978ee
rounds=3
# Those of a program, counted from 0: querytap_layouts in bench/CMakeLists.txt, and the program itself.
last_layout=5
out=build/bench/figures

# In random order: whatever the machine does meanwhile then meets a benchmark and its rivals alike. The rounds
# and layouts multiply the repetitions.
benchmark_options=(
  --benchmark_enable_random_interleaving=true --benchmark_repetitions=3 --benchmark_min_time=0.1
  --benchmark_display_aggregates_only=true)
layout_options=(
  --benchmark_enable_random_interleaving=true --benchmark_repetitions=3 --benchmark_min_time=0.03
  --benchmark_display_aggregates_only=true)
# The order of functions is one thing in which layouts differ.
build_options=(-G Ninja -DCMAKE_BUILD_TYPE=Release -DCMAKE_CXX_FLAGS=-ffunction-sections)

against= # a commit's short name; empty without --against
filter=

read_arguments() {
  if [[ ${1-} == --against ]]; then
    shift
    if git rev-parse --quiet --verify "${1-}^{commit}" >/dev/null; then
      against=$(git rev-parse --short=7 "$1^{commit}")
      shift
    else
      against=$todays_build
    fi
  fi
  filter=${1-}
  if (($# > 1)) || [[ $filter == -* ]]; then
    echo "usage: bench/run.sh [--against [COMMIT]] [FILTER]" >&2
    exit 2
  fi
}

# Lines `name kind runs`, as bench/CMakeLists.txt lists them.
matching_programs() {
  local name kind runs
  while read -r name kind runs; do
    [[ ! $name =~ $filter ]] || echo "$name $kind $runs"
  done <build/bench/bench/programs
}

# targets_of NAME RUNS SUFFIX: the program, and its layouts.
targets_of() {
  local target layout
  target=$(basename "$1")$3
  echo "$target"
  [[ $2 != layouts ]] || for ((layout = 1; layout <= last_layout; layout++)); do
    echo "${target}_layout$layout"
  done
}

build() {
  local name kind runs targets=(bench_report)
  while read -r name kind runs; do
    mapfile -t -O "${#targets[@]}" targets < <(targets_of "$name" "$runs" "")
  done <<<"$programs"
  say "building in build/bench"
  cmake --build build/bench --parallel "$(nproc)" --target "${targets[@]}"
}

# The benchmarks of this tree with the library of the old commit; where they do not compile with it, those of
# the commit itself. Which it was, or neither, is said, and stays in build/bench-COMMIT/which.
build_old() {
  local name kind runs own targets folder=build/bench-$against
  say "building $against in $folder"
  rm -rf "$folder/source"
  mkdir -p "$folder/source"
  git archive "$against" | tar -x -C "$folder/source" # with the commit's times: nothing is built twice
  cmake -S bench/against -B "$folder/build" "${build_options[@]}" \
    -DQUERYTAP_AGAINST="$PWD/$folder/source" >/dev/null
  : >"$folder/which"
  while read -r name kind runs; do
    own=$(basename "$name")
    mapfile -t targets < <(targets_of "$name" "$runs" _now)
    if cmake --build "$folder/build" --parallel "$(nproc)" --target "${targets[@]}" \
      >"$folder/build.log" 2>&1; then
      echo "$name now $runs" >>"$folder/which"
    elif cmake --build "$folder/build" --parallel "$(nproc)" --target "$own" >"$folder/build.log" 2>&1; then
      echo "  $name: as $against had it; this tree's does not compile with that library"
      echo "$name library/bench 0" >>"$folder/which"
    else
      echo "  $name: only of this tree; it does not compile with the library of $against"
    fi
  done <<<"$programs"
}

# program_of BUILD NAME LAYOUT: its path; empty where that build has none.
program_of() {
  local name=$2 layout=${3/#0/} which
  local target
  target=$(basename "$name")
  if [[ $1 == new ]]; then
    echo "build/bench/bench/$target${layout:+_layout$layout}"
    return
  fi
  which=$(grep "^$name " "build/bench-$against/which" || true)
  case $which in
    *' now layouts') echo "build/bench-$against/build/now/${target}_now${layout:+_layout$layout}" ;;
    *' now '*) echo "build/bench-$against/build/now/${target}_now" ;;
    *' library/bench '*) [[ -n $layout ]] || echo "build/bench-$against/build/library/bench/$target" ;;
  esac
}

# measure BUILD NAME KIND RUNS LAYOUT ROUND
measure() {
  local program options file log
  program=$(program_of "$1" "$2" "$5")
  [[ -n $program ]] || return 0
  file=$out/$1/$(basename "$2").$5.$6.json
  log=${file%.json}.log
  case $3-$4 in
    benchmark-layouts) options=("${layout_options[@]}") ;;
    benchmark-*) options=("${benchmark_options[@]}") ;;
  esac
  if [[ $3 == benchmark ]]; then
    options+=(--benchmark_out="$file" --benchmark_out_format=json)
  else
    options=(--out="$file")
  fi
  if [[ $3 == postgres ]]; then
    options+=("--connection=host=127.0.0.1 port=$postgres_port user=postgres dbname=postgres")
  fi
  [[ $3 != mariadb ]] || options+=("--port=$mariadb_port")
  [[ $3 != redis ]] || options+=("--port=$redis_port")
  "$program" "${options[@]}" >"$log" 2>&1 || {
    cat "$log" >&2
    exit 1
  }
}

# in_turn ROUND FIRST LAST: the numbers, in every second round from last to first.
in_turn() {
  if (($1 % 2)); then seq "$2" "$3"; else seq "$3" -1 "$2"; fi
}

# measure_in_turn NAME KIND RUNS
measure_in_turn() {
  local round layout build builds=(new) layouts=0 count=$rounds
  [[ -z $against ]] || builds=(new old)
  [[ $3 != layouts ]] || layouts=$last_layout
  [[ $3 != once ]] || count=1
  for ((round = 1; round <= count; round++)); do
    say "$1, round $round of $count"
    for layout in $(in_turn "$round" 0 "$layouts"); do
      for build in $(in_turn "$((round + layout))" 0 "$((${#builds[@]} - 1))"); do
        measure "${builds[build]}" "$1" "$2" "$3" "$layout" "$round"
      done
    done
  done
}

report() {
  local options=()
  say "result: $SECONDS s"
  [[ -z $filter ]] || options+=(--only-measured)
  options+=("$out"/new/*.json)
  [[ -z $against ]] || options+=("--against=$against" "$out"/old/*.json)
  build/bench/bench/bench_report "${options[@]}"
  if [[ -f $out/new/matrix.0.1.json ]]; then
    echo
    build/bench/bench/matrix --print="$out/new/matrix.0.1.json"
  fi
}

main() {
  local name kind runs
  read_arguments "$@"
  install_packages "${test_packages[@]}"
  cmake -S . -B build/bench "${build_options[@]}" -DQUERYTAP_TESTS=OFF >/dev/null
  programs=$(matching_programs)
  [[ -n $programs ]] || {
    echo "bench/run.sh: no program matches '$filter'" >&2
    exit 2
  }
  build
  [[ -z $against ]] || build_old
  trap 'stop_postgres; stop_mariadb; stop_redis' EXIT
  rm -rf "$out"
  mkdir -p "$out/new" "$out/old"

  # Not on the standard input, which a program may read.
  while read -r -u 3 name kind runs; do
    [[ $kind != postgres ]] || start_postgres
    [[ $kind != mariadb ]] || start_mariadb
    [[ $kind != redis ]] || start_redis
    measure_in_turn "$name" "$kind" "$runs"
  done 3<<<"$programs"
  report
}

main "$@"
