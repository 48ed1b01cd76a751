#!/usr/bin/env bash
# Sets everything up and runs the tests; further arguments go on to ctest:
#
#     tests/run.sh                 everything, in three trees
#     tests/run.sh -R recording
#     tests/run.sh quick           the release tree's unit and structure tests, clang-tidy on changed sources
#     tests/run.sh soak            long runs: whole counts, models, fuzzers, mutations, aarch64, clang-tidy on all sources
#
# The trees, under build/: release, everything by g++; by clang++ thread, what has threads under
# ThreadSanitizer, and address+undefined, all unit tests but those that fork beside threads or watch the
# allocator, and the fuzzers, under AddressSanitizer and UndefinedBehaviorSanitizer. At the end stands where the time went.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=examples/set_up.sh
source examples/set_up.sh
# shellcheck source=tests/timing.sh
source tests/timing.sh

# A crash shows its stack, not Catch2 stumbling in a signal handler.
export ASAN_OPTIONS=handle_segv=2
export TSAN_OPTIONS=halt_on_error=1:second_deadlock_stack=1:handle_segv=2
export UBSAN_OPTIONS=print_stacktrace=1

# One compiler cache for every build of these sources: the trees, the package's consumers, a fresh copy.
export CMAKE_CXX_COMPILER_LAUNCHER=ccache
export CCACHE_DIR=$PWD/build/ccache CCACHE_BASEDIR=$PWD CCACHE_NOHASHDIR=1 CCACHE_MAXSIZE=2G
# locale: what `ctest --build-and-test` sets changes nothing that a compiler writes into an object.
export CCACHE_SLOPPINESS=pch_defines,time_macros,locale
# The trees take warnings for errors; users who build an example do not.
export CCACHE_IGNOREOPTIONS=-Werror

configure() {
  local tree=$1 options=(-DCMAKE_CXX_COMPILER=g++ -DCMAKE_BUILD_TYPE=Release)
  if [[ $tree != release ]]; then
    options=(-DCMAKE_CXX_COMPILER=clang++-14 -DCMAKE_BUILD_TYPE=Debug "-DQUERYTAP_SANITIZE=$tree" -DQUERYTAP_BENCH=OFF)
  fi
  if [[ $tree == thread ]]; then
    options+=(-DQUERYTAP_EXAMPLES=OFF)
  fi
  cmake -S . -B "build/$tree" -G Ninja -DCMAKE_COMPILE_WARNING_AS_ERROR=ON \
    -DCMAKE_EXPORT_COMPILE_COMMANDS=ON "${options[@]}"
}

build() {
  say "$1: building"
  configure "$1" && CCACHE_STATSLOG=$PWD/build/timing/$1.ccache cmake --build "build/$1" --parallel "$(nproc)"
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
  # One more than processors: some tests wait for a server, or for time to pass.
  CCACHE_STATSLOG=$PWD/build/timing/$tree.ccache "${launcher[@]}" ctest --test-dir "build/$tree" \
    --output-on-failure --parallel $(($(nproc) + 1)) --output-junit "$PWD/build/timing/$tree.xml" "$@"
}

# Leaves in `outcome` how the tree did; fails where it did not build or a test failed.
test_tree() {
  local tree=$1 count begin=$SECONDS
  shift
  outcome='DID NOT BUILD'
  build "$tree" || return 1
  build_seconds=$((SECONDS - begin))
  outcome='no test matches'
  count=$(count_tests "$tree" "$@")
  ((count > 0)) || return 0
  outcome='FAILED'
  begin=$SECONDS
  run_ctest "$tree" "$@" || return 1
  outcome="$count tests passed"
}

# test_trees TREE… -- ARGUMENT of ctest…
test_trees() {
  local trees=() tree outcome begin build_seconds status=0
  while [[ $1 != -- ]]; do
    trees+=("$1")
    shift
  done
  shift
  rm -rf build/timing
  mkdir -p build/timing
  for tree in "${trees[@]}"; do
    begin=$SECONDS build_seconds=0
    test_tree "$tree" "$@" || status=1
    add_row "$tree" "$outcome" "$build_seconds" $((SECONDS - begin - build_seconds))
  done
  print_timing
  if ((status == 0)) && [[ $timing_rows != *passed* ]]; then
    echo "no test anywhere matches: $*"
    status=1
  fi
  return "$status"
}

main() {
  local mode=all
  case ${1-} in
    quick | soak)
      mode=$1
      shift
      ;;
  esac
  install_packages "${test_packages[@]}"
  install_node_packages tests/node build/node
  install_node_packages tests/node_chroma build/node_chroma

  case $mode in
    all) test_trees release thread address+undefined -- "$@" ;;
    quick)
      test_trees release -- -L '^(unit|structure)$' "$@"
      tests/tidy.sh changed
      ;;
    soak)
      install_packages "${soak_packages[@]}"
      mkdir -p build/timing
      local tree
      for tree in release thread address+undefined; do build "$tree"; done
      tests/soak.sh
      ;;
  esac
}

main "$@"
