#!/usr/bin/env bash
# libcurl 7.88.1 (Debian curl 7.88.1-10+deb12u15), here through its command line tool
#
# Expected: a connection that ends among the headers of a reply, before the empty line behind them, is an error:
#           nobody can know what is missing, a Content-Length for one.
# Instead:  it is a good reply with an empty body, status and all, unless a whole Content-Length has come already. One
#           that ends in the middle of its body is error 18.
set -euo pipefail
# shellcheck source=findings/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

debian curl=7.88.1-10+deb12u15 libcurl4=7.88.1-10+deb12u15
cat >"$folder/server.py" <<'PYTHON'
import http.server, sys

class Server(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.wfile.write({
            "/whole": b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfour",
            "/in_the_body": b"HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nfour",
            "/behind_the_length": b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n",
            "/in_the_length": b"HTTP/1.1 200 OK\r\nContent-Le",
            "/behind_the_status": b"HTTP/1.1 200 OK\r\n"}[self.path])

    def log_message(self, *_): pass

http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Server).serve_forever()
PYTHON
port=$(free_port)
serve server python3 "$folder/server.py" "$port"
listens() { : <>"/dev/tcp/127.0.0.1/$port"; }
wait_for listens

# get PATH
get() {
  local outcome
  outcome=$("$packages/usr/bin/curl" -q -s -o "$folder/reply" \
    -w 'exit code %{exitcode}, status %{http_code}, %{size_download} bytes' "http://127.0.0.1:$port/$1") || true
  printf '%s: %s\n' "$1" "$outcome"
}

version() { "$packages/usr/bin/curl" -q --version | grep -o 'libcurl/[0-9.]*'; }

say 'a reply, and where its connection ends'
show version
show get whole
show get in_the_body
show get behind_the_length
show get in_the_length
show get behind_the_status
expect <<'TEXT'
libcurl/7.88.1
whole: exit code 0, status 200, 4 bytes
in_the_body: exit code 18, status 200, 4 bytes
behind_the_length: exit code 18, status 200, 0 bytes
in_the_length: exit code 0, status 200, 0 bytes
behind_the_status: exit code 0, status 200, 0 bytes
TEXT
