#!/bin/sh
# holds_its_comment.sh SOURCE PROGRAM: whether a program prints what stands in its source's first comment, for the
# input that the comment pipes into it, if any. Line ends do not count: a comment may be too narrow for a line.
set -eu
comment=$(sed -n '/^\/\/     \$/,/^\/\/$\|^$/s,^//     ,,p' "$1")
input=$(printf '%s\n' "$comment" | sed -n 's,^\$ echo "\(.*\)" | .*,\1,p')
promised=$(printf '%s\n' "$comment" | grep -v '^\$' | tr -d '\n')
printed=$(printf '%s' "$input" | "$2" | tr -d '\n')
[ "$printed" = "$promised" ] || {
  printf 'promised %s\nprinted  %s\n' "$promised" "$printed"
  exit 1
}
