#!/usr/bin/env bash
# Makes the pictures of the live page for this folder's README: starts the chatbot with planted mistakes, lets it answer for
# half a minute, and photographs views in headless Chromium.
#
#     examples/ops/screenshots.sh FOLDER_OF_THE_BUILD     such as build/examples
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

chatbot=${1:?the folder in which the chatbot was built}/examples/rag_chatbot/rag_chatbot
pictures=examples/ops/pictures
data=$(mktemp -d)
chatbot_pid=

clean_up() {
  [[ -z $chatbot_pid ]] || kill "$chatbot_pid" 2>/dev/null || true
  wait 2>/dev/null || true
  rm -rf "$data"
}
trap clean_up EXIT

"$chatbot" --database "$data/chatbot.db" --listen 127.0.0.1:0 --metrics 127.0.0.1:0 --rate 20 --load-seconds 120 \
  --plant n_plus_one,missing_index >"$data/output" &
chatbot_pid=$!
until grep '^serving' "$data/output" >/dev/null; do sleep 0.2; done
page=$(sed -n 's/^the live page //p' "$data/output")
sleep 30

# photograph NAME WIDTH HEIGHT ADDRESS
photograph() {
  chromium --headless=new --no-sandbox --disable-gpu --hide-scrollbars --force-color-profile=srgb \
    --user-data-dir="$data/browser" --window-size="$2,$3" --timeout=4000 \
    --screenshot="$data/$1.png" "$page$4" >/dev/null 2>&1
  pngquant --force --output "$pictures/$1.png" 64 "$data/$1.png"
}

# The statement that takes most of the time.
statement=$(curl -s "${page}view?view=statements&limit=1" | sed -E 's/.*"fingerprint":"([0-9a-f]+)".*/\1/')
mkdir -p "$pictures"
photograph overview 1200 1000 '#overview'
photograph statement 1200 1000 "#statement/$statement"
photograph telephone 390 900 '#statements'
ls -l "$pictures"
