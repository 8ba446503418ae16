import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { DiscoveryError } from '../model/errors.js';
import { defineInstance } from '../model/instance.js';
import { Registry, type RegistryOptions } from '../registry.js';
import { ScriptedBackend } from '../testing/scripted-backend.js';

const a = defineInstance({ id: 'a', service: 'goods', host: '10.0.0.1', port: 1 });
const unavailable = new DiscoveryError('REGISTRY_UNAVAILABLE', 'unavailable');

function open(options: RegistryOptions = {}) {
  const backend = new ScriptedBackend();
  const log: string[] = [];
  const registry = new Registry(backend, {
    backoff: { initialMs: 1, maxMs: 5 },
    log: (_, message) => log.push(message),
    ...options,
  });
  return { backend, registry, log };
}

describe('a registration', () => {
  it('record is lost: registers again until it succeeds', async () => {
    const { backend, registry } = open();
    const registration = registry.register(a);
    expect(registration.state.status).toBe('registering');
    backend.announced.push('registered');
    await registration.registered();
    backend.announced.fail(new DiscoveryError('REGISTRATION_LOST', 'deleted'));
    const [lost] = await once(registration, 'change');
    expect(lost).toMatchObject({ status: 'lost', lastError: { code: 'REGISTRATION_LOST' } });
    for (let i = 0; i < 20; i++) backend.announced.fail(unavailable);
    backend.announced.push('registered');
    await registration.registered();
    await registry.close();
    expect(registration.state.status).toBe('closed');
  });

  it('failed attempts do not change `since`', async () => {
    const { backend, registry } = open();
    const registration = registry.register(a);
    backend.announced.push('registered');
    await registration.registered();
    backend.announced.fail(unavailable);
    const [first] = await once(registration, 'change');
    backend.announced.fail(unavailable);
    const [second] = await once(registration, 'change');
    expect(second.since).toBe(first.since);
    await registry.close();
  });

  it('a second registration of the same id is rejected', async () => {
    const { registry } = open();
    const registration = registry.register(a);
    expect(() => registry.register(a)).toThrow(/^INVALID_INSTANCE: id a is registered/);
    await registration.close();
    expect(() => registry.register(a)).not.toThrow();
    await registry.close();
  });

  it('pause and resume', async () => {
    const { backend, registry } = open();
    const registration = registry.register(a);
    backend.announced.push('registered');
    await registration.registered();
    await registration.pause();
    expect(registration.state.status).toBe('paused');
    expect(backend.announcing).toBe(0);
    backend.announced.push('registered');
    await registration.resume();
    expect(registration.state.status).toBe('registered');
    expect(backend.announcing).toBe(1);
    await registry.close();
    expect(registration.state.status).toBe('closed');
  });

  it('lost, then closed: the record left in the registry is removed', async () => {
    const { backend, registry } = open({ backoff: { initialMs: 60_000, maxMs: 60_000 } });
    const registration = registry.register(a);
    backend.announced.push('registered');
    await registration.registered();
    backend.announced.fail(unavailable);
    await once(registration, 'change');
    expect(registration.state.status).toBe('lost');
    await registration.close();
    expect(backend.removed).toBe(1);
    expect(backend.announcing).toBe(0);
    await registry.close();
  });

  it('registry is unavailable: can be paused, then closed', async () => {
    const { backend, registry } = open();
    const registration = registry.register(a);
    backend.announced.fail(unavailable);
    await registration.pause();
    expect(registration.state.status).toBe('paused');
    await registration.close();
    expect(registration.state.status).toBe('closed');
    await registration.pause();
    await registry.close();
  });

  it.each(['0.0.0.0', '::'])('at %s: rejected immediately', async (host) => {
    const { registry } = open();
    expect(() => registry.register({ ...a, host })).toThrow(`INVALID_INSTANCE: invalid host "${host}"`);
    expect(registry.registrations).toEqual([]);
    await registry.close();
  });

  it('at a loopback address with a remote registry: rejected', async () => {
    const elsewhere = new Registry(Object.assign(new ScriptedBackend(), { hosts: ['192.0.2.1'] }));
    expect(() => elsewhere.register({ ...a, host: '127.0.0.1' })).toThrow(
      /^NO_ADVERTISABLE_ADDRESS: 127\.0\.0\.1 .* registry is at 192\.0\.2\.1: set /,
    );
    expect(() => elsewhere.register(a)).not.toThrow();
    const partly = new Registry(Object.assign(new ScriptedBackend(), { hosts: ['127.0.0.1', '192.0.2.1'] }));
    expect(() => partly.register({ ...a, host: '::ffff:127.0.0.1' })).toThrow(/registry is at 192\.0\.2\.1/);
    await partly.close();
    const here = new Registry(Object.assign(new ScriptedBackend(), { hosts: ['127.0.0.1'] }));
    expect(() => here.register({ ...a, host: '127.0.0.1' })).not.toThrow();
    await Promise.all([elsewhere.close(), here.close()]);
  });

  it('listener throws: logged, the registration goes on', async () => {
    const { backend, registry, log } = open();
    const registration = registry.register(a);
    registration.on('change', () => {
      throw new Error('mine');
    });
    backend.announced.push('registered');
    await registration.registered();
    backend.announced.fail(unavailable);
    await once(registration, 'change');
    backend.announced.push('registered');
    await registration.registered();
    expect(log.filter((line) => line === 'a listener of "change" threw an error').length).toBeGreaterThan(2);
    await registry.close();
  });

  it('closed before it is registered: registered() rejects', async () => {
    const { registry } = open();
    const waiting = registry.register(a).registered();
    await Promise.all([expect(waiting).rejects.toThrow(/^CLOSED: /), registry.close()]);
  });
});
