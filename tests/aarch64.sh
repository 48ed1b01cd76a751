#!/usr/bin/env bash
# Builds the core but its policies for aarch64 and runs its concurrency tests under qemu: nothing in it may
# count on more than the C++ memory model promises. A part of its own, because it needs Debian's packages of a foreign architecture:
#
#     dpkg --add-architecture arm64 && apt-get update
#     tests/aarch64.sh
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=examples/set_up.sh
source examples/set_up.sh

out=build/aarch64
mapfile -t sources < <(find src/{analysis,base,calls,query,recording,snapshot} -name '*.cpp' | sort)
sources+=(src/testing/capture.cpp tests/support/child_process.cpp)
recording_tests=(tests/unit/recording/{cell,exemplar,fork,threads}_test.cpp)
calls_tests=(tests/unit/calls/{histogram_family,in_flight,retirement}_test.cpp)

object_of() { echo "$out/${1//\//_}.o"; }

compile_all() {
  printf '%s\n' "$@" | xargs -P "$(nproc)" -I{} sh -c '
    aarch64-linux-gnu-g++ -std=c++20 -O1 -DNDEBUG -Iinclude -Isrc -Itests -I/usr/include -c "$1" \
      -o "$2/$(echo "$1" | tr / _).o"' sh {} "$out"
}

# run_tests NAME SOURCES… -- ARGUMENTS of Catch2…
run_tests() {
  local name=$1 objects=() source
  shift
  for source in "${sources[@]}" "$out/main.cpp"; do objects+=("$(object_of "$source")"); done
  while [[ $1 != -- ]]; do
    objects+=("$(object_of "$1")")
    shift
  done
  shift
  aarch64-linux-gnu-g++ "${objects[@]}" -o "$out/$name" -lfmt -labsl_hash -labsl_city -labsl_low_level_hash \
    -labsl_raw_hash_set -labsl_hashtablez_sampler -labsl_throw_delegate -labsl_base -lpthread
  say "aarch64: $name"
  qemu-aarch64 -L / "$out/$name" "$@"
}

install_packages g++-aarch64-linux-gnu qemu-user catch2
dpkg-query -W libabsl-dev:arm64 libfmt-dev:arm64 >/dev/null 2>&1 || {
  say 'packages are missing; as root, run:'
  echo 'dpkg --add-architecture arm64 && apt-get update && apt-get install libabsl-dev:arm64 libfmt-dev:arm64'
  exit 2
} >&2
mkdir -p "$out"
printf '#define CATCH_CONFIG_MAIN\n#include <catch2/catch.hpp>\n' >"$out/main.cpp"

say 'aarch64: building'
compile_all "${sources[@]}" "${recording_tests[@]}" "${calls_tests[@]}" "$out/main.cpp"
# qemu-user keeps the stacks of threads that have ended: a hundred thousand of them would fill the machine.
run_tests recording_tests "${recording_tests[@]}" -- '~after thousands of short threads*'
run_tests calls_tests "${calls_tests[@]}" --
