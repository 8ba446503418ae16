import { credentials } from '@grpc/grpc-js';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Registry } from '../../registry.js';
import { MemoryRegistry } from '../../testing/memory-registry.js';
import { channelOptions } from '../client/channel-options.js';
import { loadContract } from '../client/contract.js';
import { EchoChannel, EchoEnvironment } from '../fixtures/echo-environment.js';
import { type EchoClient, echoContract } from '../fixtures/echo.js';
import { expectRegistry, registerResolver } from './register-resolver.js';

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

describe('a registry that is expected', () => {
  const createChannel = (target: string) => {
    const { Client } = loadContract(echoContract);
    return new Client(target, credentials.createInsecure(), channelOptions()) as unknown as EchoClient;
  };

  it('is waited for by the channels that were created before', async () => {
    expectRegistry('memory', { name: 'early' });
    const client = createChannel('memory://early/echo');
    const response = new EchoChannel(client).call();
    const [a] = await environment.servers('a');
    const registry = new Registry(new MemoryRegistry().open());
    await registry.register(a.instance).registered();
    const unregister = registerResolver(registry, { name: 'early' });
    expect(await response).toBe('a');
    client.close();
    unregister();
    await registry.close();
  });

  it('does not make other names valid', () => {
    expectRegistry('memory', { name: 'early' });
    expect(() => createChannel('memory://late/echo')).toThrow(/^INVALID_TARGET: .*memory:\/\/late\//);
  });

  it.each(['eu', '127.0.0.1:8600', '[::1]:53'])('can have the name "%s"', (name) => {
    expectRegistry('memory', { name });
    expect(() => createChannel(`memory://${name}/echo`)).not.toThrow();
  });

  it.each(['a/b', 'a b', 'a?b'])('cannot have the name "%s"', (name) => {
    expect(() => expectRegistry('memory', { name })).toThrow(/^INVALID_OPTION: invalid name "a.b"/);
  });
});
