import { afterEach, describe, expect, it } from 'vitest';
import { Registry } from '../registry.js';
import { staticBackend, type StaticServices } from './static-backend.js';

let registry: Registry | undefined;
const open = (services: StaticServices) =>
  (registry = new Registry(staticBackend(services), { lingerMs: 0 }));
afterEach(() => registry?.close());

describe('a static registry', () => {
  it('lists its instances; why() says that they are static', async () => {
    const watch = open({ inventory: ['10.0.0.1:1', '[fd00::1]:2'], review: ['db:3'] }).watch('inventory');
    const { instances } = await watch.ready();
    expect(instances.map(({ host, port }) => [host, port])).toEqual([
      ['10.0.0.1', 1],
      ['fd00::1', 2],
    ]);
    expect(registry!.why('inventory')).toMatchObject({ source: 'static', lastError: null });
  });

  it('has a catalogue; an unknown service is empty', async () => {
    const watched = open({ inventory: ['a:1'], review: ['b:2'] });
    expect((await watched.watchAll().ready()).instances).toHaveLength(2);
    expect((await watched.watch('other').ready()).instances).toEqual([]);
  });

  it('accepts a registration, which changes nothing', async () => {
    const registration = open({}).register({ id: 'a', service: 'goods', host: '10.0.0.1', port: 1 });
    await registration.registered();
    expect((await registry!.watch('goods').ready()).instances).toEqual([]);
    await registration.close();
    expect(registration.state.status).toBe('closed');
  });

  it.each([['a'], ['a:0'], ['a:b'], ['a:1:2'], [':1']])('address "%s": rejected, echoed', (address) => {
    expect(() => open({ goods: [address] })).toThrow(/INVALID_(OPTION|INSTANCE): .*/);
    expect(() => open({ goods: [address] })).toThrow(address.split(':').at(-1));
  });

  it('refuses a name that is no service', () => {
    expect(() => open({ Goods: [] })).toThrow(/"?Goods/);
  });
});
