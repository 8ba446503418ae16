import type { Deployment, StatefulSet } from 'kubernetes-types/apps/v1.js';
import type { ConfigMap, Container, Namespace, PodSpec, Probe, Service } from 'kubernetes-types/core/v1.js';
import type { LabelSelector } from 'kubernetes-types/meta/v1.js';
import type { Ingress, NetworkPolicy } from 'kubernetes-types/networking/v1.js';
import type { PodDisruptionBudget } from 'kubernetes-types/policy/v1.js';

interface Kinds {
  readonly ConfigMap: ConfigMap;
  readonly Deployment: Deployment;
  readonly Ingress: Ingress;
  readonly Namespace: Namespace;
  readonly NetworkPolicy: NetworkPolicy;
  readonly PodDisruptionBudget: PodDisruptionBudget;
  readonly Service: Service;
  readonly StatefulSet: StatefulSet;
}

export type Manifest = Kinds[keyof Kinds];
export type Labels = Readonly<Record<string, string>>;

/** A Deployment or a StatefulSet, and its pods. */
export interface Workload {
  readonly name: string;
  readonly kind: 'Deployment' | 'StatefulSet';
  readonly replicas: number;
  readonly selector: LabelSelector;
  /** Those of its pods. */
  readonly labels: Labels;
  readonly pod: PodSpec;
  /** Sidecars first, as they start. */
  readonly containers: readonly Container[];
  /** The container that is not a sidecar. */
  readonly main: Container;
}

export const nameOf = ({ metadata }: Manifest): string => metadata?.name ?? '';

export function manifestsOf<K extends keyof Kinds>(manifests: readonly Manifest[], kind: K): Kinds[K][] {
  return manifests.filter((manifest) => manifest.kind === kind) as Kinds[K][];
}

export function workloadsOf(manifests: readonly Manifest[]): Workload[] {
  return [...manifestsOf(manifests, 'Deployment'), ...manifestsOf(manifests, 'StatefulSet')].map(
    (manifest) => {
      const { replicas, selector, template } = manifest.spec!;
      const pod = template.spec!;
      return {
        name: nameOf(manifest),
        kind: manifest.kind!,
        replicas: replicas!,
        selector,
        labels: template.metadata!.labels!,
        pod,
        containers: [...(pod.initContainers ?? []), ...pod.containers],
        main: pod.containers[0]!,
      };
    },
  );
}

/** Whether a selector selects pods with these labels. Only `matchLabels` is used here. */
export function selects({ matchLabels = {}, ...others }: LabelSelector, labels: Labels): boolean {
  if (Object.keys(others).length > 0) throw new Error(`not evaluated here: ${Object.keys(others).join()}`);
  return Object.entries(matchLabels).every(([key, value]) => labels[key] === value);
}

/** The number of a port that a probe or a service may name. */
export function portNumber({ ports = [] }: Container, port: number | string): number | undefined {
  return typeof port === 'number' ? port : ports.find(({ name }) => name === port)?.containerPort;
}

/** The port that a probe asks; undefined for a command. */
export function portOf(container: Container, { grpc, httpGet }: Probe): number | undefined {
  return grpc?.port ?? (httpGet && portNumber(container, httpGet.port));
}

/** How long a probe fails before it has consequences, in ms. */
export function failureMs({ periodSeconds = 10, timeoutSeconds = 1, failureThreshold = 3 }: Probe): number {
  return 1_000 * ((failureThreshold - 1) * periodSeconds + timeoutSeconds);
}
