import { describe, expect, it } from 'vitest';
import { type Manifest, manifestsOf, workloadsOf } from './manifests.js';
import { allows, type Peer } from './network-policies.js';
import { renderOverlays } from './overlays.js';

const overlays = await renderOverlays();
const isAvailable = (overlays.get('etcd') ?? []).length > 0;

const services = ['inventory', 'product-detail', 'review'];
const shop = ['aggregator', ...services];
const all = [...shop, 'gateway', 'goods'];

const elsewhere = (name: string): Peer => ({ pod: {}, namespace: { 'kubernetes.io/metadata.name': name } });
const outside = ['default', 'ingress-nginx', 'kube-system'];

const expected: Readonly<Record<string, readonly string[]>> = {
  etcd: [
    ...services.map((service) => `aggregator > ${service}:50051`),
    'gateway > goods:8080',
    ...[...all, 'etcd'].map((client) => `${client} > etcd:2379`),
    'etcd > etcd:2380',
    'ingress-nginx > aggregator:8080',
    'ingress-nginx > gateway:8080',
  ],
  consul: [
    ...services.map((service) => `aggregator > ${service}:50051`),
    ...[...shop, 'consul'].flatMap((agent) => [
      `${agent} > consul:8300`,
      ...[...shop, 'consul'].flatMap((other) => [`${agent} > ${other}:8301`, `${agent} > ${other}:8301/UDP`]),
    ]),
    'ingress-nginx > aggregator:8080',
  ],
};

/** All connections to a port of a container that the policies allow. */
function connectionsOf(manifests: readonly Manifest[]): string[] {
  const policies = manifestsOf(manifests, 'NetworkPolicy');
  const workloads = workloadsOf(manifests);
  const peers = [
    ...workloads.map(({ name, labels }) => [name, { pod: labels }] as const),
    ...outside.map((name) => [name, elsewhere(name)] as const),
  ];
  return peers.flatMap(([from, peer]) =>
    workloads.flatMap(({ name, labels, containers }) =>
      containers
        .flatMap(({ ports = [] }) => ports)
        .map(({ containerPort: number, protocol = 'TCP' }) => ({ number, protocol }))
        .filter((port) => allows(policies, peer, { pod: labels }, port))
        .map(({ number, protocol }) => `${from} > ${name}:${number}${protocol === 'TCP' ? '' : '/UDP'}`),
    ),
  );
}

describe.skipIf(!isAvailable).each([...overlays])(
  'the network policies of overlays/%s',
  (name, manifests) => {
    it('allow what the programs need, and nothing else', () => {
      expect(connectionsOf(manifests).toSorted()).toEqual(expected[name]?.toSorted());
    });

    it('allow DNS, and nothing else outside of the namespace', () => {
      const policies = manifestsOf(manifests, 'NetworkPolicy');
      const allowed = workloadsOf(manifests).flatMap(({ labels }) =>
        outside.flatMap((namespace) =>
          [53, 80, 443].flatMap((number) =>
            ['TCP', 'UDP']
              .filter((protocol) =>
                allows(policies, { pod: labels }, elsewhere(namespace), { number, protocol }),
              )
              .map((protocol) => `${namespace}:${number}/${protocol}`),
          ),
        ),
      );
      expect([...new Set(allowed)]).toEqual(['kube-system:53/TCP', 'kube-system:53/UDP']);
    });
  },
);
