#!/usr/bin/env bash
# Searches all states of a model, in which nothing may be wrong, and then of the same model with one step or order
# taken away, one after the other: each must be found wrong. What is found unneeded is needless in the code, or the
# model does not show what it is for.
#
#     tests/models/search.sh MODEL [DEFINITION…]    only with these definitions, and how an error comes about
#
# An ordinary run of the tests searches the right models alone, pending_record with a call less; steps are taken
# away in a soak (QUERYTAP_SOAK).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

memory_orders() { printf '%s=RELAXED\n' "$@"; }

# What must not be taken away.
steps_of() {
  case $1 in
    sequence_lock)
      memory_orders {SEQUENCE,BUCKET,SUM,PAGE}_{STORE,LOAD} POST_STORE SERVE_LOAD ANSWER_{STORE,LOAD}
      printf '%s\n' WITHOUT_ODD_SEQUENCE WITHOUT_EVEN_SEQUENCE WITHOUT_CHECK_FOR_ODD WITHOUT_SECOND_SEQUENCE_LOAD \
        SERVE_WITHOUT_COMPARING WITHDRAW_WITHOUT_COMPARING
      ;;
    pending_record)
      memory_orders {SEQUENCE,BUCKET,SUM,CELL,PENDING}_{STORE,LOAD}
      printf '%s\n' WITHOUT_ODD_SEQUENCE WITHOUT_EVEN_SEQUENCE WITHOUT_CHECK_FOR_ODD WITHOUT_SECOND_SEQUENCE_LOAD \
        WITHOUT_SECOND_CELL_LOAD PENDING_BEFORE_WINDOW PENDING_AFTER_WINDOW PENDING_LOADED_LAST \
        SERVE_WITHOUT_PENDING PENDING_ADDED_TO_SERVED
      ;;
    change_of_sides)
      memory_orders {TAKEN,EVICTION,COLLECTION}_{STORE,LOAD} ENTRY_{STORE,LOAD} {SEQUENCE,BUCKET,SUM}_STORE
      printf '%s\n' WITHOUT_ODD_SEQUENCE WITHOUT_CHECK_FOR_ODD WITHOUT_SECOND_SEQUENCE_LOAD WITHOUT_TAKEN_FLAG \
        EVICT_WITHOUT_TAKING_SHARED EVICT_WITHOUT_SIDES COLLECT_WITHOUT_SIDES RETIRE_WITHOUT_SIDES VICTIM_BEFORE_SIDES \
        ENTRY_KEPT ENTRY_RESET_AFTER_SIDES WITHOUT_VERSION_OF_EVICTED
      ;;
  esac
}

# search FOLDER MODEL OPTIMISATION DEFINITION…: compiles and runs the search. MEMLIM is in MiB.
search() {
  local folder=$1 model=$2 optimisation=$3
  shift 3
  mkdir -p "$folder"
  cp ./*.pml "$folder"
  cd "$folder"
  spin -a "${@/#/-D}" "$model.pml" >spin.log
  gcc "$optimisation" -w -DSAFETY -DVECTORSZ=2048 -DMEMLIM=6000 -DCOLLAPSE -o pan pan.c
  ./pan -m10000 >pan.log
}

# A search that left anything out is not complete, whatever it has found until then.
is_right() {
  grep -q 'errors: 0$' "$1" && ! grep -qE 'Search not completed|max search depth too small|reached -DMEMLIM' "$1"
}

# That HISTORY is too short says nothing.
is_wrong() {
  grep -qE '^pan:1: (assertion violated|invalid end state)' "$1" && ! grep -q 'violated (newest' "$1"
}

figures_of() {
  local states seconds
  states=$(sed -n 's/^ *\([0-9.e+]*\) states, stored.*/\1/p' "$1")
  seconds=$(sed -n 's/.*elapsed time \([0-9.e+]*\) seconds/\1/p' "$1")
  echo "$states states in $seconds s"
}

# Prints one line; false unless the search is wrong, as it must be.
search_without() {
  local model=$1 step=$2 folder
  folder=$(mktemp -d)
  if (search "$folder" "$model" -O0 "$step" 2>"$folder/errors") && is_wrong "$folder/pan.log"; then
    echo "$model $step: found"
  else
    echo "$model $step: NOT FOUND; $(figures_of "$folder/pan.log" 2>&1) $(cat "$folder/errors" "$folder/spin.log")"
    touch "$failures/$step"
  fi
  rm -rf "$folder"
}

search_whole() {
  local model=$1 folder
  folder=$(mktemp -d)
  if search "$folder" "$model" -O2 "${@:2}" && is_right "$folder/pan.log"; then
    echo "$model: right, $(figures_of "$folder/pan.log")"
  else
    cat "$folder/pan.log"
    touch "$failures/$model"
  fi
  rm -rf "$folder"
}

# How the first error comes about, without the insides of memory.pml.
show_error() {
  local model=$1 folder
  folder=$(mktemp -d)
  search "$folder" "$model" -O0 "${@:2}"
  cat "$folder/pan.log"
  cd "$folder"
  [[ ! -e $model.pml.trail ]] || spin -t -p -k "$model.pml.trail" "${@/#/-D}" "$model.pml" | grep -vE 'memory\.pml:|known\[|carried\['
  cd - >/dev/null
  rm -rf "$folder"
}

model=$1
if (($# > 1)); then
  show_error "$@"
  exit
fi
failures=$(mktemp -d)
export failures
export -f search search_whole search_without is_right is_wrong figures_of
{
  if [[ -n ${QUERYTAP_SOAK-} ]]; then
    echo "search_whole $model"
    steps_of "$model" | sed "s/^/search_without $model /"
  else
    [[ $model != pending_record ]] || fewer=CALLS=2
    echo "search_whole $model ${fewer-}"
  fi
} | xargs -P 2 -d '\n' -I{} bash -c 'set -euo pipefail; {}'
status=0
[[ -z $(ls -A "$failures") ]] || status=1
rm -rf "$failures"
exit "$status"
