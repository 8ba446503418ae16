import { setImmediate as turn } from 'node:timers/promises';
import type { Backend, Instance, ObservedSet, ObserveSession, OwnRecord } from '@rollcall/discovery';

/** A registry in this process that lists what it is given. Instances that stay are the same objects in each list. */
export class ListBackend implements Backend {
  readonly scheme = 'bench';
  readonly location = 'bench://list';
  #instances: readonly Instance[];
  #notify = () => {};

  constructor(instances: readonly Instance[]) {
    this.#instances = instances;
  }

  list(instances: readonly Instance[]): void {
    this.#instances = instances;
    this.#notify();
  }

  async *observe(_service: string, { signal }: ObserveSession): AsyncIterable<ObservedSet> {
    signal.addEventListener('abort', () => this.#notify());
    while (!signal.aborted) {
      yield { instances: this.#instances };
      await new Promise<void>((resolve) => {
        this.#notify = resolve;
      });
      // As an answer of a registry, which arrives in a turn of its own.
      await turn();
    }
  }

  observeAll(session: ObserveSession): AsyncIterable<ObservedSet> {
    return this.observe('*', session);
  }

  ownRecord(): OwnRecord {
    throw new Error('this backend is for watches');
  }

  async close(): Promise<void> {}
}
