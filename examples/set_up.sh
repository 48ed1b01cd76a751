# shellcheck shell=bash disable=SC2034
# Sourced by examples/quickstart.sh and tests/run.sh: which Debian packages they need, and how those get here.

example_packages=(
  g++ cmake ninja-build pkg-config
  libabsl-dev libfmt-dev libsqlite3-dev libcivetweb-dev libcpp-httplib-dev nlohmann-json3-dev
  mandoc manpages manpages-dev)
postgres_packages=(libpqxx-dev postgresql-15)
test_packages=(
  "${example_packages[@]}" "${postgres_packages[@]}"
  clang-14 clang-format-14 libclang-rt-14-dev llvm-14 prometheus-cpp-dev catch2 libbenchmark-dev libpg-query-dev
  libmariadb-dev mariadb-server-core prometheus curl)

say() { printf '== %s\n' "$*"; }

is_installed() {
  [[ $(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null) == installed ]]
}

may_become_root() {
  sudo -n true 2>/dev/null || { [[ -t 0 ]] && sudo -v; }
}

# install_packages PACKAGE…: those of them that are missing. Where nobody may install, exits with 2.
install_packages() {
  local package missing=()
  for package in "$@"; do
    is_installed "$package" || missing+=("$package")
  done
  ((${#missing[@]})) || return 0

  local install=(apt-get install -y --no-install-recommends "${missing[@]}") as_root=()
  if ((EUID != 0)); then
    may_become_root || {
      say 'packages are missing, and this user may not install them; as root, run:'
      echo "apt-get update && ${install[*]}"
      exit 2
    } >&2
    as_root=(sudo)
  fi
  as_root+=(env DEBIAN_FRONTEND=noninteractive)

  say "installing ${missing[*]}"
  # A new machine has no package lists yet, and old lists name versions that are gone.
  "${as_root[@]}" "${install[@]}" || {
    say 'once more, with new package lists'
    "${as_root[@]}" apt-get update
    "${as_root[@]}" "${install[@]}"
  }
}
