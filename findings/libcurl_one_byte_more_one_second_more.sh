#!/usr/bin/env bash
# libcurl 7.88.1 (Debian curl 7.88.1-10+deb12u15), here through its command line tool
#
# Expected: one byte more in the body of a POST takes no longer to send.
# Instead:  past 1 MiB libcurl sends `Expect: 100-continue` of its own accord, and waits one second
#           for that answer. Servers that do not give it (those of HTTP/1.0, and some of HTTP/1.1)
#           get the body a second later, each time. An empty `Expect:` header switches it off.
set -euo pipefail
# shellcheck source=findings/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

debian curl=7.88.1-10+deb12u15 libcurl4=7.88.1-10+deb12u15
cat >"$folder/server.py" <<'PYTHON'
import http.server, sys

class Server(http.server.BaseHTTPRequestHandler):  # HTTP/1.0, as it is by default
    def do_POST(self):
        expects = self.headers.get("Expect", "none")
        size = len(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(200)
        self.end_headers()
        self.wfile.write(f"{size} bytes, Expect: {expects}".encode())

    def log_message(self, *_): pass

http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Server).serve_forever()
PYTHON
port=$(free_port)
serve server python3 "$folder/server.py" "$port"
listens() { : <>"/dev/tcp/127.0.0.1/$port"; }
wait_for listens

# post BYTES [OPTION...]
post() {
  local took reply
  head -c "$1" /dev/zero >"$folder/body"
  took=$("$packages/usr/bin/curl" -q -s -o "$folder/reply" -w '%{time_total}' "${@:2}" \
    --data-binary "@$folder/body" "http://127.0.0.1:$port/v1/metrics")
  reply=$(<"$folder/reply")
  awk -v took="$took" -v reply="$reply" \
    'BEGIN { print reply ": " (took < 0.9 ? "at once" : "a second later") }'
  printf '(took %s s)\n' "$took" >&2
}

version() { "$packages/usr/bin/curl" -q --version | grep -o 'libcurl/[0-9.]*'; }

say 'POSTs of 1 MiB, of one byte more, and of the same with an empty Expect header'
show version
show post 1048576
show post 1048577
show post 1048577 -H 'Expect:'
expect <<'TEXT'
libcurl/7.88.1
1048576 bytes, Expect: none: at once
1048577 bytes, Expect: 100-continue: a second later
1048577 bytes, Expect: none: at once
TEXT
