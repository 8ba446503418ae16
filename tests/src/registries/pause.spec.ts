import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openRegistry, type Registry } from '@rollcall/discovery';
import { registryForTests, type RegistryServer, startRegistryAt } from '@rollcall/tools';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

/** Never called: an address for documentation (RFC 5737), which is valid for a registry anywhere. */
const instance = { id: 'goods-1', service: 'goods', host: '192.0.2.1', port: 50_051 };

for (const kind of ['file', 'etcd', 'consul'] as const) {
  const location = kind === 'file' ? undefined : await registryForTests(kind);
  describe.skipIf(kind !== 'file' && !location)(`an instance in ${kind}`, () => {
    let server: RegistryServer | undefined;
    let directory: string | undefined;
    let own: Registry;
    let other: Registry;

    beforeAll(async () => {
      if (location) server = await startRegistryAt(location);
      else directory = await mkdtemp(join(tmpdir(), 'rollcall-test-'));
      const url = server?.url ?? `file://${directory}`;
      [own, other] = await Promise.all([openRegistry(url), openRegistry(url)]);
    });
    afterAll(async () => {
      await Promise.all([own.close(), other.close()]);
      await server?.stop();
      if (directory) await rm(directory, { recursive: true });
    });

    it('is paused: it is removed at once although it is the only one; resumed: it is listed again', async () => {
      const registration = own.register(instance);
      const watch = other.watch(instance.service);
      const listed = (ids: readonly string[]) =>
        vi.waitFor(() => expect(watch.current.instances.map(({ id }) => id)).toEqual(ids), {
          timeout: 10_000,
          interval: 5,
        });
      await registration.registered();
      await listed([instance.id]);

      await registration.pause();
      await listed([]);
      expect(watch.current.held).toEqual([]);
      if (kind === 'consul') await vi.waitFor(() => expectMaintenance(server!), { timeout: 10_000 });

      await registration.resume();
      await listed([instance.id]);
      expect(registration.state.status).toBe('registered');
      await registration.close();
    });
  });
}

async function expectMaintenance({ host, port }: RegistryServer): Promise<void> {
  const response = await fetch(`http://${host}:${port}/v1/health/service/${instance.service}`, {
    signal: AbortSignal.timeout(2_000),
  });
  const [entry] = (await response.json()) as { Checks: { CheckID: string; Status: string }[] }[];
  const statuses = Object.fromEntries(entry!.Checks.map(({ CheckID, Status }) => [CheckID, Status]));
  expect(statuses).toMatchObject({
    [`_service_maintenance:${instance.id}`]: 'critical',
    [`service:${instance.id}`]: 'passing',
  });
}
