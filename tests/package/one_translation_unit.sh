#!/usr/bin/env bash
# one_translation_unit.sh COMPILER HEADERS forwards|backwards: compiles the sources of all components as one
# translation unit, as header-only programs may, with the public headers in this order of their names.
#
# Each order finds what the other does not: a name in an anonymous namespace hides one of a header for the sources
# that come later, and a header may lack what an earlier one has declared, or find another. A minute of processor time.
set -euo pipefail
compiler=$1 headers=$2 order=$3
case $order in
  forwards) sorting=() ;;
  backwards) sorting=(-r) ;;
  *)
    echo "$0: $order is no order" >&2
    exit 2
    ;;
esac
read -ra flags <<<"$(pkg-config --cflags hiredis libcurl libmariadb libmongoc-1.0 libpq libpqxx sqlite3)"
program=$(
  echo '#define QUERYTAP_IMPLEMENTATION'
  cd "$headers"
  find querytap -name '*.hpp' -not -path '*/detail/*' -not -path '*/implementation/*' -print |
    LC_ALL=C sort "${sorting[@]}" | sed 's/.*/#include <&>/'
)
[[ $program == *'<querytap/querytap.hpp>'* ]]
"$compiler" -std=c++20 -fsyntax-only -I "$headers" "${flags[@]}" -x c++ - <<<"$program"
