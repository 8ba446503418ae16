/** A server of {@link proxied} that registers itself: `node proxied-server-main.js <registry URL>`. Prints what calls do to it. */
import { once } from 'node:events';
import * as grpc from '@grpc/grpc-js';
import { openRegistry } from '@rollcall/discovery';
import { serveGracefully } from '@rollcall/discovery/grpc';
import { chunk, messagesBeforeFailure, proxied } from './proxied-service.js';

const print = (line: string) => process.stdout.write(`${line}\n`);
/** Set while the upload is not read: a signal toggles it. */
let paused = false;
let resume = () => {};
process.on('SIGUSR2', () => {
  paused = !paused;
  print(paused ? 'paused' : 'resumed');
  resume();
});

const server = new grpc.Server({ 'grpc.max_receive_message_length': -1 });
server.addService(proxied, {
  echo(call: grpc.ServerUnaryCall<Buffer, Buffer>, callback: grpc.sendUnaryData<Buffer>) {
    const trailers = new grpc.Metadata();
    for (const value of call.metadata.get('x-trailer-bin')) trailers.add('x-trailer-bin', value);
    const headers = new grpc.Metadata();
    for (const value of call.metadata.get('x-header')) headers.add('x-header', value);
    headers.set('x-time-left', String(Number(call.getDeadline()) - Date.now()));
    call.sendMetadata(headers);
    callback(null, call.request, trailers);
  },
  work(_: unknown, callback: grpc.sendUnaryData<Buffer>) {
    setTimeout(() => callback(null, Buffer.from(String(process.pid))), 20);
  },
  fail(call: grpc.ServerWritableStream<Buffer, Buffer>) {
    const metadata = new grpc.Metadata();
    metadata.set('grpc-status-details-bin', Buffer.from([0, 1, 254, 255]));
    if (call.request.length > 0) for (let i = 0; i < messagesBeforeFailure; i++) call.write(chunk);
    const error = { code: grpc.status.FAILED_PRECONDITION, details: 'not today, 100 % sure: ü', metadata };
    call.emit('error', error);
  },
  async upload(call: grpc.ServerReadableStream<Buffer, Buffer>, callback: grpc.sendUnaryData<Buffer>) {
    call.on('cancelled', () => print('upload cancelled'));
    let [messages, size] = [0, 0];
    for await (const message of call as AsyncIterable<Buffer>) {
      messages += 1;
      size += message.length;
      if (messages === 1) print('upload started');
      if (paused) await new Promise<void>((resolve) => (resume = resolve));
    }
    print(`upload of ${messages} messages`);
    callback(null, Buffer.from(`${messages}:${size}`));
  },
  async download(call: grpc.ServerWritableStream<Buffer, Buffer>) {
    const count = Number(call.request.toString());
    for (let sent = 1; sent <= count && !call.cancelled; sent++) {
      if (sent % 16 === 0) print(`sent ${sent}`);
      if (!call.write(chunk)) await Promise.race([once(call, 'drain'), once(call, 'cancelled')]);
    }
    call.end();
  },
  chat(call: grpc.ServerDuplexStream<Buffer, Buffer>) {
    call.on('data', (message: Buffer) => call.write(message));
    call.on('end', () => call.end());
    call.on('cancelled', () => print('chat cancelled'));
  },
  hang(call: grpc.ServerUnaryCall<Buffer, Buffer>) {
    print('hang started');
    call.on('cancelled', () => print('hang cancelled'));
  },
});

const port = await new Promise<number>((resolve, reject) => {
  server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, bound) =>
    error ? reject(error) : resolve(bound),
  );
});
const registry = await openRegistry(process.argv[2]);
const id = `proxied-${process.pid}`;
const registration = registry.register({ id, service: 'proxied', host: '127.0.0.1', port });
serveGracefully(server, registration);
await registration.registered();
print('registered');
