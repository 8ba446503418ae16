// The health check of a container. Exit code 0: the server on PORT is serving.
//   node tools/healthcheck.mjs             grpc.health.v1.Health/Check of the whole server
//   node tools/healthcheck.mjs /healthz    GET of that path
import { Client, credentials } from '@grpc/grpc-js';

const address = `127.0.0.1:${process.env.PORT}`;
const path = process.argv[2];
const timeoutMs = 2_000;

const state = await (path === undefined ? grpcState() : httpState()).catch((error) => error.message);
console.log(`${address} ${state}`);
process.exit(state === 'SERVING' ? 0 : 1);

async function httpState() {
  const { status } = await fetch(`http://${address}${path}`, { signal: AbortSignal.timeout(timeoutMs) });
  return status === 200 ? 'SERVING' : `HTTP ${status}`;
}

/** Without a generated client: the request is empty, and the response holds one enum, field 1. */
async function grpcState() {
  const client = new Client(address, credentials.createInsecure(), { 'grpc.enable_http_proxy': 0 });
  const response = await new Promise((resolve, reject) => {
    client.makeUnaryRequest(
      '/grpc.health.v1.Health/Check',
      () => Buffer.alloc(0),
      (bytes) => bytes,
      {},
      { deadline: Date.now() + timeoutMs },
      (error, bytes) => (error ? reject(error) : resolve(bytes)),
    );
  });
  const states = ['UNKNOWN', 'SERVING', 'NOT_SERVING', 'SERVICE_UNKNOWN'];
  return states[response[1] ?? 0];
}
