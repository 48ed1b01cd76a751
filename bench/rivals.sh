#!/usr/bin/env bash
# Adds rivals that Debian does not have to the table of bench/recording/matrix. Give the source tree of each
# that you have:
#
#     bench/rivals.sh hdr_histogram=~/HdrHistogram_c opentelemetry=~/opentelemetry-cpp brpc=~/brpc
#
#     hdr_histogram  github.com/HdrHistogram/HdrHistogram_c, from 0.11.10
#     opentelemetry  github.com/open-telemetry/opentelemetry-cpp, from 1.29
#     brpc           github.com/apache/brpc, from 1.17, for its bvar; needs apt-get install libgflags-dev
#                    libleveldb-dev libprotobuf-dev libprotoc-dev protobuf-compiler libssl-dev
#
# Builds in build/rivals, measures querytap and Debian's rivals in the same run, and prints one table.
# MATRIX_OPTIONS are options of all programs, such as "--seconds=0.2 --threads=1,2".
set -euo pipefail

absolute_path() {
  (cd "$1" && pwd)
}

programs=()
options=()
for argument in "$@"; do
  path=${argument#*=}
  path=${path/#\~/$HOME}
  case $argument in
    hdr_histogram=*) programs+=(hdr_histogram_matrix) options+=("-DHDR_HISTOGRAM=$(absolute_path "$path")") ;;
    opentelemetry=*) programs+=(opentelemetry_matrix) options+=("-DOPENTELEMETRY=$(absolute_path "$path")") ;;
    brpc=*) programs+=(bvar_matrix) options+=("-DBRPC=$(absolute_path "$path")") ;;
    *)
      echo "bench/rivals.sh: unknown rival '$argument'; the first lines of this file have the list" >&2
      exit 2
      ;;
  esac
done
((${#programs[@]})) || {
  echo "usage: bench/rivals.sh RIVAL=SOURCES…, see the first lines of this file" >&2
  exit 2
}

cd "$(dirname "${BASH_SOURCE[0]}")/.."
read -r -a matrix_options <<<"${MATRIX_OPTIONS-}"
folder=build/rivals
cmake -S . -B build/bench -G Ninja -DCMAKE_BUILD_TYPE=Release -DCMAKE_CXX_FLAGS=-ffunction-sections \
  -DQUERYTAP_TESTS=OFF >/dev/null
cmake --build build/bench --parallel "$(nproc)" --target matrix
cmake -S bench/rivals -B "$folder" -G Ninja -DCMAKE_BUILD_TYPE=Release "${options[@]}" >/dev/null
cmake --build "$folder" --parallel "$(nproc)" --target "${programs[@]}"

build/bench/bench/matrix "${matrix_options[@]}" --out="$folder/matrix.json" >/dev/null
files=$folder/matrix.json
for program in "${programs[@]}"; do
  "$folder/$program" "${matrix_options[@]}" --out="$folder/$program.json" >/dev/null
  files+=,$folder/$program.json
done
build/bench/bench/matrix --print="$files"
