#!/bin/sh
# holds_its_comment.sh SOURCE PROGRAM: whether a program prints for the input in its source's first comment what
# stands there too. Line ends do not count: a comment may be too narrow for a line.
set -eu
printed=$(sed -n 's,^//     $ echo "\(.*\)" | .*,\1,p' "$1" | "$2" | tr -d '\n')
promised=$(sed -n '/^\/\/     {/,/}$/s,^//     ,,p' "$1" | tr -d '\n')
[ "$printed" = "$promised" ] || {
  printf 'promised %s\nprinted  %s\n' "$promised" "$printed"
  exit 1
}
