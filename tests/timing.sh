# shellcheck shell=bash
# Sourced by tests/run.sh: the table of where its time went.

timing_rows=

# add_row TREE OUTCOME BUILD TEST, in seconds
add_row() {
  timing_rows+="$(printf '%-18s %6d s %6d s   %-14s %s' "$1" "$3" "$4" "$(cached "$1")" "$2")"$'\n'
}

# How many compilations of a tree the compiler cache answered, of how many.
cached() {
  local log=build/timing/$1.ccache hits misses
  [[ -e $log ]] || return 0
  hits=$(grep -cE '^(direct_cache_hit|preprocessed_cache_hit)$' "$log" || true)
  misses=$(grep -c '^cache_miss$' "$log" || true)
  echo "$hits of $((hits + misses))"
}

# Seconds and name of the ten slowest tests.
slowest_tests() {
  local report
  for report in build/timing/*.xml; do
    [[ -e $report ]] || continue
    sed -nE 's/.*<testcase name="([^"]*)".* time="([^"]*)" status="run".*/\2 \1/p' "$report" |
      sed "s|\$| ($(basename "$report" .xml))|"
  done | sort -rn | awk 'NR <= 10'
}

print_timing() {
  say "result: $SECONDS s"
  printf '%-18s %8s %8s   %-14s\n' tree build tests 'from cache'
  printf '%s' "$timing_rows"
  echo 'the slowest tests:'
  slowest_tests | awk '{ printf "  %7.1f s  %s %s\n", $1, $2, $3 }'
}
