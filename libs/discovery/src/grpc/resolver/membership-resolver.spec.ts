import { setImmediate as turn } from 'node:timers/promises';
import { expect, it, vi } from 'vitest';
import type { ObservedSet, ObserveSession } from '../../backend/backend.js';
import { DiscoveryError } from '../../model/errors.js';
import { defineInstance, type Instance } from '../../model/instance.js';
import { Registry } from '../../registry.js';
import { ScriptedBackend } from '../../testing/scripted-backend.js';
import type { ResolverListener } from '../experimental.js';
import { MembershipResolver } from './membership-resolver.js';
import { parseTarget } from './target.js';

const a = defineInstance({ id: 'a', service: 'echo', host: '10.0.0.1', port: 1 });
const b = defineInstance({ id: 'b', service: 'echo', host: '10.0.0.2', port: 2 });

function createResolver(backend = new ScriptedBackend()) {
  const registry = new Registry(backend, { lingerMs: 0, backoff: { initialMs: 1, maxMs: 5 } });
  const emitted: string[] = [];
  const attributes: object[] = [];
  const configs: unknown[] = [];
  const listener: ResolverListener = (result, attribute, config) => {
    emitted.push(
      result.ok
        ? result.value.map(({ addresses }) => JSON.stringify(addresses[0])).join()
        : result.error.details,
    );
    attributes.push(attribute);
    configs.push(config);
    return true;
  };
  const resolver = new MembershipResolver(
    registry,
    parseTarget({ scheme: 'scripted', path: 'echo' }),
    listener,
  );
  return { backend, registry, resolver, emitted, attributes, configs };
}

const addressA = '{"host":"10.0.0.1","port":1}';

it('emits a list once, however often updateResolution is called', async () => {
  const { backend, registry, resolver, emitted } = createResolver();
  resolver.updateResolution();
  backend.observed.push([a]);
  await vi.waitFor(() => expect(emitted).toEqual([addressA]));
  for (let i = 0; i < 10_000; i++) resolver.updateResolution();
  await turn();
  expect(emitted).toEqual([addressA]);
  expect(backend.opened).toBe(1);
  resolver.destroy();
  await registry.close();
});

it('never emits within updateResolution, and emits again after destroy and updateResolution', async () => {
  const { backend, registry, resolver, emitted } = createResolver();
  const otherWatch = registry.watch('echo');
  backend.observed.push([a]);
  await otherWatch.ready();
  resolver.updateResolution();
  expect(emitted).toEqual([]);
  await vi.waitFor(() => expect(emitted).toEqual([addressA]));
  resolver.destroy();
  backend.observed.push([a, b]);
  await vi.waitFor(() => expect(otherWatch.current.instances.length).toBe(2));
  expect(emitted.length).toBe(1);
  resolver.updateResolution();
  await vi.waitFor(() => expect(emitted.length).toBe(2));
  resolver.destroy();
  await registry.close();
});

it('emits nothing when it is destroyed before the first list', async () => {
  const { registry, resolver, emitted } = createResolver();
  const otherWatch = registry.watch('echo');
  resolver.updateResolution();
  resolver.destroy();
  await turn();
  await turn();
  expect(emitted).toEqual([]);
  otherWatch.close();
  await registry.close();
});

it('emits nothing when only tags or metadata change', async () => {
  const { backend, registry, resolver, emitted } = createResolver();
  resolver.updateResolution();
  backend.observed.push([a]);
  backend.observed.push([{ ...a, tags: ['v2'], metadata: { owner: 'team' } }]);
  backend.observed.push([a, b]);
  await vi.waitFor(() => expect(emitted.length).toBe(2));
  expect(emitted[0]).toBe(addressA);
  resolver.destroy();
  await registry.close();
});

it.each<[string, Partial<Instance>]>([
  ['weight', { weight: 7 }],
  ['zone', { zone: 'eu' }],
  ['id', { id: 'a2' }],
  ['time of registration', { registeredAt: 5 }],
])('emits the same endpoints again when the %s of an instance changes', async (_, change) => {
  const { backend, registry, resolver, emitted } = createResolver();
  resolver.updateResolution();
  backend.observed.push([a]);
  await vi.waitFor(() => expect(emitted.length).toBe(1));
  backend.observed.push([{ ...a, ...change }]);
  await vi.waitFor(() => expect(emitted).toEqual([addressA, addressA]));
  resolver.destroy();
  await registry.close();
});

it('never emits attributes, which would be subchannel arguments, and always a service config of null', async () => {
  const { backend, registry, resolver, emitted, attributes, configs } = createResolver();
  resolver.updateResolution();
  backend.observed.fail(new DiscoveryError('REGISTRY_UNAVAILABLE', 'connection refused'));
  backend.observed.push([a]);
  await vi.waitFor(() => expect(emitted).toContain(addressA));
  expect(attributes.length).toBeGreaterThan(1);
  for (const attribute of attributes) expect(Reflect.ownKeys(attribute)).toEqual([]);
  expect(new Set(configs)).toEqual(new Set([null]));
  resolver.destroy();
  await registry.close();
});

it('emits the service config of the registry with every list and every error alike', async () => {
  class BackendWithConfigs extends ScriptedBackend {
    override async *observe(service: string, session: ObserveSession): AsyncIterable<ObservedSet> {
      for await (const set of super.observe(service, session)) {
        yield { ...set, serviceConfigs: '[{"serviceConfig":{"methodConfig":[]}}]' };
      }
    }
  }
  const { backend, registry, resolver, emitted, configs } = createResolver(new BackendWithConfigs());
  resolver.updateResolution();
  backend.observed.push([a]);
  backend.observed.push([{ ...a, draining: true }]);
  await vi.waitFor(() => expect(emitted).toEqual([addressA, '', 'scripted://test has no instance of echo']));
  expect(configs[0]).toMatchObject({ ok: true, value: { methodConfig: [] } });
  for (const config of configs) expect(config).toBe(configs[0]);
  resolver.destroy();
  await registry.close();
});

it('emits each address once', async () => {
  const { backend, registry, resolver, emitted } = createResolver();
  resolver.updateResolution();
  backend.observed.push([a, b, { ...a, id: 'older', registeredAt: -1 }]);
  await vi.waitFor(() => expect(emitted).toEqual([`${addressA},{"host":"10.0.0.2","port":2}`]));
  resolver.destroy();
  await registry.close();
});

it('emits an error with service, registry and reason, and then the first list', async () => {
  const { backend, registry, resolver, emitted } = createResolver();
  resolver.updateResolution();
  backend.observed.fail(new DiscoveryError('REGISTRY_UNAVAILABLE', 'connection refused'));
  await vi.waitFor(() =>
    expect(emitted).toEqual([
      'no instance of echo is known: scripted://test is unavailable (REGISTRY_UNAVAILABLE: connection refused)',
    ]),
  );
  backend.observed.push([a]);
  await vi.waitFor(() => expect(emitted.at(-1)).toBe(addressA));
  resolver.destroy();
  await registry.close();
});

it('emits an empty list and then the reason, so that calls fail and do not wait', async () => {
  const { backend, registry, resolver, emitted } = createResolver();
  resolver.updateResolution();
  backend.observed.push([]);
  await vi.waitFor(() => expect(emitted).toEqual(['', 'scripted://test has no instance of echo']));
  resolver.destroy();
  await registry.close();
});

it('without a registry, emits after 10 s that it has not been opened', () => {
  vi.useFakeTimers();
  const emitted: string[] = [];
  const resolver = new MembershipResolver(
    undefined,
    parseTarget({ scheme: 'scripted', authority: 'eu', path: 'echo' }),
    (result) => {
      if (!result.ok) emitted.push(result.error.details);
      return true;
    },
  );
  resolver.updateResolution();
  vi.advanceTimersByTime(9_999);
  expect(emitted).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(emitted).toEqual(['the registry of scripted://eu/ has not been opened yet']);
  resolver.destroy();
  vi.useRealTimers();
});

it('emits that the registry was closed, but not after destroy', async () => {
  const { registry, resolver, emitted } = createResolver();
  await registry.close();
  resolver.updateResolution();
  resolver.destroy();
  await turn();
  await turn();
  expect(emitted).toEqual([]);
  resolver.updateResolution();
  await vi.waitFor(() => expect(emitted).toEqual(['scripted://test was closed']));
});
