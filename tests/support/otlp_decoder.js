// Translates an OTLP request by the code of OpenTelemetry JS, which protobuf.js made from the
// official .proto files:
//
//     node otlp_decoder.js NODE_MODULES read|write metrics|logs|traces < request

const path = require('path');
const fs = require('fs');

const [modules, what, signal] = process.argv.slice(2);
const generated = '@opentelemetry/otlp-transformer/build/src/generated/root.js';
const { opentelemetry } = require(path.resolve(modules, generated));

const services = opentelemetry.proto.collector;
const request = {
  metrics: services.metrics.v1.ExportMetricsServiceRequest,
  logs: services.logs.v1.ExportLogsServiceRequest,
  traces: services.trace.v1.ExportTraceServiceRequest,
}[signal];

const ids = new Set(['traceId', 'spanId', 'parentSpanId']);

// OTLP writes ids in hexadecimal digits, where protobuf's JSON has base64.
function withBase64Ids(key, value) {
  return ids.has(key) ? Buffer.from(value, 'hex').toString('base64') : value;
}

function withHexIds(key, value) {
  return ids.has(key) ? Buffer.from(value, 'base64').toString('hex') : value;
}

const input = fs.readFileSync(0);
if (what === 'read') {
  const message = request.decode(input);
  const plain = request.toObject(message, { longs: String, bytes: String });
  process.stdout.write(JSON.stringify(plain, withHexIds));
} else {
  const plain = JSON.parse(input.toString(), withBase64Ids);
  const problem = request.verify(request.fromObject(plain));
  if (problem) throw new Error(problem);
  process.stdout.write(Buffer.from(request.encode(request.fromObject(plain)).finish()));
}
