#!/usr/bin/env bash
# Holds sources against .clang-tidy, each compiled alone:
#
#     tests/tidy.sh changed     those that differ from the last commit
#     tests/tidy.sh all
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=examples/set_up.sh
source examples/set_up.sh

is_source='^(src|examples|bench|tests)/.*\.cpp$'

changed_files() {
  { git diff --name-only --diff-filter=d HEAD && git ls-files --others --exclude-standard; } | sort -u
}

case ${1-} in
  changed) files=$(changed_files) ;;
  all) files=$(git ls-files) ;;
  *)
    echo 'usage: tests/tidy.sh changed|all' >&2
    exit 2
    ;;
esac

cmake -S . -B build/tidy -G Ninja -DCMAKE_CXX_COMPILER=clang++-14 -DCMAKE_EXPORT_COMPILE_COMMANDS=ON \
  -DCMAKE_UNITY_BUILD=OFF -DCMAKE_DISABLE_PRECOMPILE_HEADERS=ON >/dev/null

say "clang-tidy: $1 files"
# Only what a build without sanitizers compiles has a command.
{ grep -E "$is_source" <<<"$files" || true; } | while read -r file; do
  ! grep -qF "\"file\": \"$PWD/$file\"" build/tidy/compile_commands.json || echo "$file"
done | xargs -r -P "$(nproc)" -n 4 clang-tidy-14 -p build/tidy --quiet
