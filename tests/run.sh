#!/usr/bin/env bash
# Sets everything up and runs every test; arguments go on to ctest:
#
#     tests/run.sh
#     tests/run.sh -R recording
#
# Three trees under build/: everything by g++; by clang++ the unit tests under ThreadSanitizer, and all
# but the tests of whole programs under AddressSanitizer and UndefinedBehaviorSanitizer.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=examples/set_up.sh
source examples/set_up.sh

# A crash shows its stack, not Catch2 stumbling in a signal handler.
export ASAN_OPTIONS=handle_segv=2
export TSAN_OPTIONS=halt_on_error=1:second_deadlock_stack=1:handle_segv=2
export UBSAN_OPTIONS=print_stacktrace=1

configure() {
  local tree=$1 options=(-DCMAKE_CXX_COMPILER=g++ -DCMAKE_BUILD_TYPE=Release)
  if [[ $tree != release ]]; then
    options=(-DCMAKE_CXX_COMPILER=clang++-14 -DCMAKE_BUILD_TYPE=Debug "-DQUERYTAP_SANITIZE=$tree")
  fi
  if [[ $tree == thread ]]; then
    options+=(-DQUERYTAP_EXAMPLES=OFF -DQUERYTAP_BENCH=OFF)
  fi
  cmake -S . -B "build/$tree" -G Ninja -DCMAKE_COMPILE_WARNING_AS_ERROR=ON "${options[@]}"
}

build() {
  say "$1: building"
  configure "$1" && cmake --build "build/$1" --parallel "$(nproc)"
}

count_tests() {
  local tree=$1
  shift
  ctest --test-dir "build/$tree" -N "$@" | sed -n 's/^Total Tests: //p'
}

run_ctest() {
  local tree=$1 launcher=()
  shift
  # Under strong address randomisation ThreadSanitizer of clang 14 finds no room for its shadow.
  if [[ $tree == thread ]] && setarch --addr-no-randomize true 2>/dev/null; then
    launcher=(setarch --addr-no-randomize)
  fi
  say "$tree: testing"
  "${launcher[@]}" ctest --test-dir "build/$tree" --output-on-failure --timeout 600 \
    --parallel "$(nproc)" "$@"
}

# Leaves in `outcome` how the tree did; fails where it did not build or a test failed.
test_tree() {
  local tree=$1 count
  shift
  outcome='DID NOT BUILD'
  build "$tree" || return 1
  outcome='no test matches'
  count=$(count_tests "$tree" "$@")
  ((count > 0)) || return 0
  outcome='FAILED'
  run_ctest "$tree" "$@" || return 1
  outcome="$count tests passed"
}

main() {
  install_packages "${test_packages[@]}"
  install_node_packages tests/node build/node

  local tree outcome begin summary='' status=0
  for tree in release thread address+undefined; do
    begin=$SECONDS
    test_tree "$tree" "$@" || status=1
    summary+="$(printf '%-18s %s (%d s)' "$tree" "$outcome" $((SECONDS - begin)))"$'\n'
  done

  say "result: $SECONDS s"
  printf '%s' "$summary"
  if ((status == 0)) && [[ $summary != *passed* ]]; then
    echo "no test anywhere matches: $*"
    status=1
  fi
  return "$status"
}

main "$@"
