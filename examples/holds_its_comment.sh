#!/bin/sh
# holds_its_comment.sh SOURCE PROGRAM…: whether a program prints what the first comment of its source promises, for the
# input that the comment pipes into it, if any. Line ends and durations are not compared: a comment may be too narrow
# for a line.
set -eu
source=$1
shift
comment=$(sed -n '/^\/\/     \$/,/^\/\/$\|^$/s,^//     ,,p' "$source")
input=$(printf '%s\n' "$comment" | sed -n 's,^\$ echo "\(.*\)" | .*,\1,p')
without_times() { sed -E 's/ +[0-9.]+ (ns|µs|ms|s)/ TIME/g' | tr -d '\n'; }
promised=$(printf '%s\n' "$comment" | grep -v '^\$' | without_times)
printed=$(printf '%s' "$input" | "$@" | without_times)
[ "$printed" = "$promised" ] || {
  printf 'promised %s\nprinted  %s\n' "$promised" "$printed"
  exit 1
}
