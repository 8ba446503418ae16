import { connectivityState } from '@grpc/grpc-js';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { EchoEnvironment } from '../fixtures/echo-environment.js';
import { assertResolved } from './register-resolver.js';
import { EchoServer } from '../fixtures/echo.js';

vi.setConfig({ testTimeout: 30_000 });

let environment: EchoEnvironment;
beforeEach(() => {
  environment = new EchoEnvironment();
});
afterEach(() => environment.close());

const addressOf = ({ instance }: EchoServer) => `${instance.host}:${instance.port}`;

describe('a static target', () => {
  it('needs no registry: all its addresses are called with the first one as authority', async () => {
    const [a, b] = await environment.servers('a', 'b');
    const target = `static:///${addressOf(a)},${addressOf(b)}`;
    const channel = environment.channel({}, { target });
    assertResolved(channel.client.getChannel(), target);
    await channel.untilCallsReach('a', 'b');
    expect(new Set([...a.authorities, ...b.authorities])).toEqual(new Set([addressOf(a)]));
  });

  it('may contain a host name, and IPv6 addresses in brackets', async () => {
    const [a] = await environment.servers('a');
    const target = `static:///localhost:${a.instance.port},[::1]:1`;
    await environment.channel({}, { target }).untilCallsReach('a');
    expect(new Set(a.authorities)).toEqual(new Set([`localhost:${a.instance.port}`]));
  });

  it('may start with an IPv6 address', () => {
    expect(() => environment.channel({}, { target: 'static:///[::1]:1' })).not.toThrow();
  });

  it('is resolved again after the channel was idle', async () => {
    const [a] = await environment.servers('a');
    const channel = environment.channel(
      {},
      { target: `static:///${addressOf(a)}`, overrides: { 'grpc.client_idle_timeout_ms': 1 } },
    );
    await channel.untilCallsReach('a');
    // The shortest idle timeout of grpc-js is a second.
    await vi.waitFor(
      () => expect(channel.client.getChannel().getConnectivityState(false)).toBe(connectivityState.IDLE),
      { timeout: 20_000, interval: 20 },
    );
    await channel.untilCallsReach('a');
  });

  it.each([
    ['static:///', 'not host:port'],
    ['static:///localhost', '"localhost" is not host:port'],
    ['static:///localhost:0', '"localhost:0"'],
    ['static:///localhost:65536', '"localhost:65536"'],
    ['static:///localhost:http', '"localhost:http"'],
    ['static:///::1:5000', '"::1:5000"'],
    ['static:///[::1]', '"[::1]"'],
    ['static:///a b:1', '"a b:1"'],
    ['static:///0.0.0.0:1', '"0.0.0.0:1"'],
    ['static:///a:1,,b:2', '""'],
    ['static:///a:1,b:2,a:1', 'a:1 is listed twice'],
    ['static:///a:1?tag=v2', '"a:1?tag=v2"'],
    ['static://eu/a:1', '"eu" is not allowed'],
  ])('%s throws when the channel is created', (target, reason) => {
    expect(() => environment.channel({}, { target })).toThrow(/^INVALID_TARGET: invalid target "static:/);
    expect(() => environment.channel({}, { target })).toThrow(reason);
  });
});
