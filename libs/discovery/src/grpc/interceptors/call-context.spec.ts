import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createGrpcClient } from '../client/grpc-client.js';
import type { GrpcClient } from '../client/stub-types.js';
import { resumeStream } from '../client/resume-stream.js';
import { type EchoClient, echoContract, EchoServer } from '../fixtures/echo.js';
import { callContext, openCallContext, withCallContext, withoutCallContext } from './call-context.js';

let server: EchoServer;
let echo: GrpcClient<EchoClient>;
beforeEach(async () => {
  server = await EchoServer.start('a');
  echo = createGrpcClient(echoContract, { target: `static:///127.0.0.1:${server.instance.port}` });
});
afterEach(() => {
  echo.close();
  server.kill();
});

it('a timer that a handler has started makes calls of its own once the promise of the handler has settled', async () => {
  const deadline = Date.now() + 500;
  let poll: Promise<unknown> | undefined;
  await withCallContext({ deadline }, async () => {
    poll = sleep(600).then(() => echo.get({ text: '' }));
    expect(callContext()).toEqual({ deadline });
  });
  expect(await poll).toEqual({ text: 'a' });
});

it('a context that was opened lasts until it is ended', async () => {
  const scope = openCallContext({ deadline: 7 });
  const inside = scope.run(() => {
    const delayed = sleep(20).then(() => callContext());
    return { now: callContext(), delayed };
  });
  expect(inside.now).toEqual({ deadline: 7 });
  scope.end();
  expect(await inside.delayed).toBeUndefined();
});

it('work that outlives its call runs without its context', async () => {
  await withCallContext({ deadline: Date.now() - 1_000 }, async () => {
    expect(await withoutCallContext(() => echo.get({ text: '' }))).toEqual({ text: 'a' });
  });
});

it('a resumed stream has no deadline within an incoming call, and is cancelled with it', async () => {
  const abort = new AbortController();
  const reading = withCallContext({ deadline: Date.now() + 10_000, signal: abort.signal }, async () => {
    for await (const _ of resumeStream((_last, { signal }) => echo.watch({ text: '' }, { signal }))) {
      expect(server.deadlines).toEqual([Infinity]);
      abort.abort();
    }
  });
  await expect(reading).rejects.toHaveProperty('code');
  await vi.waitFor(() => expect(server.cancelled).toBe(1), { timeout: 5_000 });
  expect(server.deadlines.length).toBe(1);
});
