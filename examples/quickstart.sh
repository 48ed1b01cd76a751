#!/usr/bin/env bash
set -euo pipefail
caller=$PWD
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=examples/set_up.sh
source examples/set_up.sh
# shellcheck source=examples/private_postgres.sh
source examples/private_postgres.sh

backend=sqlite
built=
chatbot_options=(--load-seconds 20)
data=

usage() {
  cat <<'USAGE'
usage: examples/quickstart.sh [--once] [--backend sqlite|postgres] [--corpus FOLDER] [--build FOLDER] [-- OPTION…]

Installs what is missing, builds the example chatbot, lets it read its documents, asks it questions,
prints a report and keeps serving until Ctrl-C.

  --once             end after the report
  --backend NAME     where the chatbot keeps its documents: sqlite (the default), or postgres, for which
                     a private server is started and stopped again
  --corpus FOLDER    text and Markdown files to read, in place of the Linux manual pages
  --build FOLDER     the chatbot that was built there, in place of one built now
  -- OPTION…         further options of the chatbot itself; `-- --help` lists them
USAGE
}

refuse() {
  echo "examples/quickstart.sh: $1" >&2
  usage >&2
  exit 2
}

parse() {
  while (($#)); do
    case $1 in
      --once) chatbot_options+=(--once) ;;
      --backend)
        [[ ${2-} == sqlite || ${2-} == postgres ]] || refuse '--backend takes sqlite or postgres'
        backend=$2
        shift
        ;;
      --corpus)
        [[ -n ${2-} ]] || refuse '--corpus takes a folder'
        chatbot_options+=(--corpus "$(cd "$caller" && realpath --canonicalize-missing -- "$2")")
        shift
        ;;
      --build)
        [[ -n ${2-} ]] || refuse '--build takes a folder'
        built=$(cd "$caller" && realpath --canonicalize-missing -- "$2")
        shift
        ;;
      --)
        chatbot_options+=("${@:2}")
        return
        ;;
      -h | --help)
        usage
        exit 0
        ;;
      *) refuse "unknown argument '$1'" ;;
    esac
    shift
  done
}

program() { echo "${built:-build/examples}/examples/rag_chatbot/rag_chatbot"; }

# One build at a time: two of these may start at once.
build() {
  say 'building the example in build/examples'
  mkdir -p build
  (
    flock 9
    cmake -S . -B build/examples -G Ninja -DCMAKE_BUILD_TYPE=Release \
      -DQUERYTAP_TESTS=OFF -DQUERYTAP_BENCH=OFF
    cmake --build build/examples --parallel "$(nproc)" --target rag_chatbot
  ) 9>build/examples.lock
}

clean_up() {
  stop_postgres
  [[ -z $data ]] || rm -rf "$data"
}

# In the background, so that a signal to this script reaches the chatbot at once.
run_chatbot() {
  local chatbot status interrupted=true
  "$(program)" --backend "$backend" "${chatbot_options[@]}" &
  chatbot=$!
  trap 'interrupted=true; kill -TERM "$chatbot" 2>/dev/null || true' INT TERM
  while $interrupted; do
    interrupted=false
    status=0
    wait "$chatbot" || status=$?
  done
  return "$status"
}

parse "$@"
install_packages "${example_packages[@]}"
[[ $backend == sqlite ]] || install_packages "${postgres_packages[@]}"
[[ -n $built ]] || build
[[ -x $(program) ]] || refuse "there is no chatbot in '$built'"
trap clean_up EXIT
if [[ $backend == postgres ]]; then
  start_postgres
  "$postgres_programs/createdb" -h 127.0.0.1 -p "$postgres_port" -U postgres chatbot
  chatbot_options+=(--connection "host=127.0.0.1 port=$postgres_port user=postgres dbname=chatbot")
else
  data=$(mktemp -d "$PWD/build/quickstart.XXXXXX")
  chatbot_options+=(--database "$data/chatbot.db")
fi
run_chatbot
