import { randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { Metadata, status } from '@grpc/grpc-js';
import { registryForTests, type RegistryServer, startRegistryAt, until } from '@rollcall/tools';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LoggedProcess, peakMemoryMiB, ProxiedService, rawCall, sendHeaders } from './proxied-calls.js';
import { chunk, messagesBeforeFailure, proxied } from './proxied-service.js';

const location = await registryForTests('etcd', { prefer: ['given', 'binary', 'image'] });
const nothing = Buffer.alloc(0);

let etcd: RegistryServer;
let service: ProxiedService;
let server: LoggedProcess;
let proxy: LoggedProcess & { readonly address: string };
let client: ReturnType<ProxiedService['client']>;

async function* repeat(count: number, onSent = (_sent: number) => {}): AsyncGenerator<Buffer> {
  for (let sent = 1; sent <= count; sent++) {
    yield chunk;
    onSent(sent);
  }
}

/** Waits until a number has stopped to grow for a second. */
async function untilStalled(read: () => number): Promise<number> {
  let [last, since] = [-1, 0];
  const stalled = () => {
    const now = performance.now();
    if (read() !== last) [last, since] = [read(), now];
    return last > 0 && now - since > 1_000;
  };
  await until(stalled, { deadlineMs: 20_000, describe: () => `the sender to stop at ${last}` });
  return last;
}

/** Far less than went through. */
async function expectBoundedMemory(): Promise<void> {
  expect(await peakMemoryMiB(proxy.child)).toBeLessThan(200);
}

describe.skipIf(!location)('the example "proxy"', () => {
  beforeAll(async () => {
    etcd = await startRegistryAt(location!);
    service = new ProxiedService(etcd.url);
    server = await service.startServer();
    proxy = await service.startProxy();
    client = service.client([proxy.address]);
  });
  afterAll(async () => {
    await service?.close();
    await etcd?.stop();
  });

  it('forwards all four kinds of call', async () => {
    expect(await client.echo(Buffer.from('hello'))).toEqual(Buffer.from('hello'));
    expect(String(await client.upload(repeat(40)))).toBe(`40:${40 * chunk.length}`);
    let received = 0;
    for await (const message of client.download(Buffer.from('40'))) received += Number(message.equals(chunk));
    expect(received).toBe(40);

    const questions = ['one', 'two', ''].map((text) => Buffer.from(text));
    const answers: Buffer[] = [];
    for await (const answer of client.chat(questions)) answers.push(answer);
    expect(answers).toEqual(questions);
  });

  it('streams flow in both directions at the same time', async () => {
    let answered = () => {};
    async function* questions() {
      for (let i = 0; i < 5; i++) {
        const answer = new Promise<void>((resolve) => (answered = resolve));
        yield Buffer.from([i]);
        await answer;
      }
    }
    const answers: number[] = [];
    for await (const answer of client.chat(questions())) {
      answers.push(answer[0]!);
      answered();
    }
    expect(answers).toEqual([0, 1, 2, 3, 4]);
  });

  it('forwards metadata, binary and repeated, headers and trailers', async () => {
    const metadata = new Metadata();
    metadata.set('x-header', 'a, b; c');
    const values = [Buffer.from([0, 255, 1]), randomBytes(40), nothing];
    for (const value of values) metadata.add('x-trailer-bin', value);
    let headers: Metadata | undefined;
    let trailers: Metadata | undefined;
    await client.echo(nothing, {
      metadata,
      onHeaders: (received) => (headers = received),
      onTrailers: (received) => (trailers = received),
    });
    expect(headers?.get('x-header')).toEqual(['a, b; c']);
    expect(trailers?.get('x-trailer-bin')).toEqual(values);
  });

  it('forwards a status with its details, without a message and after those that a slow reader has not taken', async () => {
    const expected = {
      code: status.FAILED_PRECONDITION,
      details: 'not today, 100 % sure: ü',
      metadata: expect.any(Metadata) as Metadata,
    };
    const error = await client
      .fail(nothing)
      .next()
      .catch((reason: { metadata: Metadata }) => reason);
    expect(error).toMatchObject(expected);
    const details = Buffer.from([0, 1, 254, 255]);
    expect((error as { metadata: Metadata }).metadata.get('grpc-status-details-bin')).toEqual([details]);

    const { headers, trailers, size } = await rawCall(
      proxy.address,
      proxied.fail.path,
      {},
      Buffer.from('messages'),
      { isSlow: true },
    );
    expect(headers).toMatchObject({ ':status': 200, 'content-type': 'application/grpc+proto' });
    expect(trailers).toMatchObject({
      'grpc-status': '9',
      'grpc-status-details-bin': details.toString('base64'),
    });
    expect(size).toBe(messagesBeforeFailure * (chunk.length + 5));
  });

  it('forwards what it does not understand: an unknown method, compressed and large messages', async () => {
    const unknown = await rawCall(proxy.address, '/no.such.Service/Method', {});
    expect(unknown.headers).toMatchObject({ 'grpc-status': '12' });

    const large = randomBytes(20 * 1024 * 1024);
    expect((await client.echo(large)).equals(large)).toBe(true);

    const headers = { 'grpc-encoding': 'gzip' };
    const compressed = { isCompressed: true };
    const echoed = await rawCall(proxy.address, proxied.echo.path, headers, gzipSync(chunk), compressed);
    expect(echoed).toMatchObject({ size: chunk.length + 5, trailers: { 'grpc-status': '0' } });
  });

  it('forwards a request with a header that Node does not send', async () => {
    const pseudo = {
      ':method': 'POST',
      ':scheme': 'http',
      ':path': proxied.echo.path,
      ':authority': 'proxied',
    };
    await sendHeaders(proxy.address, { ...pseudo, 'http2-settings': 'x' });
    expect(await client.echo(Buffer.from('still there'))).toEqual(Buffer.from('still there'));
  });

  it('passes the deadline on, and keeps it when the server does not', async () => {
    let timeLeftMs = 0;
    const onHeaders = (headers: Metadata) => (timeLeftMs = Number(headers.get('x-time-left')[0]));
    await client.echo(nothing, { timeoutMs: 30_000, onHeaders });
    expect(timeLeftMs).toBeGreaterThan(20_000);
    expect(timeLeftMs).toBeLessThanOrEqual(30_000);

    server.child.signal('SIGSTOP');
    const late = await rawCall(proxy.address, proxied.echo.path, { 'grpc-timeout': '300m' });
    server.child.signal('SIGCONT');
    expect(late.headers).toMatchObject({
      'grpc-status': String(status.DEADLINE_EXCEEDED),
      'grpc-message': encodeURI('proxy: the deadline has passed'),
    });
  });

  it('passes a cancellation on, also in the middle of an upload, which is not taken for its end', async () => {
    const cancelled = new AbortController();
    const hanging = client.hang(nothing, { signal: cancelled.signal }).catch(() => 'cancelled');
    await server.untilLine('hang started');
    cancelled.abort();
    expect(await hanging).toBe('cancelled');
    await server.untilLine('hang cancelled');

    const before = server.lines.length;
    const aborted = new AbortController();
    async function* endless() {
      for (;;) yield chunk;
    }
    const uploading = client.upload(endless(), { signal: aborted.signal }).catch(() => 'cancelled');
    await until(() => server.lines.slice(before).includes('upload started'), {
      deadlineMs: 10_000,
      describe: () => 'the upload to start',
    });
    aborted.abort();
    expect(await uploading).toBe('cancelled');
    await server.untilLine('upload cancelled');
    expect(server.lines.slice(before).filter((line) => line.startsWith('upload of'))).toEqual([]);
  });

  it('a slow reader slows the server down, and 250 MiB pass in bounded memory', async () => {
    const count = 4_000;
    const before = server.lines.length;
    const messages = client.download(Buffer.from(String(count)), { timeoutMs: 60_000 });
    await messages.next();
    const sent = () => 16 * server.lines.slice(before).filter((line) => line.startsWith('sent ')).length;
    expect(await untilStalled(sent)).toBeLessThan(200);
    let received = 1;
    for await (const _ of messages) received += 1;
    expect(received).toBe(count);
    await expectBoundedMemory();
  });

  it('a slow server slows the client down, and 250 MiB pass in bounded memory', async () => {
    const count = 4_000;
    server.child.signal('SIGUSR2');
    await server.untilLine('paused');
    let sent = 0;
    const upload = client.upload(
      repeat(count, (now) => (sent = now)),
      { timeoutMs: 60_000 },
    );
    expect(await untilStalled(() => sent)).toBeLessThan(200);
    server.child.signal('SIGUSR2');
    expect(String(await upload)).toBe(`${count}:${count * chunk.length}`);
    await expectBoundedMemory();
  });

  it('1 GiB up and down: its memory stays bounded', { tags: ['long'], timeout: 600_000 }, async () => {
    const count = 16 * 1_024;
    const options = { timeoutMs: 300_000 };
    expect(String(await client.upload(repeat(count), options))).toBe(`${count}:${count * chunk.length}`);
    let received = 0;
    for await (const message of client.download(Buffer.from(String(count)), options))
      received += message.length;
    expect(received).toBe(count * chunk.length);
    await expectBoundedMemory();
  });
});
