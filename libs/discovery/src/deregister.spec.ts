import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { deregister } from './deregister.js';
import { Registry } from './registry.js';
import { MemoryRegistry } from './testing/memory-registry.js';

let memory: MemoryRegistry;
let registry: Registry;
let elsewhere: Registry;
beforeEach(() => {
  memory = new MemoryRegistry();
  registry = new Registry(memory.open());
  elsewhere = new Registry(memory.open());
});
afterEach(async () => {
  await Promise.all([registry.close(), elsewhere.close()]);
});

async function registered(id: string) {
  const registration = registry.register({ id, service: 'goods', host: '127.0.0.1', port: 8080 });
  await registration.registered();
  return registration;
}

describe('deregister', () => {
  it('resolves once other handles have seen the removal', async () => {
    const registration = await registered('a');
    const watch = elsewhere.watch('goods');
    await watch.ready();
    expect(watch.current.instances).toHaveLength(1);
    await deregister(registry, registration);
    expect(watch.current.instances).toEqual([]);
    expect(registration.state.status).toBe('closed');
  });

  it('a registration does the same by itself', async () => {
    const registration = await registered('a');
    const watch = elsewhere.watch('goods');
    await watch.ready();
    await registration.deregister();
    expect(watch.current.instances).toEqual([]);
    expect(registration.state.status).toBe('closed');
  });

  it('registry is unavailable: bounded, and shorter with forceSignal', async () => {
    const [unforced, forced] = [await registered('a'), await registered('b')];
    const watch = registry.watch('goods');
    await watch.ready();
    memory.outage(true);
    await vi.waitFor(() => expect(watch.current.source).toBe('last-known-good'), { timeout: 10_000 });
    const done: string[] = [];
    await Promise.all([
      deregister(registry, unforced).then(() => done.push('unforced')),
      deregister(registry, forced, AbortSignal.abort()).then(() => done.push('forced')),
    ]);
    expect(done).toEqual(['forced', 'unforced']);
  });

  it('handle is closed: already deregistered', async () => {
    const registration = await registered('a');
    await registry.close();
    await deregister(registry, registration);
    expect(memory.instances()).toEqual([]);
  });
});
