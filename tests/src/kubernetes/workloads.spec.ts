import { describe, expect, it } from 'vitest';
import { manifestsOf, nameOf, portNumber, portOf, selects, workloadsOf } from './manifests.js';
import { renderOverlays } from './overlays.js';

const overlays = await renderOverlays();
const isAvailable = (overlays.get('etcd') ?? []).length > 0;

describe.skipIf(!isAvailable).each([...overlays])('overlays/%s', (_, manifests) => {
  const workloads = workloadsOf(manifests);
  const deployments = manifestsOf(manifests, 'Deployment');
  const statefulSets = manifestsOf(manifests, 'StatefulSet');
  const byName = workloads.map((workload) => [workload.name, workload] as const);
  const containers = workloads.flatMap(({ name, containers: all }) =>
    all.map((container) => [`${name}/${container.name}`, container] as const),
  );

  it('has the shop, a registry of three, and one namespace', () => {
    const names = ['aggregator', 'inventory', 'product-detail', 'review'];
    expect(deployments.map(nameOf)).toEqual(expect.arrayContaining(names));
    expect(statefulSets.map(({ spec }) => spec?.replicas)).toEqual([3]);
    const namespaced = manifests.filter(({ kind }) => kind !== 'Namespace');
    const namespaces = new Set(namespaced.map(({ metadata }) => metadata?.namespace));
    expect([...namespaces]).toEqual(manifestsOf(manifests, 'Namespace').map(nameOf));
  });

  it.each(deployments.map((deployment) => [nameOf(deployment), deployment] as const))(
    '%s is replaced pod by pod, each once its successor is ready',
    (__, { spec }) => {
      const rollingUpdate = { maxSurge: 1, maxUnavailable: 0 };
      expect(spec?.strategy).toEqual({ type: 'RollingUpdate', rollingUpdate });
    },
  );

  it.each(statefulSets.map((statefulSet) => [nameOf(statefulSet), statefulSet] as const))(
    '%s has a disk and a name for each of its members, and no order of their starts',
    (name, { spec }) => {
      expect(spec).toMatchObject({ podManagementPolicy: 'Parallel', serviceName: name });
      expect(spec?.volumeClaimTemplates?.map(({ spec: claim }) => claim?.accessModes)).toEqual([
        ['ReadWriteOnce'],
      ]);
      const service = manifestsOf(manifests, 'Service').find((each) => nameOf(each) === name);
      expect(service?.spec).toMatchObject({ clusterIP: 'None', publishNotReadyAddresses: true });
      const claims = spec?.volumeClaimTemplates?.map(nameOf as (claim: object) => string);
      const mounts = spec?.template.spec?.containers[0]?.volumeMounts?.map(({ name: volume }) => volume);
      expect(mounts).toEqual(claims);
    },
  );

  it.each(byName)('one pod of %s at a time may be evicted, and its pods are spread', (__, workload) => {
    const { replicas, labels, pod } = workload;
    expect(replicas).toBeGreaterThan(1);
    const budgets = manifestsOf(manifests, 'PodDisruptionBudget').filter(({ spec }) =>
      selects(spec!.selector!, labels),
    );
    expect(budgets.map(({ spec }) => spec?.maxUnavailable)).toEqual([1]);
    const spread = pod.topologySpreadConstraints?.map(({ topologyKey }) => topologyKey).toSorted();
    expect(spread).toEqual(['kubernetes.io/hostname', 'topology.kubernetes.io/zone']);
  });

  // https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted
  it.each(byName)('%s runs as an ordinary user without a token of the cluster', (__, { pod }) => {
    expect(pod.securityContext).toMatchObject({
      runAsNonRoot: true,
      runAsUser: expect.toSatisfy((user: number) => user > 0),
      seccompProfile: { type: 'RuntimeDefault' },
    });
    expect(pod).toMatchObject({ automountServiceAccountToken: false, enableServiceLinks: false });
    expect([pod.hostNetwork, pod.hostPID, pod.hostIPC]).toEqual([undefined, undefined, undefined]);
    expect((pod.volumes ?? []).filter(({ emptyDir }) => !emptyDir)).toEqual([]);
  });

  it.each(containers)('%s cannot write, gains no privileges, and has limits', (__, container) => {
    expect(container.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
    expect(container.resources).toMatchObject({
      requests: { cpu: expect.any(String), memory: expect.any(String) },
      limits: { memory: expect.any(String) },
    });
    expect((container.ports ?? []).filter(({ hostPort }) => hostPort)).toEqual([]);
  });

  it.each(byName)(
    '%s has all probes, on ports of its own, and serves on after its eviction',
    (__, { main }) => {
      const probes = [main.startupProbe, main.readinessProbe, main.livenessProbe];
      expect(probes).not.toContain(undefined);
      const ports = (main.ports ?? []).map(({ containerPort }) => containerPort);
      const asked = probes.flatMap((probe) => (probe?.exec ? [] : portOf(main, probe!)));
      expect(ports).toEqual(expect.arrayContaining(asked));
      expect(main.lifecycle?.preStop?.sleep?.seconds).toBeGreaterThan(0);
    },
  );

  it('whatever a manifest names exists', () => {
    const existing = (kind: 'ConfigMap' | 'Service') => manifestsOf(manifests, kind).map(nameOf);
    const configMaps = containers.flatMap(([, { envFrom = [] }]) =>
      envFrom.flatMap(({ configMapRef }) => configMapRef?.name ?? []),
    );
    expect(existing('ConfigMap')).toEqual(expect.arrayContaining(configMaps));
    for (const { selector, labels } of workloads) expect(selects(selector, labels)).toBe(true);
    for (const { spec } of manifestsOf(manifests, 'Service')) {
      const selected = workloads.filter(({ labels }) => selects({ matchLabels: spec!.selector! }, labels));
      expect(selected).toHaveLength(1);
      for (const { targetPort } of spec!.ports!)
        expect(portNumber(selected[0]!.main, targetPort!)).toBeDefined();
    }
    for (const { spec } of manifestsOf(manifests, 'Ingress')) {
      const backends = spec!.rules!.flatMap(({ http }) => http!.paths.map(({ backend }) => backend.service!));
      for (const { name, port } of backends) {
        const service = manifestsOf(manifests, 'Service').find((each) => nameOf(each) === name);
        expect(service?.spec?.ports?.map((each) => each.name)).toContain(port?.name);
      }
    }
  });

  it('there is no secret in it', () => {
    expect(manifests.map(({ kind }) => kind as string)).not.toContain('Secret');
    const credentials = /:\/\/[^/"]*@|[?&](?:token|password)=|"\w*(?:TOKEN|PASSWORD)"/g;
    expect(JSON.stringify(manifests).match(credentials)).toBeNull();
    const secrets = containers.flatMap(([, { envFrom = [] }]) =>
      envFrom.flatMap(({ secretRef }) => secretRef ?? []),
    );
    expect(secrets.filter(({ optional }) => !optional)).toEqual([]);
  });
});
