// A collector made of node's HTTP server and the decoder of OpenTelemetry JS. Prints its port, then each
// request as one line of JSON; answers with a partial success where it is told to reject something.
//
//     node otlp_receiver.js NODE_MODULES [REJECTED]

const http = require('http');
const path = require('path');
const zlib = require('zlib');

const [modules, rejected] = process.argv.slice(2);
const generated = '@opentelemetry/otlp-transformer/build/src/generated/root.js';
const services = require(path.resolve(modules, generated)).opentelemetry.proto.collector;
const signals = {
  '/v1/metrics': [services.metrics.v1, 'Metrics', 'rejectedDataPoints'],
  '/v1/logs': [services.logs.v1, 'Logs', 'rejectedLogRecords'],
  '/v1/traces': [services.trace.v1, 'Trace', 'rejectedSpans'],
};

function answer(request, body, response) {
  const [service, word, rejectedField] = signals[request.url];
  const unpacked = request.headers['content-encoding'] === 'gzip' ? zlib.gunzipSync(body) : body;
  const message = service[`Export${word}ServiceRequest`].decode(unpacked);
  const plain = message.constructor.toObject(message, { longs: String, bytes: String });
  console.log(JSON.stringify({ url: request.url, type: request.headers['content-type'], request: plain }));
  const partialSuccess = { [rejectedField]: Number(rejected), errorMessage: 'late' };
  const reply = service[`Export${word}ServiceResponse`].encode(rejected ? { partialSuccess } : {}).finish();
  response.writeHead(200, { 'Content-Type': 'application/x-protobuf' });
  response.end(reply);
}

const server = http.createServer((request, response) => {
  const parts = [];
  request.on('data', (part) => parts.push(part));
  request.on('end', () => {
    try {
      answer(request, Buffer.concat(parts), response);
    } catch (problem) {
      console.log(JSON.stringify({ problem: String(problem) }));
      response.writeHead(400);
      response.end();
    }
  });
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
