import { DiscoveryError } from '../model/errors.js';
import { defineInstance, type Instance } from '../model/instance.js';
import { describeInvalid } from '../model/invalid-option.js';

/** The fields of a registered instance that can change. `undefined` resets a field to its default. */
export type InstanceUpdate = {
  readonly [Field in 'weight' | 'tags' | 'metadata' | 'zone' | 'version']?: Instance[Field] | undefined;
};

const updatableFields = ['weight', 'tags', 'metadata', 'zone', 'version'];

/** @throws {DiscoveryError} INVALID_INSTANCE. */
export function updateInstance(instance: Instance, update: InstanceUpdate): Instance {
  for (const field of Object.keys(update)) {
    if (updatableFields.includes(field)) continue;
    const advice = `only ${updatableFields.join(', ')} can change; for the rest, close the registration and register anew`;
    throw new DiscoveryError('INVALID_INSTANCE', describeInvalid('update of', field, advice));
  }
  return defineInstance({ ...instance, ...update } as Instance);
}

/** The instance to announce, which can be replaced while it is announced. */
export class DesiredInstance {
  #instance: Instance;
  #version = 0;
  #shownVersion = -1;
  #replaced = new AbortController();

  constructor(instance: Instance) {
    this.#instance = instance;
  }

  get instance(): Instance {
    return this.#instance;
  }

  /** Counts the replacements. */
  get version(): number {
    return this.#version;
  }

  /** Aborts when the instance is replaced. */
  get replaced(): AbortSignal {
    return this.#replaced.signal;
  }

  replace(instance: Instance): void {
    this.#instance = instance;
    this.#version += 1;
    this.#replaced.abort();
    this.#replaced = new AbortController();
  }

  /** Whether others have seen this version, or a later one. */
  isShown(version: number): boolean {
    return this.#shownVersion >= version;
  }

  markShown(version: number): void {
    this.#shownVersion = version;
  }
}
