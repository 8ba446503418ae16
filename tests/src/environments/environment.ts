import type { Backend, Instance, Registry, RegistryOptions } from '@rollcall/discovery';
import type { AllowedDifferences, FaultProxy } from '@rollcall/discovery/testing';
import type { DnsProxy } from './dns-proxy.js';

export type RegistryKind = 'file' | 'etcd' | 'consul' | 'srv';

/** A registry handle with a network of its own to break. */
export interface Connection {
  readonly registry: Registry;
  /** Undefined for a directory, which has no network, and for DNS, which uses datagrams. */
  readonly proxy: FaultProxy | undefined;
  /** In place of the proxy, for a handle that uses DNS. */
  readonly dns?: DnsProxy;
  close(): Promise<void>;
}

export interface ConnectOptions extends RegistryOptions {
  /** The TTL of instances that this handle registers, in ms. Default {@link RegistryEnvironment.ttlMs}. */
  readonly ttlMs?: number;
  /** The deadline of its requests, in ms. Default: that of the environment. */
  readonly requestTimeoutMs?: number;
}

/** A real registry to use and to break. */
export interface RegistryEnvironment {
  readonly kind: RegistryKind;
  /** As its server reports it. */
  readonly version: string;
  /** The default TTL of instances, in ms. */
  readonly ttlMs: number;
  /** A scenario that has not recovered after this many ms has failed: the promised time, with room for a busy machine. */
  readonly recoveryDeadlineMs: number;
  /** Within how many ms clients must notice a registry that stops answering. */
  readonly noticeWithinMs: number;
  readonly operator: Operator;
  /** Qualifies times that are measured from the last start; shown in the report. */
  readonly startNote?: string | undefined;
  /** `REGISTRY_URL` for a handle in another process. Without a proxy. */
  url(ttlMs?: number): string;
  connect(options?: ConnectOptions): Promise<Connection>;
  /** A handle that watches, where one that registers cannot. */
  connectWatcher?(options?: ConnectOptions): Promise<Connection>;
  /** A backend with default options, as the conformance suite tests it; DNS with short intervals. */
  backend(): Backend;
  /** What the backend cannot do. */
  readonly allows?: AllowedDifferences;
  /** SIGKILL, or its nearest equivalent. */
  kill(): Promise<void>;
  /** Starts a killed registry, with or without its data. Resolves when it answers clients. */
  start(options?: { readonly wipe?: boolean }): Promise<void>;
  /** SIGSTOP. */
  freeze(): Promise<void>;
  /** SIGCONT. */
  thaw(): Promise<void>;
  /** Saves the state of `service`. The returned function restores it, as an operator restores a snapshot. */
  checkpoint(service: string): Promise<() => Promise<void>>;
  /** Makes the registry usable again, whatever state a scenario left it in. */
  repair(): Promise<void>;
  close(): Promise<void>;
}

/** What operators do to a registry with its own tools, behind the library's back. */
export interface Operator {
  /** `id host:port` of every record of `service`, sorted, including those whose health check fails. */
  records(service: string): Promise<readonly string[]>;
  deleteRecord(instance: Instance): Promise<void>;
  /** Deletes all records of `service`, in one operation where the registry supports it. */
  deleteAll(service: string): Promise<void>;
  /** Replaces the record of `instance` with this one, as another living owner of its id would. */
  overwrite(instance: Instance): Promise<void>;
  /** Ends what keeps the record alive: its lease, heartbeat or check. */
  loseLease(instance: Instance): Promise<void>;
  /** Writes one unreadable record of each sort. Returns their keys, as the library logs them. */
  writeUnreadableSamples(service: string): Promise<readonly string[]>;
  /** Writes `count` unreadable records. */
  writeUnreadable(service: string, count: number): Promise<void>;
  deleteUnreadable(service: string): Promise<void>;
  /** Makes `count` writes that are unrelated to any service. */
  churn(count: number): Promise<void>;
}
