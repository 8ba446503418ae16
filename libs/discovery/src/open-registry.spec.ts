import { expect, it } from 'vitest';
import { openRegistry } from './open-registry.js';
import { MemoryRegistry } from './testing/memory-registry.js';

it('rejects an unknown scheme and names the known ones', async () => {
  await expect(openRegistry('zookeeper://h:1')).rejects.toThrow(
    /unknown scheme "zookeeper"; use one of .*file/,
  );
});

it('opens the backend of a third party, which reads the URL and says where the registry is', async () => {
  const memory = new MemoryRegistry();
  const registry = await openRegistry('toy://remote.example?color=red', {
    backends: {
      toy: ({ hosts, options }) =>
        Object.assign(memory.open(), {
          hosts: hosts.map(({ host }) => host),
          location: `toy://${options.get('color')}`,
        }),
    },
  });
  expect(registry).toMatchObject({ location: 'toy://red', host: 'remote.example' });
  expect(() => registry.register({ id: 'a', service: 'goods', host: '127.0.0.1', port: 1 })).toThrow(
    /^NO_ADVERTISABLE_ADDRESS: /,
  );
  await registry.close();
});
