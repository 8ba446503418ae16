import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Container } from 'kubernetes-types/core/v1.js';
import { maxShutdownMs, parseRegistryUrl } from '@rollcall/discovery';
import { describe, expect, it } from 'vitest';
import { readOptions, readVariables } from '../documentation/option-docs.js';
import { composeServices } from './compose-file.js';
import { failureMs, type Manifest, manifestsOf, nameOf, portOf, workloadsOf } from './manifests.js';
import { renderOverlays } from './overlays.js';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const overlays = await renderOverlays();
const isAvailable = (overlays.get('etcd') ?? []).length > 0;
const compose = composeServices();

const variablesOf = (file: string) => readVariables(file).map(({ name }) => name);
const serviceVariables = variablesOf('libs/service-kit/src/config.ts');
const aggregatorVariables = variablesOf('apps/aggregator/src/config.ts');

/** The variables of a container that have a value in its manifest. */
const valuesOf = ({ env = [] }: Container): Record<string, string> =>
  Object.fromEntries(env.flatMap(({ name, value }) => (value === undefined ? [] : [[name, value]])));

const registryUrlOf = (manifests: readonly Manifest[]) =>
  manifestsOf(manifests, 'ConfigMap')[0]?.data?.['REGISTRY_URL'] ?? '';

/** The default TTL of a registration, as the docstring of the option says. */
function defaultTtlMs(scheme: string): number {
  const options =
    scheme === 'etcd'
      ? readOptions('libs/discovery/src/etcd/options.ts', 'EtcdOptions')
      : readOptions('libs/discovery/src/consul/options.ts', 'ConsulOptions');
  const { text = '' } = options.find(({ name }) => name === 'ttlMs') ?? {};
  return Number(/Default ([\d,]+)/.exec(text)?.[1]?.replaceAll(',', ''));
}

describe.skipIf(!isAvailable).each([...overlays])(
  'overlays/%s and docker-compose.yml',
  (scheme, manifests) => {
    const workloads = workloadsOf(manifests);
    const shop = workloads.filter(({ name }) => compose[name]?.environment);
    const byName = shop.map((workload) => [workload.name, workload] as const);
    const registryUrl = () => parseRegistryUrl(registryUrlOf(manifests));

    it('run the same programs of the same images', () => {
      expect(shop).toHaveLength(4);
      for (const { name, main, replicas } of shop) {
        const { command, image, deploy } = compose[name]!;
        expect([main.command, main.args, main.image]).toEqual([undefined, command, `${image}:latest`]);
        // Compose publishes a port of the aggregator, so there is one; here it may be evicted.
        expect(replicas).toBe(deploy?.replicas ?? 2);
      }
      const images = new Set(workloads.flatMap(({ containers }) => containers.map(({ image }) => image)));
      expect([...images].toSorted()).toEqual(
        [compose[scheme]?.image, `${compose['aggregator']?.image}:latest`].toSorted(),
      );
    });

    it.each(byName)('%s has the same variables, and the program knows each of them', (name, { main }) => {
      const { REGISTRY_URL: _, ...variables } = compose[name]!.environment!;
      expect(valuesOf(main)).toEqual(variables);
      const known = [...serviceVariables, ...(name === 'aggregator' ? aggregatorVariables : [])];
      expect(known).toEqual(expect.arrayContaining((main.env ?? []).map(({ name: variable }) => variable)));
      expect(main.env).toContainEqual({
        name: 'POD_IP',
        valueFrom: { fieldRef: { fieldPath: 'status.podIP' } },
      });
    });

    it.each(byName)('%s is asked on the port that it listens on', (_, { main }) => {
      const port = Number(valuesOf(main)['PORT']);
      expect(main.ports?.map(({ containerPort }) => containerPort)).toEqual([port]);
      for (const probe of [main.startupProbe, main.readinessProbe, main.livenessProbe]) {
        expect(portOf(main, probe!)).toBe(port);
      }
    });

    it.each(byName)('%s has the same limit of memory', (name, { main }) => {
      expect(main.resources?.limits?.['memory']).toBe(compose[name]!.mem_limit.replace('m', 'Mi'));
    });

    it.each(byName)(
      '%s gets the time that its longest shutdown takes, after preStop',
      (name, { main, pod }) => {
        const preStopMs = 1_000 * (main.lifecycle?.preStop?.sleep?.seconds ?? 0);
        const graceMs = 1_000 * (pod.terminationGracePeriodSeconds ?? 0) - preStopMs;
        const { DRAIN_TIMEOUT_MS, SHUTDOWN_DELAY_MS = 0 } = valuesOf(main);
        expect(graceMs).toBeGreaterThan(maxShutdownMs(Number(DRAIN_TIMEOUT_MS), Number(SHUTDOWN_DELAY_MS)));
        expect(graceMs).toBeGreaterThanOrEqual(
          1_000 * Number.parseInt(compose[name]!.stop_grace_period!, 10),
        );
      },
    );

    it.each(byName)('%s may start as slowly', (_, { main }) => {
      const [, seconds] = /--start-period=(\d+)s/.exec(readFileSync(`${root}Dockerfile`, 'utf8'))!;
      expect(failureMs(main.startupProbe!)).toBeGreaterThanOrEqual(1_000 * Number(seconds));
    });

    it.each(byName)('a frozen %s is restarted later than its registration expires', (_, { main }) => {
      const ttlMs = Number(registryUrl().options.get('ttlMs') ?? defaultTtlMs(scheme));
      expect(ttlMs).toBeGreaterThan(0);
      expect(failureMs(main.livenessProbe!)).toBeGreaterThan(ttlMs);
    });

    it('the URL of the registry names its members, or the agent of the pod', () => {
      const [registry] = manifestsOf(manifests, 'StatefulSet');
      const members = Array.from({ length: registry!.spec!.replicas! }, (_, index) => {
        const { serviceName } = registry!.spec!;
        return { host: `${nameOf(registry!)}-${index}.${serviceName}`, port: 2379 };
      });
      expect(registryUrl()).toMatchObject({
        scheme,
        hosts: scheme === 'etcd' ? members : [{ host: '127.0.0.1', port: 8500 }],
      });
      const list = members.map(({ host, port }) => `${host}:${port}`).join(',');
      const flags = workloads.flatMap(
        ({ main }) => main.args?.filter((arg) => arg.startsWith('--etcd=')) ?? [],
      );
      expect(flags.filter((flag) => flag !== `--etcd=${list}`)).toEqual([]);
    });
  },
);
