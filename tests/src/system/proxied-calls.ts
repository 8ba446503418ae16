import { connect, type IncomingHttpHeaders } from 'node:http2';
import { connect as connectSocket } from 'node:net';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { createGrpcClient } from '@rollcall/discovery/grpc';
import { TrackedProcess, until } from '@rollcall/tools';
import { proxied } from './proxied-service.js';

const proxy = fileURLToPath(new URL('../../../examples/proxy/dist/main.js', import.meta.url));
const server = fileURLToPath(new URL('../../dist/system/proxied-server-main.js', import.meta.url));

/** Proxies of the example and servers behind them, each in a process. */
export class ProxiedService {
  readonly #registryUrl: string;
  readonly #processes: TrackedProcess[] = [];
  readonly #clients: { close(): void }[] = [];

  constructor(registryUrl: string) {
    this.#registryUrl = registryUrl;
  }

  async startServer(): Promise<LoggedProcess> {
    const started = await this.#start([server, this.#registryUrl]);
    await started.untilLine('registered');
    return started;
  }

  /** Resolves when the proxy has forwarded a call, if there is a server. */
  async startProxy({ reachesServer = true } = {}): Promise<LoggedProcess & { readonly address: string }> {
    const args = ['serve', `--registry=${this.#registryUrl}`, '--service=proxied', '--port=0'];
    const started = await this.#start([proxy, ...args]);
    const line = await started.untilLine('listening on ');
    const address = line.replace('listening on ', '');
    if (reachesServer) {
      const client = this.client([address]);
      const isReached = () => client.echo(Buffer.alloc(0)).then(Boolean, () => false);
      await until(isReached, { deadlineMs: 20_000, describe: () => 'the proxy to reach a server' });
    }
    return { ...started, address };
  }

  /** Without retries, unless `retried`. */
  client(addresses: readonly string[], { retried = false } = {}) {
    const client = createGrpcClient(proxied, {
      target: `static:///${addresses.join(',')}`,
      idempotentMethods: retried ? ['work'] : [],
      channel: { maxReceiveMessageBytes: 64 * 1024 * 1024 },
    });
    this.#clients.push(client);
    return client;
  }

  async close(): Promise<void> {
    for (const client of this.#clients.splice(0)) client.close();
    await Promise.all(this.#processes.splice(0).map((each) => each.kill()));
  }

  async #start(args: readonly string[]): Promise<LoggedProcess> {
    const lines: string[] = [];
    const child = await TrackedProcess.start({
      command: process.execPath,
      args,
      onLine: (line) => lines.push(line),
    });
    this.#processes.push(child);
    const untilLine = (start: string) =>
      until(() => lines.find((line) => line.startsWith(start)), {
        deadlineMs: 30_000,
        describe: () => `a line "${start}"; it printed ${lines.join('\n')}`,
      });
    return { child, lines, untilLine };
  }
}

export interface LoggedProcess {
  readonly child: TrackedProcess;
  readonly lines: readonly string[];
  /** Resolves with the first line that starts like this. */
  readonly untilLine: (start: string) => Promise<string>;
}

/** The most memory that a process has had, in MiB. Known on Linux only; elsewhere 0. */
export async function peakMemoryMiB({ pid }: TrackedProcess): Promise<number> {
  if (process.platform !== 'linux') return 0;
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]) / 1024;
}

export interface RawResponse {
  readonly headers: IncomingHttpHeaders;
  readonly trailers: IncomingHttpHeaders;
  /** Of the body, in bytes. */
  readonly size: number;
}

/** A call without a client of gRPC, which would hide what is on the wire. */
export function rawCall(
  address: string,
  path: string,
  headers: Record<string, string | string[]>,
  body = Buffer.alloc(0),
  { isCompressed = false, isSlow = false } = {},
): Promise<RawResponse> {
  const frame = Buffer.concat([Buffer.alloc(5), body]);
  frame.writeUInt8(Number(isCompressed), 0);
  frame.writeUInt32BE(body.length, 1);
  return new Promise((resolve, reject) => {
    const session = connect(`http://${address}`);
    session.once('error', reject);
    const call = session.request({
      ':method': 'POST',
      ':path': path,
      'content-type': 'application/grpc',
      te: 'trailers',
      ...headers,
    });
    let [received, trailers, size]: [IncomingHttpHeaders, IncomingHttpHeaders, number] = [{}, {}, 0];
    call.once('response', (response) => (received = response));
    call.once('trailers', (last: IncomingHttpHeaders) => (trailers = last));
    call.on('data', (data: Buffer) => {
      size += data.length;
      if (!isSlow) return;
      call.pause();
      setTimeout(() => call.resume(), 1);
    });
    call.once('error', reject);
    call.once('close', () => {
      session.close();
      resolve({ headers: received, trailers, size });
    });
    call.end(frame);
  });
}

/** Sends request headers that clients of Node refuse to send. Resolves when the connection was closed, or after a response. */
export async function sendHeaders(address: string, headers: Record<string, string>): Promise<void> {
  const [host, port] = address.split(':');
  const frame = (type: number, flags: number, stream: number, body: Buffer) => {
    const start = Buffer.from([0, 0, body.length, type, flags, 0, 0, 0, stream]);
    return Buffer.concat([start, body]);
  };
  // RFC 7541, 6.2.2: literals without indexing.
  const fields = Object.entries(headers).map(([name, value]) =>
    Buffer.concat([
      Buffer.from([0, name.length]),
      Buffer.from(name),
      Buffer.from([value.length]),
      Buffer.from(value),
    ]),
  );
  const socket = connectSocket(Number(port), host);
  const [settings, request, endOfHeadersAndStream] = [4, 1, 5];
  socket.write('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
  socket.write(frame(settings, 0, 0, Buffer.alloc(0)));
  socket.write(frame(request, endOfHeadersAndStream, 1, Buffer.concat(fields)));
  let received = Buffer.alloc(0);
  for await (const data of socket as AsyncIterable<Buffer>) {
    received = Buffer.concat([received, data]);
    for (let at = 0; at + 9 <= received.length; at += 9 + received.readUIntBE(at, 3))
      if (received[at + 3] === request) return;
  }
}
