# shellcheck shell=bash disable=SC2034
# Sourced by examples/quickstart.sh and tests/run.sh: the Debian packages that they need, and their installation.

example_packages=(
  g++ cmake ninja-build pkg-config
  libabsl-dev libfmt-dev libprotozero-dev libsqlite3-dev libdeflate-dev libmicrohttpd-dev libcpp-httplib-dev nlohmann-json3-dev
  mandoc manpages manpages-dev)
postgres_packages=(libpqxx-dev postgresql-15)
otlp_packages=(libprotozero-dev libcurl4-openssl-dev libdeflate-dev)
# What tests/run.sh soak needs besides; tests/aarch64.sh tells of its foreign packages itself.
soak_packages=(g++-aarch64-linux-gnu qemu-user)
test_packages=(
  "${example_packages[@]}" "${postgres_packages[@]}" "${otlp_packages[@]}"
  ccache clang-14 clang-format-14 clang-tidy-14 libclang-rt-14-dev llvm-14 prometheus-cpp-dev catch2 libbenchmark-dev libpg-query-dev
  libhiredis-dev redis-server libmariadb-dev libmongoc-dev libyaml-cpp-dev mariadb-server-core pgbouncer prometheus victoria-metrics chromium curl protobuf-compiler openssl spin zlib1g-dev
  libprotobuf-dev golang-github-prometheus-client-model-dev python3-prometheus-client
  python3-mockupdb python3-pymongo
  prometheus-postgres-exporter prometheus-redis-exporter prometheus-node-exporter prometheus-alertmanager
  postgresql-15-pg-stat-kcache postgresql-15-pg-wait-sampling)

say() { printf '== %s\n' "$*"; }

# One line for each architecture of the package.
is_installed() {
  dpkg-query -W -f '${db:Status-Status}\n' "$1" 2>/dev/null | grep -x installed >/dev/null
}

may_become_root() {
  sudo -n true 2>/dev/null || { [[ -t 0 ]] && sudo -v; }
}

# install_packages PACKAGE…: installs those that are missing. Exits with 2 where this user may not install.
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

# install_node_packages FROM INTO: the packages of FROM/package-lock.json, if INTO does not have them.
install_node_packages() {
  local from=$1 into=$2
  # A node that is not Debian's brings npm.
  command -v npm >/dev/null || install_packages nodejs npm
  cmp -s "$from/package-lock.json" "$into/installed-lock.json" && return
  say "installing the packages of $from/package.json"
  mkdir -p "$into"
  cp "$from"/package*.json "$into"
  (cd "$into" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error)
  cp "$from/package-lock.json" "$into/installed-lock.json"
}
