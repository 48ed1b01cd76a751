#!/usr/bin/env bash
# pkg_config.sh COMPILER PREFIX FOLDER: compiles one program against an installed copy by what pkg-config says, without
# RTTI, and runs it. The licence is there as well.
set -euo pipefail
compiler=$1 prefix=$2 folder=$3
here=$(dirname "${BASH_SOURCE[0]}")
mkdir -p "$folder"
PKG_CONFIG_PATH=$(dirname "$(find "$prefix" -name querytap.pc)")
export PKG_CONFIG_PATH
libraries=$(pkg-config --variable=libdir querytap)
# shellcheck disable=SC2046
"$compiler" -std=c++20 -fno-rtti "$here/pkg_config.cpp" -o "$folder/program" \
  $(pkg-config --cflags --libs querytap_sqlite querytap_watch querytap_otlp) -Wl,-rpath,"$libraries"
"$folder/program"

# The header of each client is found with what pkg-config says of its component.
for header in "$(pkg-config --variable=includedir querytap)"/querytap/decorators/*.hpp; do
  client=$(basename "$header" .hpp)
  pkg-config --exists "querytap_$client" || continue
  # shellcheck disable=SC2046
  "$compiler" -std=c++20 -fsyntax-only -x c++ $(pkg-config --cflags "querytap_$client") - \
    <<<"#include <querytap/decorators/$client.hpp>"
done

[[ -n $(find "$prefix/share/doc" -name LICENSE) ]] || {
  echo "no licence below $prefix/share/doc" >&2
  exit 1
}
