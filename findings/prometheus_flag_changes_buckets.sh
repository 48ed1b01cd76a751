#!/usr/bin/env bash
# Prometheus 2.42.0 (Debian prometheus 2.42.0+ds-5+deb12u1)
#
# Expected: --enable-feature=native-histograms lets the server take native histograms as well. What
#           the targets say stays the same, and so do the series that there were.
# Instead:  the server then asks for protobuf, where a bucket's bound is a number, and writes that
#           number itself: le="1" of the text becomes le="1.0", another series. And a histogram that
#           has native buckets beside its classic ones loses the classic ones: no _bucket, _sum and
#           _count any more. Queries by le, as those of an SLO, go blank.
set -euo pipefail
# shellcheck source=findings/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

debian prometheus=2.42.0+ds-5+deb12u1

# Two equal histograms, of the values 0.5, 1 and 2. In protobuf the second has native buckets too.
cat >"$folder/target.py" <<'PYTHON'
import http.server, struct, sys

def varint(n):
    return bytes([n]) if n < 0x80 else bytes([n & 0x7F | 0x80]) + varint(n >> 7)

def field(number, value):
    if isinstance(value, int): return varint(number << 3) + varint(value)
    if isinstance(value, float): return varint(number << 3 | 1) + struct.pack("<d", value)
    return varint(number << 3 | 2) + varint(len(value)) + value

PROTOBUF = ("application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; "
            "encoding=delimited")
BOUNDS = (("0.5", 1), ("1", 2), ("2", 3))

def classic():  # sample_count, sample_sum, and each bucket's cumulative_count and upper_bound
    return field(1, 3) + field(2, 3.5) + b"".join(
        field(3, field(1, count) + field(2, float(bound))) for bound, count in BOUNDS)

def native():  # schema 0, zero_threshold, a span of three buckets from index -1 on, and their deltas
    zigzag = {-1: 1, 0: 0, 1: 2}
    return (field(5, zigzag[0]) + field(6, 1e-128)
            + field(12, field(1, zigzag[-1]) + field(2, 3))
            + b"".join(field(13, zigzag[delta]) for delta in (1, 0, 0)))

def family(name, histogram):  # name, type HISTOGRAM, and one metric
    message = field(1, name) + field(3, 4) + field(4, field(7, histogram))
    return varint(len(message)) + message

def text(name):
    buckets = "".join(f'{name}_bucket{{le="{bound}"}} {count}\n'
                      for bound, count in BOUNDS + (("+Inf", 3),))
    return f"# TYPE {name} histogram\n{buckets}{name}_sum 3.5\n{name}_count 3\n"

class Target(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        if "io.prometheus.client.MetricFamily" in self.headers.get("Accept", ""):
            kind = PROTOBUF
            body = family(b"classic_seconds", classic()) + family(b"both_seconds", classic() + native())
        else:
            kind = "text/plain; version=0.0.4"
            body = (text("classic_seconds") + text("both_seconds")).encode()
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_): pass

http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Target).serve_forever()
PYTHON
target_port=$(free_port)
serve target python3 "$folder/target.py" "$target_port"
cat >"$folder/prometheus.yml" <<YAML
scrape_configs:
  - job_name: target
    scrape_interval: 1s
    static_configs: [{targets: ["127.0.0.1:$target_port"]}]
YAML

# start_prometheus NAME [OPTION...]: on $port, once it has scraped the target.
start_prometheus() {
  port=$(free_port)
  serve "$1" "$packages/usr/bin/prometheus" --config.file="$folder/prometheus.yml" \
    --storage.tsdb.path="$folder/$1/data" --web.listen-address="127.0.0.1:$port" "${@:2}"
  wait_for scraped
}

ask() { "$packages/usr/bin/promtool" query instant "http://127.0.0.1:$port" "$1"; }
scraped() { [[ -n $(ask 'up == 1') ]]; }

# The names of the series, with le alone of their labels.
series() {
  ask '{__name__=~"(classic|both)_seconds.*"}' | grep _seconds |
    sed -E 's/ => .*//; s/(instance|job)="[^"]*",? ?//g; s/, \}/}/; s/\{\}//' | LC_ALL=C sort
}

version() { "$packages/usr/bin/prometheus" --version 2>&1 | grep -o 'version [0-9.]*'; }

show version
say 'the series of two histograms, scraped as delivered'
start_prometheus as_delivered
show series
say 'the same target, scraped with --enable-feature=native-histograms'
start_prometheus with_flag --enable-feature=native-histograms
show echo 'with --enable-feature=native-histograms:'
show series
expect <<'TEXT'
version 2.42.0
both_seconds_bucket{le="+Inf"}
both_seconds_bucket{le="0.5"}
both_seconds_bucket{le="1"}
both_seconds_bucket{le="2"}
both_seconds_count
both_seconds_sum
classic_seconds_bucket{le="+Inf"}
classic_seconds_bucket{le="0.5"}
classic_seconds_bucket{le="1"}
classic_seconds_bucket{le="2"}
classic_seconds_count
classic_seconds_sum
with --enable-feature=native-histograms:
both_seconds
classic_seconds_bucket{le="+Inf"}
classic_seconds_bucket{le="0.5"}
classic_seconds_bucket{le="1.0"}
classic_seconds_bucket{le="2.0"}
classic_seconds_count
classic_seconds_sum
TEXT
