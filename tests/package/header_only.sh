#!/usr/bin/env bash
# header_only.sh COMPILER HEADERS FOLDER LIBRARIES: compiles the program in header_only/ with one line, runs it, and
# holds that each function of the libraries that it uses is in it once, also where components share sources.
#
# header_only.sh COMPILER HEADERS: holds that everything that the program includes is there; takes seconds.
set -euo pipefail
compiler=$1 headers=$2
here=$(dirname "${BASH_SOURCE[0]}")/header_only
if (($# == 2)); then
  sources=$("$compiler" -std=c++20 -I "$headers" -M "$here/main.cpp" | grep -c 'implementation/src/.*\.cpp')
  ((sources > 0))
  exit
fi
folder=$3 libraries=$4
mkdir -p "$folder"

# The line of the guide, for these files; the program sends OTLP besides. Not optimised, which takes two thirds of
# the time: what is missing, or there twice, is so then as well.
guide=$(dirname "${BASH_SOURCE[0]}")/../../examples/guides/adoption/README.md
line=$(sed -n '/^g++ .* main\.cpp store\.cpp .*\\$/ { N; p; }' "$guide")
line=${line/#g++/\"\$compiler\"}
line=${line/querytap\/include/\"\$headers\"}
line=${line/main.cpp store.cpp -o service/\"\$here\/main.cpp\" \"\$here\/store.cpp\" -o \"\$folder\/program\"}
[[ $line == *'$compiler'*'$headers'*'$here'*'$folder'* ]] || {
  echo "no compiler line for main.cpp and store.cpp in $guide" >&2
  exit 1
}
eval "$line -O0 \$(pkg-config --cflags --libs libcurl)"
"$folder/program"

functions_of() { nm --defined-only "$@" 2>/dev/null | sed -n 's/.* T \(_ZN\?K\?8querytap.*\)/\1/p' | sort; }
functions_of "$folder/program" >"$folder/functions"
repeated=$(uniq -d "$folder/functions")
[[ -z $repeated ]] || {
  echo "more than once in the program: $repeated" >&2
  exit 1
}
missing=$(find "$libraries" \( -name libquerytap.a -o -name libquerytap_sqlite.a -o -name libquerytap_gzip.a \
  -o -name libquerytap_endpoint.a -o -name libquerytap_otlp.a \) -exec nm --defined-only {} + 2>/dev/null |
  sed -n 's/.* T \(_ZN\?K\?8querytap.*\)/\1/p' | sort -u | comm -23 - "$folder/functions")
[[ -z $missing ]] || {
  echo "in the libraries, but not in the program: $missing" >&2
  exit 1
}
[[ -s $folder/functions ]]
