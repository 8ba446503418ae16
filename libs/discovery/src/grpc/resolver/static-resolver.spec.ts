import { connectivityState } from '@grpc/grpc-js';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { EchoTrial } from '../balancing/echo-channel.spec.fixture.js';
import { assertDiscovered } from './register-resolver.js';
import { EchoServer } from '../fixtures/echo.js';

vi.setConfig({ testTimeout: 30_000 });

let trial: EchoTrial;
beforeEach(() => {
  trial = new EchoTrial();
});
afterEach(() => trial.end());

const at = ({ instance }: EchoServer) => `${instance.host}:${instance.port}`;

describe('a static target', () => {
  it('needs no registry: all its addresses are called, under the first as authority', async () => {
    const [a, b] = await trial.servers('a', 'b');
    const target = `static:///${at(a)},${at(b)}`;
    const channel = trial.channel({}, { target });
    assertDiscovered(channel.client.getChannel(), target);
    await channel.untilAnsweredBy('a', 'b');
    expect(new Set([...a.authorities, ...b.authorities])).toEqual(new Set([at(a)]));
  });

  it('may name a host, and IPv6 addresses in brackets', async () => {
    const [a] = await trial.servers('a');
    const target = `static:///localhost:${a.instance.port},[::1]:1`;
    await trial.channel({}, { target }).untilAnsweredBy('a');
    expect(new Set(a.authorities)).toEqual(new Set([`localhost:${a.instance.port}`]));
  });

  it('may begin with an IPv6 address', () => {
    expect(() => trial.channel({}, { target: 'static:///[::1]:1' })).not.toThrow();
  });

  it('is called again after the channel was idle', async () => {
    const [a] = await trial.servers('a');
    const channel = trial.channel(
      {},
      { target: `static:///${at(a)}`, overrides: { 'grpc.client_idle_timeout_ms': 1 } },
    );
    await channel.untilAnsweredBy('a');
    // grpc-js takes no idle timeout below a second.
    await vi.waitFor(
      () => expect(channel.client.getChannel().getConnectivityState(false)).toBe(connectivityState.IDLE),
      { timeout: 20_000, interval: 20 },
    );
    await channel.untilAnsweredBy('a');
  });

  it.each([
    ['static:///', 'no host:port'],
    ['static:///localhost', '"localhost" is no host:port'],
    ['static:///localhost:0', '"localhost:0"'],
    ['static:///localhost:65536', '"localhost:65536"'],
    ['static:///localhost:http', '"localhost:http"'],
    ['static:///::1:5000', '"::1:5000"'],
    ['static:///[::1]', '"[::1]"'],
    ['static:///a b:1', '"a b:1"'],
    ['static:///0.0.0.0:1', '"0.0.0.0:1"'],
    ['static:///a:1,,b:2', '""'],
    ['static:///a:1,b:2,a:1', 'a:1 stands twice'],
    ['static:///a:1?tag=v2', '"a:1?tag=v2"'],
    ['static://eu/a:1', '"eu" has no meaning'],
  ])('%s throws when the channel is made', (target, reason) => {
    expect(() => trial.channel({}, { target })).toThrow(/^INVALID_TARGET: static:/);
    expect(() => trial.channel({}, { target })).toThrow(reason);
  });
});
