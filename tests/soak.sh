#!/usr/bin/env bash
# What takes too long for every change; tests/run.sh soak builds the trees and comes here. Each part runs,
# whatever became of the others:
#
#     counts     the tests that count to a tenth in an ordinary run count to the whole, under sanitizers ten
#                times as far as otherwise
#     models     the protocols of the recording core, each step of which must be found needed
#     fuzzers    QUERYTAP_FUZZ_SECONDS each, 60 unless set
#     mutations  small faults put into the sources, each of which a test must find
#     aarch64    the concurrency tests under qemu
#     tidy       clang-tidy over every source that a build without sanitizers compiles
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=examples/set_up.sh
source examples/set_up.sh

export QUERYTAP_SOAK=1

whole_counts() {
  local tree program programs launcher status=0
  for tree in release thread address+undefined; do
    launcher=()
    [[ $tree != thread ]] || launcher=(setarch --addr-no-randomize)
    programs=(recording_tests decorators_tests policies_tests)
    [[ $tree != release ]] || programs+=(fork_tests) # which the other trees do not have
    for program in "${programs[@]}"; do
      say "$tree: $program"
      "${launcher[@]}" "build/$tree/tests/$program" || status=1
    done
  done
  return "$status"
}

all_models() {
  local model status=0
  for model in sequence_lock pending_record change_of_sides; do
    tests/models/search.sh "$model" || status=1
  done
  return "$status"
}

fuzzers() {
  local fuzzer name status=0
  cd build/address+undefined/tests/fuzz
  for fuzzer in ./*_fuzzer; do
    name=$(basename "$fuzzer" _fuzzer)
    say "fuzzing $name"
    "$fuzzer" -max_total_time="${QUERYTAP_FUZZ_SECONDS:-60}" -max_len=2048 -verbosity=0 -print_final_stats=1 \
      "$name" "$OLDPWD/tests/fuzz/seeds/$name" || status=1
  done
  return "$status"
}

result=
status=0
# part NAME COMMAND…
part() {
  local begin=$SECONDS outcome=passed
  ("${@:2}") || {
    outcome=FAILED
    status=1
  }
  result+="$(printf '%-10s %-7s %6d s' "$1" "$outcome" $((SECONDS - begin)))"$'\n'
}

part counts whole_counts
part models all_models
part fuzzers fuzzers
part mutations tests/mutations.sh
part aarch64 tests/aarch64.sh
part tidy tests/tidy.sh all
say "result: $SECONDS s"
printf '%s' "$result"
exit "$status"
