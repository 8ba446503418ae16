import { setImmediate as turn } from 'node:timers/promises';
import { expect, it, vi } from 'vitest';
import { DiscoveryError } from '../../model/errors.js';
import { defineInstance, type Instance } from '../../model/instance.js';
import { Registry } from '../../registry.js';
import { ScriptedBackend } from '../../testing/scripted-backend.js';
import type { ResolverListener } from '../experimental.js';
import { MembershipResolver } from './membership-resolver.js';
import { parseTarget } from './target.js';

const a = defineInstance({ id: 'a', service: 'echo', host: '10.0.0.1', port: 1 });
const b = defineInstance({ id: 'b', service: 'echo', host: '10.0.0.2', port: 2 });

function resolving() {
  const backend = new ScriptedBackend();
  const registry = new Registry(backend, { lingerMs: 0, backoff: { initialMs: 1, maxMs: 5 } });
  const told: string[] = [];
  const attributes: object[] = [];
  const configs: unknown[] = [];
  const listener: ResolverListener = (result, attribute, config) => {
    told.push(
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
  return { backend, registry, resolver, told, attributes, configs };
}

const addressA = '{"host":"10.0.0.1","port":1}';

it('tells a list once, however often it is asked for it', async () => {
  const { backend, registry, resolver, told } = resolving();
  resolver.updateResolution();
  backend.observed.say([a]);
  await vi.waitFor(() => expect(told).toEqual([addressA]));
  for (let i = 0; i < 10_000; i++) resolver.updateResolution();
  await turn();
  expect(told).toEqual([addressA]);
  expect(backend.opened).toBe(1);
  resolver.destroy();
  await registry.close();
});

it('never tells from within updateResolution, and tells again after it was destroyed and woken', async () => {
  const { backend, registry, resolver, told } = resolving();
  const keptOpen = registry.watch('echo');
  backend.observed.say([a]);
  await keptOpen.ready();
  resolver.updateResolution();
  expect(told).toEqual([]);
  await vi.waitFor(() => expect(told).toEqual([addressA]));
  resolver.destroy();
  backend.observed.say([a, b]);
  await vi.waitFor(() => expect(keptOpen.current.instances.length).toBe(2));
  expect(told.length).toBe(1);
  resolver.updateResolution();
  await vi.waitFor(() => expect(told.length).toBe(2));
  resolver.destroy();
  await registry.close();
});

it('is destroyed before it has told anything: then it tells nothing', async () => {
  const { registry, resolver, told } = resolving();
  const keptOpen = registry.watch('echo');
  resolver.updateResolution();
  resolver.destroy();
  await turn();
  await turn();
  expect(told).toEqual([]);
  keptOpen.close();
  await registry.close();
});

it('tells nothing when something changes that no policy goes by', async () => {
  const { backend, registry, resolver, told } = resolving();
  resolver.updateResolution();
  backend.observed.say([a]);
  backend.observed.say([{ ...a, tags: ['v2'], metadata: { owner: 'team' } }]);
  backend.observed.say([a, b]);
  await vi.waitFor(() => expect(told.length).toBe(2));
  expect(told[0]).toBe(addressA);
  resolver.destroy();
  await registry.close();
});

it.each<[string, Partial<Instance>]>([
  ['weight', { weight: 7 }],
  ['zone', { zone: 'eu' }],
  ['id', { id: 'a2' }],
  ['time of registration', { registeredAt: 5 }],
])('tells the same endpoints again when the %s of an instance changes', async (_, change) => {
  const { backend, registry, resolver, told } = resolving();
  resolver.updateResolution();
  backend.observed.say([a]);
  await vi.waitFor(() => expect(told.length).toBe(1));
  backend.observed.say([{ ...a, ...change }]);
  await vi.waitFor(() => expect(told).toEqual([addressA, addressA]));
  resolver.destroy();
  await registry.close();
});

it('tells attributes that grpc-js keeps from subchannels, and a service config of null, through good lists and errors', async () => {
  const { backend, registry, resolver, told, attributes, configs } = resolving();
  resolver.updateResolution();
  backend.observed.fail(new DiscoveryError('REGISTRY_UNAVAILABLE', 'away'));
  backend.observed.say([a]);
  await vi.waitFor(() => expect(told).toContain(addressA));
  const keys = attributes.flatMap((attribute) => Object.keys(attribute));
  expect(keys.length).toBeGreaterThan(0);
  for (const key of keys) expect(key).toMatch(/^grpc\.internal\.no_subchannel/);
  expect(new Set(configs)).toEqual(new Set([null]));
  resolver.destroy();
  await registry.close();
});

it('tells one endpoint an instance, and each address once', async () => {
  const { backend, registry, resolver, told } = resolving();
  resolver.updateResolution();
  backend.observed.say([a, b, { ...a, id: 'older', registeredAt: -1 }]);
  await vi.waitFor(() => expect(told).toEqual([`${addressA},{"host":"10.0.0.2","port":2}`]));
  resolver.destroy();
  await registry.close();
});

it('tells an error as an error, that names service, registry and reason, and the list once there is one', async () => {
  const { backend, registry, resolver, told } = resolving();
  resolver.updateResolution();
  backend.observed.fail(new DiscoveryError('REGISTRY_UNAVAILABLE', 'connection refused'));
  await vi.waitFor(() =>
    expect(told).toEqual([
      'no instance of echo is known: scripted://test is away (REGISTRY_UNAVAILABLE: connection refused)',
    ]),
  );
  backend.observed.say([a]);
  await vi.waitFor(() => expect(told.at(-1)).toBe(addressA));
  resolver.destroy();
  await registry.close();
});

it('tells an empty list and then the reason, so that calls fail and do not wait', async () => {
  const { backend, registry, resolver, told } = resolving();
  resolver.updateResolution();
  backend.observed.say([]);
  await vi.waitFor(() => expect(told).toEqual(['', 'scripted://test has no instance of echo']));
  resolver.destroy();
  await registry.close();
});
