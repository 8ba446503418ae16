import type { Container, EnvVar } from 'kubernetes-types/core/v1.js';
import { until } from '@rollcall/tools';
import { failureMs, type Manifest, manifestsOf, nameOf, type Workload } from '../kubernetes/manifests.js';
import { docker } from './docker.js';
import { passes } from './pod-probes.js';

export interface PodOptions {
  readonly manifests: readonly Manifest[];
  readonly workload: Workload;
  /** Unique on this machine; the pod's own name follows its last dot. */
  readonly name: string;
  readonly network: string;
  readonly ip: string;
  /** The image to run instead of the one that a manifest names. */
  readonly imageOf: (image: string) => string;
}

/**
 * A pod as Docker containers that share a network: started as its manifest says, by user, capabilities, file systems, limits,
 * variables, command and probes. Docker is the kubelet here, and no cluster is needed.
 */
export class PodContainers {
  readonly #options: PodOptions;
  readonly #addresses = new Map<number, string>();
  readonly #started: { readonly id: string; readonly container: Container }[] = [];

  constructor(options: PodOptions) {
    this.#options = options;
  }

  /** Starts the containers in their order, each once the one before it has passed its startup probe. */
  async start(): Promise<void> {
    for (const container of this.#options.workload.containers) {
      const id = (await docker(['run', '--detach', ...this.#argumentsOf(container)])).trim();
      this.#started.push({ id, container });
      await this.#untilPasses('startupProbe', container);
    }
  }

  /** Until all containers are ready; those that have no such probe are. */
  async untilReady(): Promise<void> {
    for (const { container } of this.#started) await this.#untilPasses('readinessProbe', container);
  }

  /** Whether each container that has this probe passes it now. */
  async passes(kind: 'startupProbe' | 'readinessProbe' | 'livenessProbe'): Promise<boolean> {
    const results = this.#started.map(({ container }) => this.#passes(kind, container));
    return (await Promise.all(results)).every(Boolean);
  }

  /** `host:port` on this machine for a port of the pod. */
  async address(port: number): Promise<string> {
    let address = this.#addresses.get(port);
    if (address === undefined) {
      [address = ''] = (await docker(['port', this.#started[0]!.id, `${port}/tcp`])).trim().split('\n');
      this.#addresses.set(port, address);
    }
    return address;
  }

  /** Evaluates a JavaScript expression in the last container, as its user. */
  async evaluate(expression: string): Promise<unknown> {
    const source = `console.log(JSON.stringify(${expression}))`;
    return JSON.parse(await docker(['exec', this.#started.at(-1)!.id, 'node', '-e', source]));
  }

  /** SIGTERM, and SIGKILL at the end of the grace period. Resolves with the exit codes, by container. */
  async stop(): Promise<Record<string, number>> {
    const { pod } = this.#options.workload;
    const codes: Record<string, number> = {};
    // Sidecars last.
    for (const { id, container } of this.#started.toReversed()) {
      const preStopSeconds = container.lifecycle?.preStop?.sleep?.seconds ?? 0;
      await docker(['stop', '--time', String(pod.terminationGracePeriodSeconds! - preStopSeconds), id]);
      codes[container.name] = Number(await inspect(id, '{{.State.ExitCode}}'));
    }
    return codes;
  }

  /** SIGKILL, as when a node is lost. */
  async kill(): Promise<void> {
    await docker(['kill', '--signal', 'SIGKILL', ...this.#started.map(({ id }) => id)]);
  }

  async remove(): Promise<void> {
    const names = this.#options.workload.containers.map((container) => this.#nameOf(container));
    await docker(['rm', '--force', '--volumes', ...names]);
  }

  /** @throws {Error} with the end of its log, if it exits or does not pass in time. */
  async #untilPasses(kind: 'startupProbe' | 'readinessProbe', container: Container): Promise<void> {
    const probe = container[kind];
    if (!probe) return;
    const { id } = this.#started.find((each) => each.container === container)!;
    const failed = async (reason: string) =>
      new Error(`${this.#options.name}: ${reason}; ${await docker(['logs', '--tail', '20', id])}`);
    const hasPassed = async () => {
      if (await this.#passes(kind, container)) return true;
      if ((await inspect(id, '{{.State.Running}}')) !== 'true') throw await failed('it has exited');
      return false;
    };
    await until(hasPassed, {
      deadlineMs: Math.max(failureMs(probe), 60_000),
      everyMs: 200,
      describe: () => kind,
    }).catch(async (error: Error) => {
      throw await failed(error.message);
    });
  }

  async #passes(kind: 'startupProbe' | 'readinessProbe' | 'livenessProbe', container: Container) {
    const probe = container[kind];
    const { id } = this.#started.find((each) => each.container === container)!;
    return !probe || passes(probe, { id, container, address: (port) => this.address(port) });
  }

  #argumentsOf(container: Container): string[] {
    const { workload, network, ip, imageOf } = this.#options;
    const owner = this.#started[0];
    const { runAsUser, runAsGroup } = { ...workload.pod.securityContext, ...container.securityContext };
    const { readOnlyRootFilesystem, allowPrivilegeEscalation, capabilities } = container.securityContext!;
    const variables = this.#variablesOf(container);
    // As Kubernetes does: $(NAME) is replaced by the variable.
    const expand = (text: string) => text.replaceAll(/\$\((\w+)\)/g, (_, key: string) => variables[key]!);
    const [program, ...words] = (container.command ?? []).map(expand);
    const ports = workload.containers.flatMap(({ ports: own = [] }) => own);
    return [
      `--name=${this.#nameOf(container)}`,
      ...(owner
        ? [`--network=container:${owner.id}`]
        : [
            `--network=${network}`,
            `--ip=${ip}`,
            `--hostname=${this.#podName}`,
            `--network-alias=${this.#dnsName}`,
            ...ports.map(({ containerPort, protocol = 'TCP' }) =>
              protocol === 'TCP' ? `--publish=127.0.0.1::${containerPort}` : `--expose=${containerPort}/udp`,
            ),
          ]),
      `--user=${runAsUser}:${runAsGroup}`,
      ...(readOnlyRootFilesystem ? ['--read-only'] : []),
      ...(capabilities?.drop ?? []).map((capability) => `--cap-drop=${capability}`),
      ...(allowPrivilegeEscalation === false ? ['--security-opt=no-new-privileges:true'] : []),
      `--memory=${container.resources!.limits!['memory']!.replace('Mi', 'm')}`,
      ...Object.entries(variables).map(([key, value]) => `--env=${key}=${value}`),
      ...this.#mountsOf(container),
      ...(program === undefined ? [] : [`--entrypoint=${program}`]),
      imageOf(container.image!),
      ...words,
      ...(container.args ?? []).map(expand),
    ];
  }

  /** A volume claim belongs to root and to `fsGroup`; an emptyDir is writable by all. */
  #mountsOf({ volumeMounts = [] }: Container): string[] {
    const { volumes = [], securityContext } = this.#options.workload.pod;
    return volumeMounts.map(({ name, mountPath }) => {
      const isEmptyDir = volumes.some((volume) => volume.name === name && volume.emptyDir);
      return `--tmpfs=${mountPath}:uid=0,gid=${securityContext?.fsGroup ?? 0},mode=${isEmptyDir ? '0777' : '2775'}`;
    });
  }

  #variablesOf({ env = [], envFrom = [] }: Container): Record<string, string> {
    const configMaps = manifestsOf(this.#options.manifests, 'ConfigMap');
    const shared = envFrom.map(
      ({ configMapRef }) =>
        configMaps.find((configMap) => nameOf(configMap) === configMapRef?.name)?.data ?? {},
    );
    const own = Object.fromEntries(env.map((variable) => [variable.name, this.#valueOf(variable)]));
    return Object.assign({}, ...shared, own) as Record<string, string>;
  }

  #valueOf({ value, valueFrom }: EnvVar): string {
    const path = valueFrom?.fieldRef?.fieldPath;
    if (path === 'status.podIP') return this.#options.ip;
    return path === 'metadata.name' ? this.#podName : value!;
  }

  #nameOf(container: Container): string {
    return `${this.#options.name}-${container.name}`;
  }

  get #podName(): string {
    return this.#options.name.split('.').at(-1)!;
  }

  /** A member of a StatefulSet has a name of its own: `etcd-0.etcd`. */
  get #dnsName(): string {
    const { kind, name } = this.#options.workload;
    return kind === 'StatefulSet' ? `${this.#podName}.${name}` : this.#podName;
  }
}

const inspect = async (id: string, format: string) =>
  (await docker(['inspect', '--format', format, id])).trim();
