import { afterEach, expect, it, vi } from 'vitest';

afterEach(() => {
  vi.doUnmock('@grpc/grpc-js');
  vi.resetModules();
});

/** Loads `experimental.js` with a modified grpc-js. */
async function loadWith(change: (experimental: object) => object): Promise<unknown> {
  const grpc = await vi.importActual<typeof import('@grpc/grpc-js')>('@grpc/grpc-js');
  vi.resetModules();
  vi.doMock('@grpc/grpc-js', () => ({ ...grpc, experimental: change(grpc.experimental) }));
  return import('./experimental.js');
}

it('accepts the installed grpc-js', async () => {
  await expect(loadWith((experimental) => experimental)).resolves.toBeDefined();
});

it.each(['registerResolver', 'LeafLoadBalancer', 'PickResultType'])(
  'a grpc-js without experimental.%s is rejected at load',
  async (name) => {
    const loading = loadWith((experimental) => ({ ...experimental, [name]: undefined }));
    await expect(loading).rejects.toThrow(
      `INCOMPATIBLE_GRPC: the installed @grpc/grpc-js has no experimental.${name}`,
    );
  },
);

it('a grpc-js whose LeafLoadBalancer lacks a method is rejected at load', async () => {
  const loading = loadWith((experimental) => ({ ...experimental, LeafLoadBalancer: class {} }));
  await expect(loading).rejects.toThrow('experimental.LeafLoadBalancer.startConnecting');
});
