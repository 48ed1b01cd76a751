# shellcheck shell=bash
# Sourced by each finding: a temporary folder, pinned public packages in it, servers that are gone at
# the end, and the comparison of what was seen with what is expected.

folder=$(mktemp -d "${TMPDIR:-/tmp}/finding.XXXXXX")
chmod 755 "$folder"  # a server's user may have to read it
packages=$folder/packages
libraries=$packages/usr/lib/$(g++ -print-multiarch)
seen=$folder/seen
mkdir "$packages"
: >"$seen"
servers=()

clean_up() {
  local server
  for server in "${servers[@]}"; do kill "$server" 2>/dev/null || true; done
  for server in "${servers[@]}"; do
    for _ in {1..50}; do kill -0 "$server" 2>/dev/null && sleep 0.1; done
    kill -KILL "$server" 2>/dev/null || true
    wait "$server" 2>/dev/null || true
  done
  rm -rf "$folder"
}
trap clean_up EXIT
trap 'exit 130' INT TERM

# show COMMAND...: runs it; what it writes to stdout is kept for expect.
show() { "$@" | tee -a "$seen"; }

# expect <TEXT: all that was shown must be just that.
expect() {
  diff -u --label expected --label seen - "$seen" || fail 'it behaves differently now'
  say 'as expected'
}

say() { printf -- '-- %s\n' "$*"; }

fail() {
  printf 'FAILED: %s\n' "$*" >&2
  exit 1
}

# debian PACKAGE=VERSION...: unpacks these, and those that they need and this machine lacks. Nothing
# is installed.
debian() {
  local needed=() inst name version rest package
  local -A asked=()
  for package in "$@"; do asked[${package%%=*}]=1; done
  while read -r inst name rest; do
    [[ $inst == Inst && $name != libc6 && -z ${asked[$name]:-} ]] || continue
    version=${rest#*\(}
    needed+=("$name=${version%% *}")
  done < <(LC_ALL=C apt-get -s install --no-install-recommends --allow-downgrades "$@" 2>/dev/null)
  mkdir "$folder/archives"
  (cd "$folder/archives" &&
    apt-get -qq -o APT::Sandbox::User="$(id -un)" download "$@" "${needed[@]}") ||
    fail "could not download $*: apt-get update, or the archive no longer has this version"
  for package in "$folder"/archives/*.deb; do dpkg-deb -x "$package" "$packages"; done
  rm -r "$folder/archives"
  export LD_LIBRARY_PATH=$libraries
  say "unpacked $*"
}

# build NAME [OPTION...] <SOURCE: a C++20 program $folder/NAME, against the unpacked packages.
build() {
  local name=$1
  shift
  cat >"$folder/$name.cpp"
  g++ -std=c++20 -O1 -I"$packages/usr/include" "$folder/$name.cpp" -o "$folder/$name" \
    -L"$libraries" "$@"
}

# What starts with it runs as nobody where we are root: there are servers that refuse root.
as_user=()
((EUID != 0)) || as_user=(setpriv --reuid=nobody --regid=nogroup --clear-groups --)

# A folder for a server to write to.
own_folder() {
  mkdir "$1"
  ((EUID != 0)) || chown nobody:nogroup "$1"
}

# serve NAME COMMAND...: a server that writes to $folder/NAME/, and its output to $folder/NAME.log.
serve() {
  local name=$1
  shift
  [[ -d $folder/$name ]] || own_folder "$folder/$name"
  (cd "$folder/$name" && exec "$@") >"$folder/$name.log" 2>&1 &
  servers+=("$!")
}

# A port of 127.0.0.1 that nobody listens on, below those that the kernel hands out.
free_port() {
  local port
  for _ in {1..50}; do
    port=$((20000 + RANDOM % 12000))
    (: <>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || { printf '%s\n' "$port"; return; }
  done
  fail 'no free port'
}

# wait_for COMMAND...: until it succeeds, half a minute at most.
wait_for() {
  local deadline=$((SECONDS + 30))
  until "$@" >/dev/null 2>&1; do
    if ((SECONDS >= deadline)); then
      tail -n 5 "$folder"/*.log >&2
      fail "waited 30 s for: $*"
    fi
    sleep 0.2
  done
}

# start_postgres: a private PostgreSQL 15 of the unpacked packages, on $postgres_port.
start_postgres() {
  local programs=$packages/usr/lib/postgresql/15/bin
  postgres_port=$(free_port)
  own_folder "$folder/postgres"
  (cd "$folder/postgres" && "${as_user[@]}" "$programs/initdb" -D cluster -U postgres -A trust \
    --locale=C.UTF-8 -E UTF8 --no-sync) >"$folder/initdb.log" 2>&1 ||
    fail "initdb: $(<"$folder/initdb.log")"
  serve postgres "${as_user[@]}" "$programs/postgres" -D cluster -F -p "$postgres_port" -c jit=off \
    -c listen_addresses=127.0.0.1 -c unix_socket_directories=
  wait_for "$programs/pg_isready" -q -h 127.0.0.1 -p "$postgres_port" -U postgres
}

# sql OPTION...: psql of the unpacked packages in the private PostgreSQL; rows alone.
sql() {
  "$packages/usr/lib/postgresql/15/bin/psql" -X -q -A -t -h 127.0.0.1 -p "$postgres_port" \
    -U postgres -d postgres "$@"
}
