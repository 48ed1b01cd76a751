#!/usr/bin/env bash
# fresh_quickstart.sh SOURCES FOLDER: copies the sources to where nothing was built, and runs the quickstart there.
set -euo pipefail
sources=$1 folder=$2
rm -rf "$folder"
mkdir -p "$folder"
cp -r "$sources"/{CMakeLists.txt,include,src,examples,bench,tests,LICENSE,README.md} "$folder"
# A compiler cache, where there is one, then knows the sources again.
export CCACHE_BASEDIR=$folder
output=$("$folder/examples/quickstart.sh" --once -- --load-seconds 3 --listen 127.0.0.1:0 --metrics 127.0.0.1:0)
rm -rf "$folder"
grep -q 'statements by total time' <<<"$output" && grep -qE 'right page among the first five: [0-9]+ of [0-9]+' <<<"$output" || {
  echo "$output"
  exit 1
}
