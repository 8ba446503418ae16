import { afterEach, expect, it, vi } from 'vitest';

afterEach(() => {
  vi.doUnmock('@grpc/grpc-js');
  vi.resetModules();
});

/** Loads our side anew over a grpc-js whose experimental part is `changed`. */
async function loadOver(changed: (experimental: object) => object): Promise<unknown> {
  const grpc = await vi.importActual<typeof import('@grpc/grpc-js')>('@grpc/grpc-js');
  vi.resetModules();
  vi.doMock('@grpc/grpc-js', () => ({ ...grpc, experimental: changed(grpc.experimental) }));
  return import('./experimental.js');
}

it('takes the grpc-js that is installed', async () => {
  await expect(loadOver((experimental) => experimental)).resolves.toBeDefined();
});

it.each(['registerResolver', 'LeafLoadBalancer', 'PickResultType', 'SUBCHANNEL_ARGS_EXCLUDE_KEY_PREFIX'])(
  'a grpc-js without experimental.%s is refused at load, with the name',
  async (name) => {
    const loading = loadOver((experimental) => ({ ...experimental, [name]: undefined }));
    await expect(loading).rejects.toThrow(
      `INCOMPATIBLE_GRPC: the installed @grpc/grpc-js has no experimental.${name}`,
    );
  },
);

it('a grpc-js whose leaf policy has lost a method is refused at load', async () => {
  const loading = loadOver((experimental) => ({ ...experimental, LeafLoadBalancer: class {} }));
  await expect(loading).rejects.toThrow('experimental.LeafLoadBalancer.startConnecting');
});
