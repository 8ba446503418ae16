import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { EchoEnvironment } from '../fixtures/echo-environment.js';

vi.setConfig({ testTimeout: 30_000 });

let environment: EchoEnvironment;
beforeEach(() => {
  environment = new EchoEnvironment();
});
afterEach(() => environment.close());

it.each(['scripted:///echo', 'scripted:///echo?zone=a'])(
  'the authority of calls to %s is the name of the service',
  async (target) => {
    const [a] = await environment.servers('a');
    environment.publish(a.instance);
    const channel = environment.channel({}, { target });
    await channel.untilCallsReach('a');
    expect(new Set(a.authorities)).toEqual(new Set(['echo']));
  },
);

it('an invalid target throws when the channel is created, also if the authority is overridden', () => {
  for (const target of ['scripted:///echo.1', 'scripted:///echo?tags=v2', 'scripted://nowhere/echo']) {
    const overrides = { 'grpc.default_authority': 'given' };
    expect(() => environment.channel({}, { target, overrides })).toThrow(/^INVALID_TARGET: /);
  }
});
