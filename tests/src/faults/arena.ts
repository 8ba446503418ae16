import type { Instance, Registry, RegistryOptions } from '@rollcall/discovery';
import type { FaultProxy } from '@rollcall/discovery/testing';

export type Kind = 'file' | 'etcd' | 'consul';

/** A handle on the registry, as a process of its own would have one, with a network of its own to break. */
export interface Connection {
  readonly registry: Registry;
  /** None where there is no network in between. */
  readonly proxy: FaultProxy | undefined;
  close(): Promise<void>;
}

export interface ConnectOptions extends RegistryOptions {
  /** How long an instance that is not heard of stays in the registry, in ms. Default {@link Arena.ttlMs}. */
  readonly ttlMs?: number;
}

/** One registry to use and to break, the whole of it and behind our backs. */
export interface Arena {
  readonly kind: Kind;
  /** As its server says. */
  readonly version: string;
  /** The TTL of instances that are not told otherwise, in ms. */
  readonly ttlMs: number;
  /** How long a cure may take before it is none, in ms: what is promised, times a busy machine. */
  readonly patienceMs: number;
  /** In which time a silent registry must be noticed, in ms. */
  readonly silenceMs: number;
  readonly operator: Operator;
  /** What is to be told of the last start, beside what it led to. */
  readonly startNote?: string | undefined;
  /** `REGISTRY_URL`, for a handle of an own process. Without a proxy. */
  url(ttlMs?: number): string;
  connect(options?: ConnectOptions): Promise<Connection>;
  /** SIGKILL, or what comes next to it. */
  kill(): Promise<void>;
  /** Again, with its data or without. Resolves when it answers those who use it. */
  start(options?: { readonly wipe?: boolean }): Promise<void>;
  /** SIGSTOP. */
  freeze(): Promise<void>;
  thaw(): Promise<void>;
  /** Remembers the state of `service`; what is returned puts it in place of the present one, as a restore does. */
  checkpoint(service: string): Promise<() => Promise<void>>;
  /** Runs again, whatever a test has left. */
  heal(): Promise<void>;
  close(): Promise<void>;
}

/** What people do to a registry with its own tools. */
export interface Operator {
  /** `id host:port` of every record of `service`, sorted, also of those whose check fails. */
  records(service: string): Promise<readonly string[]>;
  deleteRecord(instance: Instance): Promise<void>;
  /** Removes all records of `service`, in one go where the registry can. */
  deleteAll(service: string): Promise<void>;
  /** Writes another address into the record, as another living owner would. */
  overwrite(instance: Instance, port: number): Promise<void>;
  /** The record stays, or goes with it; nobody keeps it alive any more. */
  loseLease(instance: Instance): Promise<void>;
  /** Writes records of `service` that nobody can use; their keys, as the library names them in its log. */
  writeGarbage(service: string): Promise<readonly string[]>;
  /** `count` keys beside the good ones that nobody can use. */
  writeJunk(service: string, count: number): Promise<void>;
  removeJunk(service: string): Promise<void>;
  /** `count` writes that have nothing to do with us. */
  churn(count: number): Promise<void>;
}
