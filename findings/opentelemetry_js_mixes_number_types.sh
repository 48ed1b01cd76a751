#!/usr/bin/env bash
# OpenTelemetry JS, OTLP: npm @opentelemetry/otlp-transformer 0.301.1
#
# Expected: an attribute has one type, and both encodings of OTLP, protobuf and JSON, the same one.
# Instead:  the type follows the value: 0.5 leaves as a double, 1 under the same key as an integer.
#           And for whole numbers beyond 64 bits the encodings differ: 1e300 is a double in protobuf,
#           and "intValue": 1e+300 in JSON, which is no 64-bit integer at all.
set -euo pipefail
# shellcheck source=findings/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

npm install --loglevel=error --logs-max=0 --no-fund --no-audit --ignore-scripts --prefix "$folder/node" \
  @opentelemetry/otlp-transformer@0.301.1 @opentelemetry/api@1.10.0
say 'installed @opentelemetry/otlp-transformer@0.301.1'

cat >"$folder/node/encode.js" <<'JAVASCRIPT'
const { JsonLogsSerializer, ProtobufLogsSerializer } = require("@opentelemetry/otlp-transformer");
const path = require("path");
const { version } = require(
  path.join(__dirname, "node_modules/@opentelemetry/otlp-transformer/package.json"));

const record = (share) => ({
  hrTime: [1, 0], hrTimeObserved: [1, 0], body: "a record", attributes: { share },
  droppedAttributesCount: 0, resource: { attributes: {} }, instrumentationScope: { name: "scope" },
});

// AnyValue stands behind its key: 0x12, its length, and the tag of the field that it has.
function typeInProtobuf(bytes) {
  const tag = bytes[bytes.indexOf("share") + "share".length + 2];
  return { 0x18: "int_value", 0x21: "double_value" }[tag] ?? `tag ${tag}`;
}

function inJson(bytes) {
  return /"key":"share","value":(\{[^}]*\})/.exec(bytes.toString())[1];
}

console.log(`otlp-transformer ${version}`);
for (const share of [0.5, 1, 1e300]) {
  const protobuf = typeInProtobuf(Buffer.from(ProtobufLogsSerializer.serializeRequest([record(share)])));
  const json = inJson(Buffer.from(JsonLogsSerializer.serializeRequest([record(share)])));
  console.log(`share ${share}: protobuf ${protobuf}, JSON ${json}`);
}
JAVASCRIPT

say 'a log record with the attribute "share": 0.5, 1 and 1e300'
show node "$folder/node/encode.js"
expect <<'TEXT'
otlp-transformer 0.301.1
share 0.5: protobuf double_value, JSON {"doubleValue":0.5}
share 1: protobuf int_value, JSON {"intValue":1}
share 1e+300: protobuf double_value, JSON {"intValue":1e+300}
TEXT
