import { hostname } from 'node:os';
import { credentials, setLogger } from '@grpc/grpc-js';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ObservedSet, ObserveSession } from '../../backend/backend.js';
import { Registry } from '../../registry.js';
import { ScriptedBackend } from '../../testing/scripted-backend.js';
import { channelOptions } from '../client/channel-options.js';
import { loadContract } from '../client/contract.js';
import { EchoChannel } from '../fixtures/echo-environment.js';
import { type EchoClient, echoContract, EchoServer } from '../fixtures/echo.js';
import { DiscoveredServiceConfig } from './discovered-service-config.js';
import { registerResolver } from './register-resolver.js';

const errors: string[] = [];
beforeEach(() => setLogger({ error: (message: string) => errors.push(message) }));
afterEach(() => {
  setLogger(console);
  errors.length = 0;
});

const own = {
  loadBalancingConfig: [{ round_robin: {} }],
  retryThrottling: { maxTokens: 100, tokenRatio: 1 },
};
const discovered = () => new DiscoveredServiceConfig({ 'grpc.service_config': JSON.stringify(own) });
const timeoutOf = (timeout: string) => ({ methodConfig: [{ name: [{ service: 'a.B' }], timeout }] });
const choose = (...choices: readonly object[]) => discovered().update(JSON.stringify(choices), 'srv://dns');

it('timeouts, retries and the throttling of retries are those of the registry, the policy is that of the channel', () => {
  const retryPolicy = {
    maxAttempts: 3,
    initialBackoff: '0.1s',
    maxBackoff: '1s',
    backoffMultiplier: 2,
    retryableStatusCodes: ['UNAVAILABLE'],
  };
  const retryThrottling = { maxTokens: 10, tokenRatio: 0.5 };
  const serviceConfig = {
    loadBalancingConfig: [{ pick_first: {} }],
    methodConfig: [{ name: [{ service: 'a.B' }], timeout: '1.5s', retryPolicy, waitForReady: true }],
    retryThrottling,
  };
  const timeout = { seconds: 1, nanos: 500_000_000 };
  const methodConfig = [{ name: [{ service: 'a.B' }], timeout, retryPolicy }];
  expect(choose({ serviceConfig })).toEqual({
    ok: true,
    value: { loadBalancingConfig: own.loadBalancingConfig, methodConfig, retryThrottling },
  });
  expect(choose({ serviceConfig: {} })).toEqual({ ok: true, value: { ...own, methodConfig: [] } });
});

it.each([
  ['another language', { clientLanguage: ['go', 'java'] }, false],
  ['this language', { clientLanguage: ['go', 'node'] }, true],
  ['another host', { clientHostname: ['somewhere'] }, false],
  ['this host', { clientHostname: [hostname()] }, true],
  ['none of the clients', { percentage: 0 }, false],
  ['all of the clients', { percentage: 100 }, true],
])('a choice for %s', (_, conditions, isChosen) => {
  vi.spyOn(Math, 'random').mockReturnValueOnce(0.5);
  const chosen = choose({ ...conditions, serviceConfig: timeoutOf('1s') });
  expect(chosen !== null).toBe(isChosen);
});

it('the first choice for this client is taken; none, and no service config, mean that of the channel', () => {
  const first = { percentage: 0, serviceConfig: timeoutOf('1s') };
  const others = ['2s', '3s'].map((timeout) => ({ serviceConfig: timeoutOf(timeout) }));
  vi.spyOn(Math, 'random').mockReturnValueOnce(0.5);
  expect(choose(first, ...others)).toMatchObject({ value: { methodConfig: [{ timeout: { seconds: 2 } }] } });
  expect(choose()).toBeNull();
  expect(discovered().update(undefined, 'srv://dns')).toBeNull();
});

it('the same choices are the same object', () => {
  const config = discovered();
  const choices = JSON.stringify([{ serviceConfig: timeoutOf('1s') }]);
  expect(config.update(choices, 'srv://dns')).toBe(config.update(choices, 'srv://dns'));
});

it.each<[string, object]>([
  ['a timeout', timeoutOf('1 minute')],
  ['a name', { methodConfig: [{ name: 'a.B' }] }],
  ['a list of methods', { methodConfig: { name: [] } }],
  ['a retry policy', { methodConfig: [{ name: [{}], retryPolicy: { maxAttempts: 9 } }] }],
])('%s that is invalid: it is logged with its text, and the last valid one stays', (_, serviceConfig) => {
  const config = discovered();
  const valid = config.update(JSON.stringify([{ serviceConfig: timeoutOf('1s') }]), 'srv://dns');
  const invalid = JSON.stringify([{ serviceConfig }]);
  expect(config.update(invalid, 'srv://dns')).toBe(valid);
  expect(errors.join('\n')).toContain('invalid service config from srv://dns: ');
  expect(errors.join('\n')).toContain(invalid);
});

describe('a channel', () => {
  /** A registry that has service configs. */
  class BackendWithConfigs extends ScriptedBackend {
    serviceConfigs: string | undefined;

    override async *observe(service: string, session: ObserveSession): AsyncIterable<ObservedSet> {
      for await (const set of super.observe(service, session))
        yield { ...set, ...(this.serviceConfigs !== undefined && { serviceConfigs: this.serviceConfigs }) };
    }
  }

  it('applies the timeout of a method from the registry, and that of the caller again when the registry has none', async () => {
    const [backend, server] = [new BackendWithConfigs(), await EchoServer.start('a')];
    const registry = new Registry(backend, { lingerMs: 0 });
    const unregister = registerResolver(registry);
    const { Client } = loadContract(echoContract);
    const client = new Client('scripted:///echo', credentials.createInsecure(), channelOptions());
    const channel = new EchoChannel(client as unknown as EchoClient);

    /** How much time the server sees that a call has left, of the 20 s of its caller. */
    const remainingMs = async () => {
      await channel.call();
      return Number(server.deadlines.at(-1)) - Date.now();
    };

    backend.serviceConfigs = JSON.stringify([
      { serviceConfig: { methodConfig: [{ name: [{}], timeout: '5.5s' }] } },
    ]);
    backend.observed.push([server.instance]);
    expect(await remainingMs()).toBeLessThan(5_500);

    backend.serviceConfigs = undefined;
    const watch = registry.watch('echo');
    backend.observed.push([server.instance]);
    await vi.waitUntil(() => watch.current.serviceConfigs === undefined);
    expect(await remainingMs()).toBeGreaterThan(15_000);

    client.close();
    unregister();
    await registry.close();
    server.kill();
  });
});
