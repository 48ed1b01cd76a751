// A collector made of node's HTTP server and the decoder of OpenTelemetry JS. Prints its port, then
// each request as one line of JSON; answers with a partial success where it is told to reject
// something.
//
//     node otlp_receiver.js NODE_MODULES [REJECTED]
//
// With a FOLDER of certificates in TLS_FOLDER it speaks HTTPS, and asks for the client's.

const fs = require('fs');
const http = require('http');
const https = require('https');
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
  console.log(JSON.stringify({ url: request.url, request: plain }));
  const partialSuccess = { [rejectedField]: Number(rejected), errorMessage: 'late' };
  const reply = service[`Export${word}ServiceResponse`].encode(rejected ? { partialSuccess } : {});
  response.writeHead(200, { 'Content-Type': 'application/x-protobuf' });
  response.end(reply.finish());
}

function take(request, response) {
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
}

function secure(folder) {
  const read = (name) => fs.readFileSync(path.join(folder, name));
  const files = { key: read('server.key'), cert: read('server.pem'), ca: read('client.pem') };
  return { ...files, requestCert: true, rejectUnauthorized: true };
}

const folder = process.env.TLS_FOLDER;
const server = folder ? https.createServer(secure(folder), take) : http.createServer(take);
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
