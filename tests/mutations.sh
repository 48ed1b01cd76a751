#!/usr/bin/env bash
# Puts small faults into a copy of the sources, one at a time, and holds that the tests find each. A fault that
# no test finds shows a missing test; one that no longer fits the sources is an error as well.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=examples/set_up.sh
source examples/set_up.sh

# FILE | SED EXPRESSION | TREE | TEST PROGRAM | ARGUMENTS of Catch2
mutations=(
  'include/querytap/calls/detail/append_list.hpp|s/std::memory_order_release,/std::memory_order_relaxed,/|thread|calls_tests|[#retirement_test]'
  'include/querytap/recording/detail/cell.hpp|s/bucket.store(count, std::memory_order_release);//|release|recording_tests|[#cell_test]'
  'include/querytap/recording/detail/in_flight.hpp|s/slot->series.store(nullptr, std::memory_order_release)/(void)slot/|release|calls_tests|[#in_flight_test]'
  'src/recording/retirement.cpp|s/collector_.end(retired)/collector_.fold(retired)/|release|calls_tests|[#retirement_test]'
  'src/recording/retirement.cpp|s/for_each_in_flight(lanes_of_parent_, add)/(void)0/|release|calls_tests|[#retirement_test]'
  'src/snapshot/bucket_layout.cpp|s/> bound) --edge/> bound) ++edge/|release|snapshot_tests|[#bucket_layout_test]'
  'src/exporters/prometheus/text_escape.hpp|s/quotes ? /!quotes ? /|release|exporters_tests|[#prometheus_text_test],[#open_metrics_test]'
  'src/runtime/endpoint/listen_address.cpp|s/"127\."/"12"/|release|runtime_tests|[#scrape_endpoint_test]'
  'src/policies/pool_slots.cpp|s/--total_;/(void)total_;/|release|policies_tests|[#pool_test]'
  'src/decorators/http/retry_policy.cpp|s/date == -1/date != -1/|release|http_decorator_tests|[#retry_policy_test]'
)

copy=build/mutations

copy_tree() {
  rm -rf "$copy/src" "$copy/include" "$copy/tests"
  mkdir -p "$copy"
  git ls-files -z | tar --create --null --files-from - | tar --extract --touch --directory "$copy"
}

options_of() {
  if [[ $1 == release ]]; then
    echo -DCMAKE_CXX_COMPILER=g++ -DCMAKE_BUILD_TYPE=Release
  else
    echo -DCMAKE_CXX_COMPILER=clang++-14 -DCMAKE_BUILD_TYPE=Debug "-DQUERYTAP_SANITIZE=$1"
  fi
}

build_program() {
  local tree=$1 program=$2
  # shellcheck disable=SC2046
  cmake -S "$copy" -B "$copy/build/$tree" -G Ninja $(options_of "$tree") \
    -DQUERYTAP_EXAMPLES=OFF -DQUERYTAP_BENCH=OFF "-DQUERYTAP_NODE_MODULES=$PWD/build/node/node_modules" >/dev/null
  cmake --build "$copy/build/$tree" --parallel "$(nproc)" --target "$program" >"$copy/build.log" 2>&1
}

run_program() {
  local launcher=()
  [[ $1 != thread ]] || launcher=(setarch --addr-no-randomize)
  TSAN_OPTIONS=halt_on_error=1 timeout 120 "${launcher[@]}" \
    "$copy/build/$1/tests/$2" --filenames-as-tags --warn NoTests "$3" >"$copy/test.log" 2>&1
}

export CMAKE_CXX_COMPILER_LAUNCHER=ccache
export CCACHE_DIR=$PWD/build/ccache CCACHE_BASEDIR=$PWD/$copy CCACHE_NOHASHDIR=1
export CCACHE_SLOPPINESS=pch_defines,time_macros
copy_tree
status=0
declare -A is_sound # tree, program and arguments that pass without a fault
for mutation in "${mutations[@]}"; do
  IFS='|' read -r file expression tree program arguments <<<"$mutation"
  tests="$tree $program $arguments"
  if [[ -z ${is_sound[$tests]-} ]]; then
    build_program "$tree" "$program" && run_program "$tree" "$program" "$arguments" && is_sound[$tests]=yes
  fi || true
  sed "$expression" "$file" >"$copy/$file"
  if cmp -s "$file" "$copy/$file"; then
    outcome='DOES NOT FIT the sources'
  elif [[ -z ${is_sound[$tests]-} ]]; then
    outcome='FAILS WITHOUT the fault'
  elif ! build_program "$tree" "$program"; then
    outcome='does not even compile'
  elif run_program "$tree" "$program" "$arguments"; then
    outcome='NOT FOUND by any test'
  else
    outcome='found'
  fi
  cp "$file" "$copy/$file"
  printf '%-50s %-8s %s\n' "$(basename "$file") $arguments" "$tree" "$outcome"
  [[ $outcome == found ]] || status=1
done
exit "$status"
