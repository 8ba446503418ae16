import { experimental } from '@grpc/grpc-js';
import { DiscoveryError } from '../model/errors.js';
import type { Registry } from '../registry.js';

/**
 * The version of {@link ProcessState}, of the settings and names of our policies in service configs, of the attributes of
 * endpoints, and of the members of `Registry` and `Watch` that a resolver uses. Raise it when a copy of the library could not use those of another one.
 */
const version = 3;

/**
 * What a process has once for each copy of grpc-js, which keeps one table of resolvers and one of policies. A program may
 * load several copies of this library (of two dependencies, or as ESM and through a bundler): they share what the first
 * one has registered.
 */
export interface ProcessState {
  readonly version: number;
  /** By scheme, then by name; the newest last. */
  readonly registries: Map<string, Map<string, Registry[]>>;
  /** The resolvers and policies that are registered with grpc-js. */
  readonly registered: Set<string>;
  /** The `scheme://name/` of registries that are still to be registered: channels wait for them. */
  readonly expected: Set<string>;
  /** Called after a registry was registered or unregistered. */
  readonly onRegistriesChanged: Set<() => void>;
}

const key = Symbol.for('@rollcall/discovery/grpc');
const holder = globalThis as { [key]?: WeakMap<object, ProcessState> };

/** @throws {DiscoveryError} INCOMPATIBLE_COPY when this module is loaded after a copy with another {@link version}. */
export const processState = loadProcessState();

/** Calls `register` if no copy of this library has registered `name` with grpc-js. */
export function registerOnce(name: string, register: () => void): void {
  if (processState.registered.has(name)) return;
  processState.registered.add(name);
  register();
}

function loadProcessState(): ProcessState {
  holder[key] ??= new WeakMap();
  const known = holder[key].get(experimental);
  if (known && known.version !== version) {
    throw new DiscoveryError(
      'INCOMPATIBLE_COPY',
      `another copy of @rollcall/discovery is loaded that shares version ${known.version} with grpc-js, this one version ${version}: install one version`,
    );
  }
  const state = known ?? {
    version,
    registries: new Map(),
    registered: new Set(),
    expected: new Set(),
    onRegistriesChanged: new Set(),
  };
  holder[key].set(experimental, state);
  return state;
}
