import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { composeServices } from '../kubernetes/compose-file.js';
import { type Workload, workloadsOf } from '../kubernetes/manifests.js';
import { renderOverlays } from '../kubernetes/overlays.js';
import { composeUnavailable, docker } from './docker.js';
import { PodContainers } from './pod-containers.js';
import { ComposeStack } from './stack.js';

const unavailable = await composeUnavailable();
if (unavailable !== undefined && process.env['CI']) throw new Error(`docker is unavailable: ${unavailable}`);
const overlays = await renderOverlays();
const isAvailable = unavailable === undefined && (overlays.get('etcd') ?? []).length > 0;

/** Distinct for each run on a machine. */
const subnet = `10.213.${process.pid % 256}`;
const prefix = `rollcall-pods-${process.pid}`;

describe.skipIf(!isAvailable)('deploy/k8s in containers', () => {
  const stack = new ComposeStack('');
  let shopImage: string;

  beforeAll(async () => {
    shopImage = await stack.build();
  });
  afterAll(() => stack.down());

  describe.each([...overlays])('the pods of overlays/%s', (overlay, manifests) => {
    const workloads = workloadsOf(manifests);
    const registry = workloads.find(({ kind }) => kind === 'StatefulSet')!;
    const apps = workloads.filter(({ kind }) => kind === 'Deployment');
    const pods = new Map<string, PodContainers>();
    // Where the images of compose are replaced, those of the manifests are, too.
    const replaced = process.env[`${overlay.toUpperCase()}_IMAGE`] || composeServices()[overlay]!.image;
    const imageOf = (image: string) => (image.startsWith('rollcall-shop:') ? shopImage : replaced);

    async function startPod(workload: Workload, name: string): Promise<PodContainers> {
      const ip = `${subnet}.${10 + pods.size}`;
      const pod = new PodContainers({
        manifests,
        workload,
        name: `${prefix}.${name}`,
        network: prefix,
        ip,
        imageOf,
      });
      pods.set(name, pod);
      await pod.start();
      return pod;
    }

    beforeAll(() => docker(['network', 'create', `--subnet=${subnet}.0/24`, prefix]));
    afterAll(async () => {
      await Promise.all([...pods.values()].map((pod) => pod.remove()));
      await docker(['network', 'rm', prefix]);
    });

    it('the three members of the registry start together, and are ready', async () => {
      const members = Array.from({ length: registry.replicas }, (_, index) => `${registry.name}-${index}`);
      const started = await Promise.all(members.map((name) => startPod(registry, name)));
      await Promise.all(started.map((pod) => pod.untilReady()));
      for (const pod of started) expect(await pod.passes('livenessProbe')).toBe(true);
    });

    it('a pod of each Deployment starts and becomes ready', async () => {
      const started = await Promise.all(apps.map((workload) => startPod(workload, workload.name)));
      await Promise.all(started.map((pod) => pod.untilReady()));
      for (const pod of started) expect(await pod.passes('livenessProbe')).toBe(true);
    });

    it.each(apps.map(({ name }) => name))(
      '%s is an ordinary user without capabilities, and cannot write',
      async (name) => {
        const capabilities = 'fs.readFileSync("/proc/self/status", "utf8").match(/^CapEff:.*$/m)[0]';
        const write =
          '(() => { try { fs.writeFileSync("probe", ""); } catch ({ code }) { return code; } })()';
        const seen = await pods.get(name)!.evaluate(`[process.getuid(), ${capabilities}, ${write}]`);
        expect(seen).toEqual([1000, `CapEff:\t${'0'.repeat(16)}`, 'EROFS']);
      },
    );

    it('a product is served with its three parts', async () => {
      const url = `http://${await pods.get('aggregator')!.address(8080)}/api/products/hp-aria`;
      const product = { servedBy: expect.stringContaining('product-detail-') };
      expect(await (await fetch(url)).json()).toMatchObject({ degraded: false, product });
    });

    it.runIf(overlay === 'etcd')('the gateway gets its list from the goods', async () => {
      const url = `http://${await pods.get('gateway')!.address(8080)}/goods/list`;
      const message = 'get goods list success';
      expect(await (await fetch(url)).json()).toMatchObject({ code: 0, message });
    });

    it('while the registry is down, ready pods stay ready, and a new one does not become ready', async () => {
      const members = [...pods].filter(([name]) => /-\d$/.test(name)).map(([, pod]) => pod);
      await Promise.all(members.map((pod) => pod.kill()));
      const late = await startPod(
        apps.find(({ name }) => name === 'inventory')!,
        'late',
      );
      const shop = apps.filter(({ labels }) => labels['app.kubernetes.io/component'] !== 'example');
      const ready = await Promise.all(shop.map(({ name }) => pods.get(name)!.passes('readinessProbe')));
      expect(ready).not.toContain(false);
      expect(await late.passes('readinessProbe')).toBe(false);
      expect(await late.passes('livenessProbe')).toBe(true);
    });

    it('each ends on SIGTERM within its grace period, and leaves nothing running', async () => {
      const codes = await Promise.all(apps.map(({ name }) => pods.get(name)!.stop()));
      expect(codes.flatMap((byContainer) => Object.values(byContainer)).filter((code) => code !== 0)).toEqual(
        [],
      );
    });
  });
});
